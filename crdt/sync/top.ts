/**
 * Top views: what this device wants to say, shown on what the log confirmed.
 *
 *   intents ──show──▶ top layer        m1′ m2′ c′
 *                     base views       c  …          one entry settles m1: its row is let go of, the base has it now
 *
 * When anything else comes into the log, all that waits is shown anew. An entry that only settles what waits here says what
 * was shown already: with many things waiting each entry would otherwise cost as much as all of them. Its rows are let go of
 * then, unless another intent wrote them too, or it overtook one it may depend on.
 */
import { memoryViews, type Layer } from '../memory-views.ts';
import type { TableName, Views } from '../views.ts';
import type { Folder } from './fold.ts';
import type { Intent } from './intent.ts';
import type { OpenedEntry } from './log.ts';
import type { Publisher } from './publish.ts';
import type { Op } from './record.ts';
import type { State } from './state.ts';

interface Place {
	readonly table: TableName;
	readonly id: string;
	/** The intents that put or deleted the row. */
	readonly writers: Set<number>;
}

/** Written by every message to a peer. What the later ones made of it stands, whichever leave first. */
const SHARED: TableName = 'channels';

/** A message that changes nothing beside itself. */
const isOnlyMail = (op: Op): boolean =>
	op.o === 'rec' &&
	op.k === 'message.sent' &&
	!['Request', 'ResponseWrapper', 'Notification'].includes(String(op.v.content['@type']));

export type Top = ReturnType<typeof createTop>;

export function createTop(state: State, { foldOps }: Folder, { changed, keepTelling }: Publisher) {
	const { self } = state;
	let layer: Layer = memoryViews(state.base);
	let written = new Map<string, Place>();
	let byIntent = new Map<number, Place[]>();

	/** The layer, noting what an intent writes there. */
	function noting(n: number): Views {
		const note = (table: TableName, id: string) => {
			const name = `${table} ${id}`;
			const place = written.get(name) ?? { table, id, writers: new Set() };
			if (place.writers.has(n)) return;
			place.writers.add(n);
			written.set(name, place);
			byIntent.set(n, [...(byIntent.get(n) ?? []), place]);
		};
		const into = layer;
		return {
			...into,
			put(table, row) {
				note(table, row.id);
				into.put(table, row);
			},
			delete(table, id) {
				note(table, id);
				into.delete(table, id);
			}
		};
	}

	async function show(intent: Intent): Promise<void> {
		// A decision that can no longer be sent had no effect; its request shows why.
		if (intent.failed && intent.kind === 'decision') return;
		const views = noting(intent.n);
		await foldOps(views, intent.shown, { device: self.deviceText, ordinal: self.ordinal, time: 0 }, true);
		if (intent.failed) showFailed(intent, views);
	}

	function showFailed({ shown, failed = '' }: Intent, views: Views): void {
		for (const op of shown) {
			const row = op.o === 'rec' && op.k === 'message.sent' ? views.get('messages', op.v.id) : undefined;
			if (row) views.put('messages', { ...row, _delivery: 'failed', _failure: failed });
		}
	}

	/** All that waits, anew. `toldTo`: as with entries, the last intent that was told. */
	async function rebuild(toldTo?: number): Promise<void> {
		layer = memoryViews(state.base);
		state.top = layer;
		written = new Map();
		byIntent = new Map();
		for (const intent of state.intents) {
			if (toldTo !== undefined) state.publishing = intent.n > toldTo;
			await show(intent);
		}
		await shownAll();
	}

	async function shownAll(): Promise<void> {
		await keepTelling({});
		changed();
	}

	/** Whether letting go of the rows of `settled` leaves what showing the others anew would. */
	function isCovered(settled: readonly Intent[], entries: readonly OpenedEntry[]): boolean {
		if (!settled.every(({ kind, failed }) => !failed && (kind === 'plain' || kind === 'message'))) return false;
		const records = settled.reduce((sum, { shown }) => sum + shown.length, 0);
		const inLog = entries.reduce((sum, { ops }) => sum + ops.filter(({ o }) => o !== 'commit').length, 0);
		if (records !== inLog) return false;
		// One that waits on was shown before it: the other way round may come to something else.
		const last = settled.at(-1)?.n ?? 0;
		const isOvertaken = state.intents.some(({ n }) => n < last);
		if (isOvertaken && !settled.every(({ shown }) => shown.every(isOnlyMail))) return false;
		const ns = new Set(settled.map(({ n }) => n));
		return settled.every(({ n }) =>
			(byIntent.get(n) ?? []).every(
				({ table, writers }) => table === SHARED || [...writers].every((writer) => ns.has(writer))
			)
		);
	}

	/** Entries were folded, and settled these. */
	async function settle(settled: readonly Intent[], entries: readonly OpenedEntry[]): Promise<void> {
		if (!isCovered(settled, entries)) return rebuild();
		for (const { n } of settled) {
			for (const place of byIntent.get(n) ?? []) {
				place.writers.delete(n);
				if (place.writers.size > 0) continue;
				layer.forget(place.table, place.id);
				written.delete(`${place.table} ${place.id}`);
			}
			byIntent.delete(n);
		}
		await shownAll();
	}

	/** An intent is another now, or gone (undefined). */
	async function revise(before: Intent, after: Intent | undefined): Promise<void> {
		const isFailing = after?.failed && !before.failed && after.shown === before.shown && after.kind === before.kind;
		if (!isFailing || after.kind === 'decision') return rebuild();
		showFailed(after, noting(after.n));
		await shownAll();
	}

	return { show, rebuild, settle, revise };
}
