/**
 * The engine of one identity on one device. Two locks keep it simple to reason about:
 *
 *   local   short critical sections: persist, then fold. Own actions are durable here first and shown at once.
 *   flow    one conversation with the relay at a time: hello → log → mail → outbox, until quiet (conversation.ts)
 *
 *   Store ──load──▶ base views (fold of the log) ──layer──▶ top views (waiting intents shown on top) ──▶ screens, REST
 *
 * Its parts share one state (state.ts): fold.ts reads, top.ts shows what waits, intake.ts takes what the relay brings, mailbox.ts looks at raw mail,
 * sending.ts seals and sends one entry, outbox.ts decides which, connection.ts holds the line, publish.ts tells.
 *
 * Invariants: (1) a raw entry is persisted with the cursor that covers it; (2) a sealed frame is persisted before it is sent
 * and only resent as it is; (3) after a refusal its session is closed; (4) views are folds, never written beside them;
 * (5) frozen means: nothing is sealed any more.
 */
import type { SyncStatus } from '../api.ts';
import type { Bytes } from '../codec/bytes.ts';
import type { Cbor } from '../codec/cbor.ts';
import { makePath } from '../identity/path.ts';
import { RelayUnreachable } from '../ports.ts';
import { refuse } from '../result.ts';
import { createConnection } from './connection.ts';
import { createConversation } from './conversation.ts';
import { UNREACHABLE, type Builders, type Client, type Core, type Outcome } from './core.ts';
import { createFolder, type Folder } from './fold.ts';
import { iso } from './folding.ts';
import { createIntake, PAGE } from './intake.ts';
import { decodeFrame, decodeIntent, encodeIntent, type Intent } from './intent.ts';
import { createLock } from './lock.ts';
import { readEntries, settled } from './log.ts';
import { createMailbox } from './mailbox.ts';
import { asTolerant, asUrgent, createOutbox, placed, withWaiting } from './outbox.ts';
import type { EnginePorts } from './ports.ts';
import { createPublisher, type Publisher } from './publish.ts';
import { decodeMail, getMeta, numberKey, putMeta } from './rows.ts';
import { createSending } from './sending.ts';
import { isWaiting, loadState, type State } from './state.ts';
import { createTop, type Top } from './top.ts';

/** Lost slots, unseen mail and stale epochs a caller's commit may meet before it gives up. */
const ATTEMPTS = 8;

/** Intents that wait to be persisted together. */
interface Arriving {
	readonly wanted: Parameters<Core['intend']>[0][];
	/** Durable and shown; rejects for all of them alike. */
	readonly taken: Promise<void>;
}

