/**
 * Documents: what people edit on several devices at once (PROTOCOL.md §7). One small Yjs document per shard.
 *
 * A field is kept once per device: key `field ‖ U+001F ‖ device ordinal` → { v, l, saw }. Each device writes only its own
 * keys, so Yjs never has to choose; reading chooses: highest (l, ordinal) wins, l = 1 + the highest seen in the shard. `saw`
 * is the highest l of each device the writer had seen for this field: a value the winner had not seen is another version
 * and stays readable. No clock takes part.
 *
 * Updates of siblings are admitted before they touch a document: every struct is the signer's (client id = device ordinal
 * × 2^16 + session ordinal) under the signer's own keys, clocks continue what is known (else the update waits), no Skip, deletions
 * only of its own and of what is there.
 */
import * as Y from 'yjs';
import { equal, type Bytes } from '../codec/bytes.ts';
import type { Json } from '../views.ts';

const SESSION_BITS = 65_536;
export const clientId = (ordinal: number, session: number): number => ordinal * SESSION_BITS + session;

interface FieldValue {
	readonly v: Json;
	readonly l: number;
	readonly saw: { readonly [ordinal: string]: number };
}
interface Version extends FieldValue {
	readonly ordinal: number;
}

export interface OtherValue {
	readonly shard: string;
	readonly field: string;
	readonly value: Json;
	readonly ordinal: number;
}

export type Admission =
	'admitted' | 'waits' | 'foreign-client' | 'foreign-key' | 'skip' | 'foreign-delete' | 'unreadable';

export interface Documents {
	read(shard: string, field: string): Json | undefined;
	fields(shard: string, prefix?: string): { [field: string]: Json };
	otherVersions(shard: string): OtherValue[];
	/** Writes as this device; the update to record. */
	write(shard: string, field: string, value: Json): Bytes;
	/**
	 * A sibling's update, or our own read back from the log. Anything but `admitted` and `waits` left the document untouched.
	 * `pending`: our own, and not in the log yet.
	 */
	apply(shard: string, update: Bytes, signerOrdinal: number, pending?: boolean): Admission;
	/** What the fields were that `work` changed. */
	changed(shard: string, work: () => void): ReadonlyMap<string, Json | undefined>;
	/** From now on writes are this session's. */
	beginSession(ordinal: number, session: number): void;
	/** Canonical content of a shard, for comparing replicas. */
	content(shard: string): { [field: string]: Json };
	/** Those in memory. */
	shards(): string[];
}

/** Updates that stay beside kept views: a shard is read when somebody asks for it. */
export interface KeptUpdates {
	/** In the order of the log; without an ordinal when they were admitted before. */
	of(shard: string): readonly { readonly u: Bytes; readonly ordinal: number | undefined }[];
	add(shard: string, update: Bytes, ordinal: number): void;
	/** Instead of all there are. */
	merge(shard: string, update: Bytes): void;
}

const SEPARATOR = '\u001f';
const MAX_WAITING = 1000;
/** Shards in memory beside those written here, when they can be read again: a year of read marks. */
const MAX_LOADED = 12;
/** Kept updates of a shard beyond which they are merged: each is decoded and judged when the shard is read. */
const MAX_KEPT = 256;

