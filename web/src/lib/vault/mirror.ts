/**
 * What pages read, kept beside the engine: every row with the revision in which it last changed. A page says which revision it
 * has and gets only what is newer, so a new mail costs one row and not the whole mailbox, and pages read synchronously.
 *
 * Rows are compared by reference (the engine replaces them, it never changes one in place), everything else by its JSON.
 * Looked at only when somebody asks and something may have changed.
 */
import type { Engine, Json } from '@enmeshed/crdt';
import { SHARDS, type Delta, type RowTable, type RowTables, type Shard, type Values } from './api.ts';
import { fileView } from './files.ts';

/** Requests and templates expire by the clock without an event: look again after this long. */
const STALE_MS = 15_000;

type Row = RowTables[RowTable];
interface Kept {
	row: Row | undefined;
	rev: number;
}

const readers: { readonly [T in RowTable]: (engine: Engine) => readonly RowTables[T][] } = {
	relationships: (engine) => engine.relationships.list(),
	messages: (engine) => engine.messages.list(),
	incoming: (engine) => engine.requests.incoming(),
	outgoing: (engine) => engine.requests.outgoing(),
	attributes: (engine) => engine.attributes.list(),
	forwardings: (engine) =>
		engine.attributes.list().flatMap((a) => (a.numberOfForwards ? engine.attributes.forwardings(a.id) : [])),
	templates: (engine) => engine.templates.list(),
	attention: (engine) => engine.attention(),
	files: (engine) => engine.files.list().map(fileView)
};
const tables = Object.keys(readers) as RowTable[];

function readValues(engine: Engine): Values {
	const documents = Object.fromEntries(SHARDS.map((shard) => [shard, engine.documents.fields(shard)])) as {
		[S in Shard]: { [field: string]: Json };
	};
	return {
		identity: engine.account.identityInfo(),
		status: engine.account.status(),
		todo: engine.todo(),
		devices: engine.devices.list(),
		possible: Object.fromEntries(
			engine.relationships.list().map((r) => [r.id, engine.relationships.possible(r.id)])
		),
		documents,
		otherVersions: SHARDS.flatMap((shard) => engine.documents.otherVersions(shard))
	};
}

export interface Mirror {
	/** Something may have changed. */
	touch(): void;
	since(known: { readonly instance: string; readonly rev: number } | undefined): Delta;
}

export function createMirror(engine: Engine, instance: string, now: () => number): Mirror {
	const kept = new Map<RowTable, Map<string, Kept>>(tables.map((table) => [table, new Map()]));
	const values = new Map<keyof Values, { json: string; value: unknown; rev: number }>();
	let rev = 0;
	let dirty = true;
	let lookedAt = 0;

	function look(): void {
		if (!dirty && now() - lookedAt < STALE_MS) return;
		dirty = false;
		lookedAt = now();
		rev += 1;
		for (const table of tables) lookAtRows(table);
		for (const [name, value] of Object.entries(readValues(engine)) as [keyof Values, unknown][]) {
			const json = JSON.stringify(value);
			if (values.get(name)?.json !== json) values.set(name, { json, value, rev });
		}
	}

	function lookAtRows(table: RowTable): void {
		const rows = kept.get(table)!;
		const seen = new Set<string>();
		for (const row of readers[table](engine)) {
			seen.add(row.id);
			if (rows.get(row.id)?.row !== row) rows.set(row.id, { row, rev });
		}
		for (const [id, entry] of rows) {
			if (entry.row && !seen.has(id)) rows.set(id, { row: undefined, rev });
		}
	}

	return {
		touch: () => void (dirty = true),
		since(known) {
			look();
			const reset = known?.instance !== instance;
			const from = reset ? 0 : known.rev;
			const changed: Record<string, { put: Row[]; gone: string[] }> = {};
			for (const table of tables) {
				const put: Row[] = [];
				const gone: string[] = [];
				for (const [id, entry] of kept.get(table)!) {
					if (entry.rev <= from) continue;
					if (entry.row) put.push(entry.row);
					else gone.push(id);
				}
				if (put.length || gone.length) changed[table] = { put, gone };
			}
			const news = [...values]
				.filter(([, entry]) => entry.rev > from)
				.map(([name, entry]) => [name, entry.value]);
			return { instance, rev, reset, rows: changed, values: Object.fromEntries(news) as Partial<Values> };
		}
	};
}
