/**
 * When the engine talks to the relay: one conversation at a time, started by something that waits, a wake-up, a broken line,
 * or a caller. Many reasons at once become one run.
 */
import { RelayUnreachable } from '../ports.ts';
import { refuse, type Refusal } from '../result.ts';
import { UNREACHABLE } from './core.ts';
import type { Connection } from './connection.ts';
import type { Intake } from './intake.ts';
import type { Lock } from './lock.ts';
import type { Mailbox } from './mailbox.ts';
import type { Outbox } from './outbox.ts';
import type { Publisher } from './publish.ts';
import { putMeta } from './rows.ts';
import { RETRY_MS, type Sending } from './sending.ts';
import { isWaiting, type State } from './state.ts';

export type Synced = { readonly ok: true } | { readonly ok: false; readonly error: Refusal };

/** First wait after a broken line, and the longest, in milliseconds. */
const SOON = 500;
const LATEST = 30_000;
/** The longest somebody is kept waiting for what leaves by itself, in milliseconds. */
const PATIENCE = 2000;

export function createConversation(
	state: State,
	{ changed, onChange, synchronized }: Publisher,
	parts: {
		readonly connection: Connection;
		readonly intake: Intake;
		readonly mailbox: Mailbox;
		readonly sending: Sending;
		readonly outbox: Outbox;
		readonly flow: Lock;
	}
) {
	const { clock, store } = state.ports;
	const { connection, intake, mailbox, sending, outbox, flow } = parts;
	let pulse: Promise<void> | undefined;
	let again = false;
	let later: AbortController | undefined;
	let delay = SOON;
	let syncing: Promise<Synced> | undefined;

	async function commitMail(): Promise<void> {
		for (;;) {
			const built = await mailbox.buildMailBatch();
			if (!built || state.frozen) return;
			const folded = state.mailFolded;
			const outcome = await sending.sendBuilt(built, false);
			// Ours is in, or a sibling copied the batch and the log has brought it.
			if (state.mailFolded === folded || !(outcome.ok || outcome.lost)) return;
		}
	}

	/**
	 * The one conversation: log, mail, outbox, until quiet.
	 *
	 *   hello ─▶ chain ─▶ log tail ─▶ mail (raw) ─▶ copy batch into log ─▶ waiting frame ─▶ intents ─▶ log tail …
	 *
	 * `everything` false: only own things leave; what others wrote stays unread. A hello that brought all there is asks no more.
	 */
	async function reconcile(everything: boolean): Promise<void> {
		state.wantsAll = everything;
		state.tail = undefined;
		await connection.ensureLine();
		if (state.frozen) return;
		if (everything) {
			const isComplete = hasAll();
			if (!isComplete) await intake.pullChain();
			await outbox.resendFrame();
			if (!isComplete) {
				await intake.pullLog();
				await intake.pullMail();
			}
			await commitMail();
		}
		await outbox.flush();
		if (everything && !state.frozen) {
			state.lastSync = clock.now();
			await store.write([putMeta('sync', { at: state.lastSync })]);
			synchronized();
		}
	}

	const hasAll = (): boolean =>
		state.tail !== undefined && state.tail.seq <= state.log.cursor && state.tail.mseq <= state.mailCursor;

	/** Something waits: talk to the relay as soon as the flow is free. */
	function kick(): void {
		if (state.closed) return;
		if (pulse) {
			again = true;
			return;
		}
		pulse = run().finally(() => {
			pulse = undefined;
			if (again) {
				again = false;
				kick();
			}
		});
	}

	async function run(): Promise<void> {
		const reached = await talking(() => flow.run(() => reconcile(state.live)));
		if (!reached && (state.live || isWaiting(state))) kickLater();
	}

	/** Shows that work is under way; false, and offline, when the relay cannot be reached. What could not leave is tried again. */
	async function talking(work: () => Promise<void>): Promise<boolean> {
		state.working += 1;
		changed();
		try {
			await work();
			state.offline = false;
			if (isWaiting(state) && !state.frozen) kickLater(RETRY_MS);
			return true;
		} catch (error) {
			if (!(error instanceof RelayUnreachable)) throw error;
			state.offline = true;
			return false;
		} finally {
			state.working -= 1;
			changed();
		}
	}

	/** Again in so many milliseconds; after a broken line in a while, longer each time. */
	function kickLater(wait?: number): void {
		if (later || state.closed) return;
		later = new AbortController();
		const { signal } = later;
		void clock.sleep(wait ?? longer(), signal).then(() => {
			later = undefined;
			if (signal.aborted || state.closed || !(state.live || isWaiting(state))) return;
			if (!state.offline) delay = SOON;
			kick();
		});
	}

	/** Until what waits now has left, was refused, or cannot leave for the moment. */
	async function attempted(): Promise<void> {
		const last = state.nextIntent;
		const waits = () => state.intents.some(({ n, failed }) => n < last && !failed);
		const over = new AbortController();
		await new Promise<void>((done) => {
			const stop = onChange(() => waits() || done());
			over.signal.addEventListener('abort', stop);
			void clock.sleep(PATIENCE, over.signal).then(done);
			void (async () => {
				while (pulse && waits()) await pulse;
				done();
			})();
		});
		over.abort();
	}

	function longer(): number {
		const wait = delay;
		delay = Math.min(delay * 2, LATEST);
		return wait;
	}

	async function syncOnce(): Promise<Synced> {
		try {
			if (!(await talking(() => flow.run(() => reconcile(true))))) return UNREACHABLE;
			return state.frozen
				? refuse('error.transport.request.unknown', 'The relay is not to be trusted.')
				: { ok: true };
		} finally {
			syncing = undefined;
		}
	}

	return {
		kick,
		kickLater,
		talking,
		/** Everything there is to read and to send; concurrent callers share one run. */
		sync: (): Promise<Synced> => (syncing ??= syncOnce()),
		attempted,
		/** No new attempt by itself. */
		rest: () => later?.abort(),
		pulse: () => pulse
	};
}
