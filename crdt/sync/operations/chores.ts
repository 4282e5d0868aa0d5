/**
 * What follows from what the log holds and needs the relay: asking who claimed a file, whether a peer that wanted to leave is
 * gone, telling peers of the own end. The fold writes down what is to be done (table `chores`); here it is done, by whichever
 * own device comes first, and again until the log says that it is.
 */
import { encodeLetter } from '../../message/letter.ts';
import { RelayUnreachable } from '../../ports.ts';
import { rowsBy } from '../../view-query.ts';
import type { Result } from '../../result.ts';
import type { ChoreRow, DeletionRow, FileRow, RelationshipRow, Views } from '../../views.ts';
import { CONCERNED, isConcerned } from '../apply-deletion.ts';
import { sealLetter } from '../build.ts';
import { readOwner, transfersOf } from '../file-owner.ts';
import type { BuildResult, Built } from '../intent.ts';
import type { Base } from './base.ts';

/** Letters of one commit: half of what the relay takes, so that one is never refused for its size. */
const AT_ONCE = 50;

export interface Chores {
	/** Whether it can be tried now. */
	isDue(chore: ChoreRow): boolean;
	/** Everything that can be done now. What cannot stays; refuses nothing. */
	run(): Promise<void>;
	tell(): Promise<void>;
	/** Waits for what was begun. */
	settled(): Promise<void>;
}

/** `load` fetches what a reference names, when it is not known yet; `settle` ends what a call left undecided (deletion.ts). */
export function createChores(
	{ core, self, clock, random, now }: Base,
	load: (reference: string) => Promise<Result<FileRow>>,
	settle: () => Promise<void>
): Chores {
	const isDue = ({ notBefore }: ChoreRow) => notBefore === undefined || notBefore <= now();
	const due = (kind: ChoreRow['kind']) => rowsBy(core.top(), 'chores', 'kind', kind).filter(isDue);

	async function owners(): Promise<void> {
		for (const { of } of due('owner')) {
			const row = core.top().get('files', of);
			if (row) await readOwner(core, row);
		}
	}

	/** Files whose transfer waits for a decision: who decides has to know them. One that cannot be had is asked for again. */
	async function offered(): Promise<void> {
		for (const key of ['content.items.@type', 'content.items.items.@type']) {
			const where = [
				{ key: 'isOwn', anyOf: ['false'] },
				{ key: 'status', anyOf: ['DecisionRequired', 'ManualDecisionRequired'] },
				{ key, anyOf: ['TransferFileOwnershipRequestItem'] }
			];
			for (const { content } of [...core.top().rows('requests', { where })])
				for (const { fileReference } of transfersOf(content)) await load(fileReference);
		}
	}

	/** Whoever leaves closes the mailbox for good: the relay says so to whoever may write to it. */
	async function gone(): Promise<void> {
		for (const { of: rel } of due('gone')) {
			const mailbox = core.top().get('channels', rel)?.mailbox;
			if (!mailbox) continue;
			const { alias, token } = mailbox;
			const answer = await core.call('mailboxState', { alias, token });
			if (answer.ok && answer.body['state'] === 'gone')
				await core.intend({ kind: 'plain', shown: [core.rec('peer.gone', { rel, at: clock.now() })] });
		}
	}

	async function tell(): Promise<void> {
		for (const { of } of due('tell')) {
			// Peers whose mailbox takes nothing now; they are told another time.
			const later = new Set<string>();
			let most = AT_ONCE;
			// Looked for once: each batch asks only for its own.
			let left: readonly string[] = [];
			while (core.top().get('chores', `tell:${of}`)) {
				if (left.length === 0) left = untold(core.top(), of, later);
				if (left.length === 0 && later.size > 0) break;
				const ids = left.slice(0, most);
				const isPartial = later.size > 0 || left.length > ids.length;
				let tried = 0;
				const outcome = await core.commitNow(async (views) => {
					const batch = stillUntold(views, of, ids);
					tried = batch.length;
					return letters(views, of, batch, isPartial);
				});
				if (outcome.ok) {
					left = left.slice(ids.length);
					continue;
				}
				if (tried === 0 || core.status().state === 'offline') return;
				// One of them refuses all: from here on one by one.
				if (most === 1) {
					for (const id of ids) later.add(id);
					left = left.slice(1);
				}
				most = 1;
			}
		}
	}

	function untold(views: Views, id: string, without: ReadonlySet<string>): string[] {
		const told = new Set(views.get('deletions', id)?._told);
		const found = views.rows('relationships', { where: [{ key: 'status', anyOf: CONCERNED }] });
		return Array.from(found, (row) => (isConcerned(row) ? row.id : '')).filter(
			(rel) => rel !== '' && !told.has(rel) && !without.has(rel)
		);
	}

	function stillUntold(views: Views, id: string, rels: readonly string[]): RelationshipRow[] {
		const told = new Set(views.get('deletions', id)?._told);
		return rels.flatMap((rel) => {
			const row = told.has(rel) ? undefined : views.get('relationships', rel);
			return row && isConcerned(row) ? [row] : [];
		});
	}

	/** The letters to these peers, and the record that they were told. */
	async function letters(
		views: Views,
		id: string,
		batch: readonly RelationshipRow[],
		isPartial: boolean
	): Promise<BuildResult> {
		const row = views.get('deletions', id);
		if (!row) return { superseded: true };
		const rels = batch.map((rel) => rel.id);
		const isLast = !isPartial && untold(views, id, new Set(rels)).length === 0;
		const built: Built = {
			ops: [core.rec('deletion.told', { id, status: row.status, rels, ...(isLast ? { last: true } : {}) })],
			slots: [],
			intent: random.bytes(16),
			envelopes: await Promise.all(batch.map((relationship) => letter(views, row, relationship))),
			aliases: [],
			tolerant: true,
			settles: []
		};
		return { built };
	}

	const letter = (views: Views, row: DeletionRow, { id: rel, peer: to }: RelationshipRow) =>
		sealLetter(
			core,
			views.get('channels', rel)!,
			encodeLetter({
				t: 'leave',
				rel,
				from: self.address,
				to,
				n: decisionOf(views, row),
				time: clock.now(),
				...(row.status === 'Active' ? { endsAt: Date.parse(row.gracePeriodEndsAt) } : {})
			})
		);

	/** Equal on every own device: the log has one order. */
	const decisionOf = (views: Views, { id, status }: DeletionRow): number =>
		2 * views.list('deletions').findIndex((row) => row.id === id) + (status === 'Cancelled' ? 1 : 0);

	let queue: Promise<void> = Promise.resolve();
	async function all(): Promise<void> {
		try {
			await settle();
			await tell();
			await offered();
			await owners();
			await gone();
		} catch (error) {
			if (!(error instanceof RelayUnreachable)) throw error;
		}
	}

	return { isDue, run: () => (queue = queue.then(all)), tell, settled: () => queue };
}