/** With `kept`, the log's updates are filed there and shards are read from there; else all stay in memory. */
export function createDocuments(kept?: KeptUpdates): Documents {
	const docs = new Map<string, Y.Doc>();
	/** Shards that hold what is not in the log yet. */
	const ahead = new Set<string>();
	const waiting: { shard: string; update: Bytes; ordinal: number }[] = [];
	let device = { ordinal: 0, client: 0 };

	function docOf(shard: string): Y.Doc {
		let doc = docs.get(shard);
		if (!doc) {
			doc = new Y.Doc();
			docs.set(shard, doc);
			if (kept) read(kept, shard, doc);
		}
		if (device.client > 0) doc.clientID = device.client;
		return doc;
	}
	const mapOf = (shard: string) => docOf(shard).getMap<FieldValue>('fields');

	/** A shard as the log left it; others make room for it. */
	function read(from: KeptUpdates, shard: string, doc: Y.Doc): void {
		for (const other of docs.keys()) {
			if (docs.size <= MAX_LOADED) break;
			if (other === shard || ahead.has(other)) continue;
			docs.delete(other);
			indexed.delete(other);
		}
		const updates = from.of(shard);
		for (const { u, ordinal } of updates)
			if (ordinal === undefined) Y.applyUpdate(doc, u);
			else admitted(shard, u, ordinal);
		if (updates.length > MAX_KEPT && !waiting.some((item) => item.shard === shard))
			from.merge(shard, new Uint8Array(Y.encodeStateAsUpdate(doc)));
	}

	/** What shards say, followed as they change: a month's read marks are thousands of fields. */
	const indexed = new Map<string, Index>();

	function indexOf(shard: string): Index {
		const known = indexed.get(shard);
		if (known) return known;
		const map = mapOf(shard);
		const index: Index = { fields: new Map(), highest: 0, noted: undefined };
		for (const [key, value] of map.entries()) place(index, key, value);
		map.observe(({ keysChanged }) => {
			for (const key of keysChanged) if (typeof key === 'string') place(index, key, map.get(key));
		});
		indexed.set(shard, index);
		return index;
	}
	const byField = (shard: string) => indexOf(shard).fields;
	const versions = (shard: string, field: string): readonly Version[] => byField(shard).get(field) ?? [];

	function applyWaiting(): void {
		for (let progress = true; progress;) {
			progress = false;
			for (const item of [...waiting]) {
				if (safety.admit(docOf(item.shard), item.update, item.ordinal) !== 'admitted') continue;
				waiting.splice(waiting.indexOf(item), 1);
				Y.applyUpdate(docOf(item.shard), item.update);
				progress = true;
			}
		}
	}

	function admitted(shard: string, update: Bytes, signerOrdinal: number): Admission {
		const doc = docOf(shard);
		const admission = safety.admit(doc, update, signerOrdinal);
		if (admission === 'waits') {
			const known = waiting.some((item) => item.shard === shard && equal(item.update, update));
			if (!known && waiting.length < MAX_WAITING) waiting.push({ shard, update, ordinal: signerOrdinal });
		} else if (admission === 'admitted') {
			Y.applyUpdate(doc, update);
			applyWaiting();
		}
		return admission;
	}

	return {
		read: (shard, field) => versions(shard, field)[0]?.v,
		fields(shard, prefix = '') {
			const fields: { [field: string]: Json } = {};
			for (const [field, [winner]] of byField(shard))
				if (field.startsWith(prefix) && winner && winner.v !== null) fields[field] = winner.v;
			return fields;
		},
		otherVersions(shard) {
			const others: OtherValue[] = [];
			for (const [field, [winner, ...rest]] of byField(shard))
				for (const other of rest)
					if (
						winner &&
						(winner.saw[other.ordinal] ?? 0) < other.l &&
						JSON.stringify(other.v) !== JSON.stringify(winner.v)
					)
						others.push({ shard, field, value: other.v, ordinal: other.ordinal });
			return others.sort((x, y) => (x.field === y.field ? x.ordinal - y.ordinal : x.field < y.field ? -1 : 1));
		},
		write(shard, field, value) {
			const doc = docOf(shard);
			ahead.add(shard);
			const map = mapOf(shard);
			const { highest } = indexOf(shard);
			const saw = Object.fromEntries(versions(shard, field).map(({ ordinal, l }) => [String(ordinal), l]));
			let written: Uint8Array = new Uint8Array(0);
			doc.once('update', (update: Uint8Array) => (written = update));
			doc.transact(() => map.set(`${field}${SEPARATOR}${device.ordinal}`, { v: value, l: highest + 1, saw }));
			return new Uint8Array(written);
		},
		apply(shard, update, signerOrdinal, pending = false) {
			if (pending) ahead.add(shard);
			const admission = admitted(shard, update, signerOrdinal);
			if (!pending && (admission === 'admitted' || admission === 'waits'))
				kept?.add(shard, update, signerOrdinal);
			return admission;
		},
		changed(shard, work) {
			const index = indexOf(shard);
			index.noted = new Map();
			try {
				work();
				return index.noted;
			} finally {
				index.noted = undefined;
			}
		},
		beginSession(ordinal, session) {
			device = { ordinal, client: safety.clientId(ordinal, session) };
		},
		content(shard) {
			const fields = byField(shard);
			return Object.fromEntries([...fields.keys()].sort().map((field) => [field, fields.get(field)![0]!.v]));
		},
		shards: () => [...docs.keys()].sort()
	};
}