export async function openCore(ports: EnginePorts, builders: Builders, client?: Client): Promise<Core> {
	const { random, store } = ports;
	const state = await loadState(ports);
	const { self } = state;
	const local = createLock();
	const flow = createLock();
	/** Things begun since the start: closing waits until none begins another. */
	let begun = 0;
	let arriving: Arriving | undefined;

	const publisher = createPublisher(state);
	const { changed, keepTelling, markTold } = publisher;
	const folder = createFolder(state, publisher);
	const top = createTop(state, folder, publisher);
	const mailbox = createMailbox(state, folder);
	const connection = createConnection(
		state,
		publisher,
		{
			wake: () => conversation.kick(),
			gone: () => conversation.kickLater(),
			async greeted(asked, body) {
				const { rootMatches, seq, mseq, chain, entries, mail } = body;
				if (rootMatches === false || (typeof seq === 'number' && seq < asked.cursor))
					await intake.freeze('rollback');
				if (state.frozen) return;
				await intake.takeChain(chain);
				if (!state.wantsAll || !Array.isArray(entries)) return;
				await intake.takeEntries(
					asked.cursor,
					(entries as Cbor[]).filter((bytes): bytes is Bytes => bytes instanceof Uint8Array),
					[],
					true
				);
				await intake.takeMail(mail);
				if (typeof seq === 'number' && typeof mseq === 'number') state.tail = { seq, mseq };
			}
		},
		client
	);
	const { demand } = connection;
	const intake = createIntake(state, folder, top, publisher, local, demand);
	const sending = createSending(state, intake, demand, () => conversation.kickLater());
	const outbox = createOutbox(state, sending, builders, () => core);
	const conversation = createConversation(state, publisher, { connection, intake, mailbox, sending, outbox, flow });

	/** Builds on what is known and on mail not published yet, until it is in, or refused. */
	async function commit(build: Parameters<Core['commitNow']>[0]): Promise<Outcome> {
		await connection.ensureLine();
		// There is one frame at a time, and what was done before it comes before it in the log.
		await outbox.flush();
		let gone = false;
		let urgent = false;
		for (let attempt = 0; attempt < ATTEMPTS && !state.frozen; attempt++) {
			const seen = state.log.cursor;
			const result = await build(await mailbox.peek(), state.mailCursor);
			if ('refused' in result) return { ok: false, error: result.refused };
			if (!('built' in result))
				return refuse(
					'error.runtime.unknown',
					'An error was thrown in a UseCase: it has been decided already.'
				);
			const sent = await sending.sendBuilt(
				withWaiting(state, asUrgent(asTolerant(placed(result.built, seen), gone), urgent)),
				true
			);
			if (sent.ok) return sent;
			if (sent.type === 'mailbox-refused' && result.built.tolerant && !gone) {
				gone = true;
				continue;
			}
			if (sent.type === 'mailbox-full' && result.built.tolerant && !urgent) {
				urgent = true;
				continue;
			}
			const again =
				sent.lost ||
				sent.type === 'unseen-mail' ||
				sent.type === 'unseen-log' ||
				sent.type === 'stale-epoch' ||
				sent.type === 'not-contiguous';
			if (!again) return { ok: false, error: sent.error };
		}
		return UNREACHABLE;
	}

	/** Everything that is intended until the lock is free, in one write: each write waits for the disk. */
	function gather(): Arriving {
		const wanted: Arriving['wanted'] = [];
		const taken = local.run(async () => {
			arriving = undefined;
			const intents = wanted.map(({ kind, shown }): Intent => ({
				n: state.nextIntent++,
				id: random.bytes(16),
				kind,
				shown
			}));
			await store.write([
				...intents.map((intent) => ({
					table: 'intents',
					key: numberKey(intent.n),
					value: encodeIntent(intent)
				})),
				...markTold()
			]);
			state.intents = [...state.intents, ...intents];
			for (const intent of intents) await top.show(intent);
			await keepTelling({ n: state.nextIntent - 1 });
			changed();
		});
		return { wanted, taken };
	}

	async function appendChain(make: (head: Bytes, seq: number) => Promise<Bytes>): Promise<Outcome> {
		await connection.ensureLine();
		for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
			const seq = state.membership.seq + 1;
			const record = await make(state.membership.head, seq);
			const answer = await demand('chainAppend', { record, expectHead: state.membership.head });
			await intake.pullChain();
			if (answer.ok) return { ok: true, seq };
			if (answer.type !== 'chain-moved')
				return refuse('error.platform.unexpected', 'The relay refused the device record.');
		}
		return UNREACHABLE;
	}

	const core: Core = {
		ports,
		self,
		documents: state.documents,
		top: () => state.top,
		base: () => state.base,
		membership: () => state.membership,
		keys: () => state.keys,
		chain: () => state.chain,
		signer: () => ({ device: self.device, key: state.signingKey, path: makePath(state.chain, self.device) }),
		intents: () => state.intents,
		superseded: () => state.superseded,
		rec: sending.rec,
		async beginWriting() {
			begun += 1;
			await sending.writerOrdinal();
		},
		async intend(wanted) {
			begun += 1;
			arriving ??= gather();
			arriving.wanted.push(wanted);
			await arriving.taken;
			conversation.kick();
		},
		async revise(n, change) {
			begun += 1;
			await local.run(async () => {
				const intent = state.intents.find((other) => other.n === n);
				if (!intent) return;
				const { failed, ...rest } = { ...intent, ...change };
				const next: Intent | null = change === null ? null : { ...rest, ...(failed ? { failed } : {}) };
				await store.write([
					{ table: 'intents', key: numberKey(n), value: next && encodeIntent(next) },
					...markTold(n)
				]);
				state.intents = state.intents.flatMap((other) => (other.n === n ? (next ? [next] : []) : [other]));
				await top.revise(intent, next ?? undefined);
			});
			conversation.kick();
		},
		async commitNow(build) {
			if (state.frozen) return UNREACHABLE;
			begun += 1;
			let outcome: Outcome = UNREACHABLE;
			await conversation.talking(async () => {
				outcome = await flow.run(() => commit(build));
			});
			return outcome;
		},
		call: demand,
		async appendChain(make) {
			try {
				return await flow.run(() => appendChain(make));
			} catch (error) {
				if (!(error instanceof RelayUnreachable)) throw error;
				return UNREACHABLE;
			}
		},
		sync: conversation.sync,
		attempted: conversation.attempted,
		status: () => statusOf(state),
		goLive(on) {
			state.live = on;
			if (on) conversation.kick();
			else conversation.rest();
		},
		async relayIsHealthy() {
			try {
				return (await flow.run(() => demand('version', {}))).ok;
			} catch {
				return false;
			}
		},
		onEvent: publisher.onEvent,
		onChange: publisher.onChange,
		changed,
		async settled() {
			while (conversation.pulse()) await conversation.pulse();
		},
		async close() {
			state.closed = true;
			conversation.rest();
			connection.close();
			// What was begun may begin something more; the store is let go when nothing has.
			for (let seen = -1; seen !== begun;) {
				seen = begun;
				await flow.run(async () => undefined);
				await local.run(async () => undefined);
				await state.writing;
				await conversation.pulse();
				await connection.opened();
			}
			// Saves telling again after views were dropped; a store that is broken closes all the same.
			const mark = markTold();
			if (mark.length > 0) await store.write(mark).catch(() => undefined);
			await store.close();
		}
	};

	await load(state, folder, top, publisher);
	if (isWaiting(state) || (await getMeta(store, 'frame'))) conversation.kick();
	return core;
}