interface Index {
	/** Versions of each field, best first. */
	readonly fields: Map<string, Version[]>;
	highest: number;
	/** While somebody asks what changes. */
	noted: Map<string, Json | undefined> | undefined;
}

/** What now stands under a key of the shard's map. */
function place(index: Index, key: string, value: unknown): void {
	const at = key.lastIndexOf(SEPARATOR);
	if (at < 0) return;
	const [field, ordinal] = [key.slice(0, at), Number(key.slice(at + 1))];
	const before = index.fields.get(field) ?? [];
	if (index.noted && !index.noted.has(field)) index.noted.set(field, before[0]?.v);
	const others = before.filter((version) => version.ordinal !== ordinal);
	const versions = isField(value) ? [...others, { ...value, ordinal }] : others;
	if (versions.length === 0) index.fields.delete(field);
	else
		index.fields.set(
			field,
			versions.sort((x, y) => y.l - x.l || y.ordinal - x.ordinal)
		);
	if (isField(value)) index.highest = Math.max(index.highest, value.l);
}

function isField(value: unknown): value is FieldValue {
	return (
		typeof value === 'object' &&
		value !== null &&
		'l' in value &&
		typeof value.l === 'number' &&
		'v' in value &&
		'saw' in value
	);
}

/** Judges an update without touching the document. */
function admit(doc: Y.Doc, update: Bytes, signerOrdinal: number): Admission {
	let decoded: ReturnType<typeof Y.decodeUpdate>;
	try {
		decoded = Y.decodeUpdate(update);
	} catch {
		return 'unreadable';
	}
	const next = new Map<number, number>();
	const known = (client: number) => next.get(client) ?? Y.getState(doc.store, client);
	let waits = false;
	for (const struct of decoded.structs) {
		const { client, clock } = struct.id;
		if (struct instanceof Y.Skip) return 'skip';
		if (Math.floor(client / SESSION_BITS) !== signerOrdinal) return 'foreign-client';
		if (struct instanceof Y.Item && !standsAlone(struct, signerOrdinal)) return 'foreign-key';
		if (clock > known(client)) waits = true;
		if (clock <= known(client)) next.set(client, Math.max(known(client), clock + struct.length));
	}
	for (const [client, ranges] of decoded.ds.clients) {
		for (const { clock, len } of ranges) {
			if (Math.floor(client / SESSION_BITS) !== signerOrdinal) return 'foreign-delete';
			if (clock + len > known(client)) waits = true;
		}
	}
	return waits ? 'waits' : 'admitted';
}

/** Under one of the signer's own keys: setting another device's key would hide what that device wrote. */
function standsAlone({ origin, rightOrigin, parentSub, content }: Y.Item, ordinal: number): boolean {
	const own = (id: Y.ID | null) => id === null || Math.floor(id.client / SESSION_BITS) === ordinal;
	const key =
		parentSub === null ? origin !== null || rightOrigin !== null : parentSub.endsWith(`${SEPARATOR}${ordinal}`);
	return (
		own(origin) &&
		own(rightOrigin) &&
		key &&
		(content instanceof Y.ContentAny || content instanceof Y.ContentDeleted)
	);
}

/** The rules above as a table: the simulation switches one off at a time and expects to notice. Nothing else may assign here. */
export const safety = { admit, clientId };