/**
 * Reads the store for the first time: folds the log, takes up mail and intents that wait. Nothing of it is told, but for a
 * journal what the process before this one was ended in the midst of.
 */
async function load(
	state: State,
	{ foldEntries }: Folder,
	top: Top,
	{ keepTelling, markTold }: Publisher
): Promise<void> {
	const { self, ports, membership, keys } = state;
	const { store } = ports;
	const told = await getMeta(store, 'told');
	const toldTo = (ports.journal && told) ?? { seq: Infinity, n: Infinity };
	await keepTelling(told ?? {});
	for (let isWhole = true; isWhole;) {
		const stored = await store.range('log', numberKey(state.log.cursor + 1), undefined, PAGE);
		const page = stored.map(([, bytes]) => bytes);
		const read = await readEntries(state.log, page, { identityTag: self.identityTag, membership, keys });
		state.log = settled(read.state);
		await foldEntries(read.entries, toldTo.seq);
		if (read.finding) state.frozen ??= read.finding;
		isWhole = page.length === PAGE && !read.finding;
	}
	state.rawMail = (await store.range('mail'))
		.map(([, bytes]) => decodeMail(bytes))
		.filter(({ mseq }) => mseq > state.mailFolded);
	state.intents = (await store.range('intents')).map(([key, bytes]) => decodeIntent(key, bytes));
	const underWay = await getMeta(store, 'frame');
	const used = underWay ? decodeFrame(underWay.bytes).settles : [];
	state.nextIntent = Math.max(0, state.intents.at(-1)?.n ?? 0, ...used) + 1;
	for (const intent of state.intents)
		for (const op of intent.shown) if (op.o === 'doc') state.documents.apply(op.shard, op.u, self.ordinal, true);
	await top.rebuild(toldTo.n);
	state.publishing = true;
	await keepTelling({ seq: state.log.cursor, n: state.nextIntent - 1 });
	if (ports.journal) await store.write(markTold());
	else if (told) await store.write([putMeta('told', null)]);
}

/** Counted once for each list: whoever follows changes asks with each of them. */
function waitingIn(intents: readonly Intent[]): number {
	let count = counted.get(intents);
	if (count === undefined) counted.set(intents, (count = intents.filter(({ failed }) => !failed).length));
	return count;
}
const counted = new WeakMap<readonly Intent[], number>();

function statusOf(state: State): SyncStatus {
	const waiting = waitingIn(state.intents);
	const shown = (): SyncStatus['state'] => {
		if (state.closed) return 'stopped';
		if (state.frozen) return 'frozen';
		if (!state.registered) return 'unregistered';
		if (state.offline) return 'offline';
		return state.working > 0 || waiting > 0 ? 'working' : 'upToDate';
	};
	return {
		state: shown(),
		waiting,
		...(state.lastSync ? { lastSyncAt: iso(state.lastSync) } : {}),
		...(state.frozen ? { reason: state.frozen } : {})
	};
}
