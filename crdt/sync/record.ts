/**
 * Operations inside a log entry (PROTOCOL.md §3): what one flush of a device says to its siblings.
 *
 *   plaintext = pad( CBOR [ op, … ] )
 *   doc     { o "doc", shard, u: Yjs update }
 *   rec     { o "rec", i 16, k: kind, v: value }      i is fresh; (author, i) names the record
 *   commit  { o "commit", slots [32], intent 16 }      in the entry of a commit, naming the slots it takes
 *
 * Unknown operations and kinds are kept and shown as "needs a newer version". Reserved names: see RESERVED_OPS.
 */
import type { Bytes } from '../codec/bytes.ts';
import { fromCbor, toCbor, type Cbor } from '../codec/cbor.ts';
import { entryBucket, pad, unpad } from '../codec/padding.ts';
import { asMap } from '../identity/speech.ts';
import { isDay, isPosition } from './rows.ts';
import type { FileObject } from '../object/head.ts';
import type { TemplateObject, TokenObject } from '../object/object.ts';
import type { Protection } from '../object/protection.ts';
import type { Json, JsonObject } from '../views.ts';

/** Come with later issues: refused when written, kept when read. */
export const RESERVED_OPS: readonly string[] = ['blob', 'snapshot', 'attest', 'dispute', 'ack'];

export interface Records {
	/** Own template: the object, the key of its link, the seed of its template key. */
	readonly 'template.own': {
		readonly object: TemplateObject;
		readonly linkKey: Bytes;
		readonly seed: Bytes;
		readonly protection?: Protection | undefined;
	};
	readonly 'template.loaded': {
		readonly object: TemplateObject;
		readonly linkKey: Bytes;
		readonly by: string;
		readonly ik: Bytes;
		readonly at: number;
		readonly protection?: Protection | undefined;
	};
	readonly 'token.own': {
		readonly object: TokenObject;
		readonly linkKey: Bytes;
		readonly protection?: Protection | undefined;
	};
	readonly 'token.loaded': {
		readonly object: TokenObject;
		readonly linkKey: Bytes;
		readonly by: string;
		readonly at: number;
		readonly protection?: Protection | undefined;
	};
	/** Own file, by its head, or one loaded by its reference: `by` made it, `owner` has it after `turn` claims. */
	readonly 'file.own': { readonly object: FileObject; readonly linkKey: Bytes; readonly token: string };
	readonly 'file.loaded': {
		readonly object: FileObject;
		readonly linkKey: Bytes;
		readonly by: string;
		readonly owner: string;
		readonly turn: number;
		readonly locked?: boolean;
		readonly at: number;
	};
	/** Another ownership token of an own file: nobody's claim is locked out any more. */
	readonly 'file.renewed': { readonly id: string; readonly token: string };
	/** We claimed it; the token is the next one. */
	readonly 'file.claimed': { readonly id: string; readonly turn: number; readonly token: string };
	/** What the relay's record of the owner says now. */
	readonly 'file.owner': {
		readonly id: string;
		readonly owner: string;
		readonly turn: number;
		readonly locked?: boolean;
	};
	readonly 'deletion.started': { readonly id: string; readonly endsAt: number; readonly at: number };
	readonly 'deletion.cancelled': { readonly id: string; readonly at: number };
	/** In the commit that carries the letters to the peers of these relationships. */
	readonly 'deletion.told': {
		readonly id: string;
		readonly status: 'Active' | 'Cancelled';
		readonly rels: readonly string[];
		/** Everybody is told. */
		readonly last?: boolean;
	};
	/** The relay says the account behind a relationship's mailbox was erased. */
	readonly 'peer.gone': { readonly rel: string; readonly at: number };
	readonly 'object.deleted': { readonly id: string };
	readonly claimed: { readonly objectId: string; readonly claimId: Bytes };
	readonly 'attribute.created': {
		readonly id: string;
		readonly content: JsonObject;
		readonly at: number;
		/** The writer keeps default attributes (App). */
		readonly defaults?: boolean;
	};
	readonly 'attribute.succeeded': {
		readonly predecessor: string;
		readonly id: string;
		readonly content: JsonObject;
		readonly at: number;
		readonly rebased?: boolean;
		/** Own relationship attributes: the notification that tells the peer. */
		readonly reference?: string;
	};
	readonly 'attribute.deleted': { readonly id: string; readonly at: number; readonly defaults?: boolean };
	readonly 'attribute.viewed': { readonly id: string; readonly at: number };
	/** The peer holds it from now on, told by that notification as successor of what it held. */
	readonly 'attribute.forwarded': {
		readonly id: string;
		readonly predecessor: string;
		readonly peer: string;
		readonly reference: string;
		readonly at: number;
	};
	/** It is the default of its value type from now on. */
	readonly 'attribute.default': { readonly id: string; readonly at: number };
	readonly 'metadata.set': {
		readonly reference: string;
		readonly key?: string | undefined;
		readonly value: Json;
		readonly at: number;
	};
	readonly 'metadata.deleted': {
		readonly reference: string;
		readonly key?: string | undefined;
		readonly at: number;
	};
	readonly 'request.drafted': {
		readonly id: string;
		readonly content: JsonObject;
		readonly peer: string;
		readonly at: number;
	};
	readonly 'request.decided': {
		readonly id: string;
		readonly response: JsonObject;
		readonly at: number;
		/** By rules (a Connector's decider), not by a person. */
		readonly automatic?: boolean;
		readonly defaults?: boolean;
	};
	/** A draft given up, or an incoming one that had expired at that time. */
	readonly 'request.deleted': { readonly id: string; readonly at: number };
	/** Own relationship event: the signed letter's body, and what only own devices may know. */
	readonly 'relationship.event': {
		readonly letter: Bytes;
		readonly hash: Bytes;
		/** create: seed of the key announced for accept and reject. */
		readonly replySeed?: Bytes;
		/** create: key of the template. accept: the requestor's announced key is in the channel. */
		readonly peerKey?: Bytes;
	};
	readonly 'message.sent': {
		readonly id: string;
		readonly random: Bytes;
		readonly to: readonly string[];
		readonly rels: readonly string[];
		readonly content: JsonObject;
		readonly attachments: readonly string[];
		readonly at: number;
	};
	/** One mail item, copied by the device that won its batch: opened, or as it came when nothing opens it. */
	readonly mail: {
		readonly mseq: number;
		readonly day: number;
		readonly alias: Bytes;
		readonly plain?: Bytes;
		readonly sealed?: Bytes;
		readonly notice?: Bytes;
	};
	readonly prekey: { readonly version: number; readonly seed: Bytes };
}
export type RecordKind = keyof Records;

export type RecordOp = {
	readonly [K in RecordKind]: { readonly o: 'rec'; readonly i: Bytes; readonly k: K; readonly v: Records[K] };
}[RecordKind];
export type DocOp = { readonly o: 'doc'; readonly shard: string; readonly u: Bytes };
export type CommitOp = { readonly o: 'commit'; readonly slots: readonly Bytes[]; readonly intent: Bytes };
export type Op = RecordOp | DocOp | CommitOp | { readonly o: 'unknown'; readonly raw: Cbor };

export const KINDS: readonly string[] = [
	'template.own',
	'template.loaded',
	'token.own',
	'token.loaded',
	'file.own',
	'file.loaded',
	'file.renewed',
	'file.claimed',
	'file.owner',
	'deletion.started',
	'deletion.cancelled',
	'deletion.told',
	'peer.gone',
	'object.deleted',
	'claimed',
	'attribute.created',
	'attribute.succeeded',
	'attribute.deleted',
	'attribute.viewed',
	'attribute.forwarded',
	'attribute.default',
	'metadata.set',
	'metadata.deleted',
	'request.drafted',
	'request.decided',
	'request.deleted',
	'relationship.event',
	'message.sent',
	'mail',
	'prekey'
] satisfies RecordKind[];

export const encodeOps = (ops: readonly Op[]): Bytes => pad(encodeOpsBare(ops), entryBucket);
export const encodeOpsBare = (ops: readonly Op[]): Bytes =>
	toCbor(ops.map((op) => (op.o === 'unknown' ? op.raw : (op as unknown as Cbor))));

/** Undefined when the plaintext is not a list of operations at all. */
export function decodeOps(plaintext: Uint8Array): Op[] | undefined {
	const bare = unpad(plaintext);
	return bare && decodeOpsBare(bare);
}

export function decodeOpsBare(bare: Uint8Array): Op[] | undefined {
	const list = fromCbor(bare);
	return Array.isArray(list) ? (list as Cbor[]).map(parseOp) : undefined;
}

function parseOp(raw: Cbor): Op {
	const op = asMap(raw);
	if (op?.['o'] === 'doc' && typeof op['shard'] === 'string' && op['u'] instanceof Uint8Array)
		return { o: 'doc', shard: op['shard'], u: op['u'] as Bytes };
	if (op?.['o'] === 'commit' && isSlots(op['slots']) && isBytes(op['intent'], 16))
		return { o: 'commit', slots: op['slots'], intent: op['intent'] };
	if (op?.['o'] === 'rec' && isBytes(op['i'], 16) && typeof op['k'] === 'string' && isRecord(op['k'], op['v']))
		return raw as unknown as RecordOp;
	return { o: 'unknown', raw };
}

const isBytes = (value: Cbor | undefined, length: number): value is Bytes =>
	value instanceof Uint8Array && value.length === length;
const isSlots = (value: Cbor | undefined): value is Bytes[] =>
	Array.isArray(value) && (value as Cbor[]).every((slot) => isBytes(slot, 32));
/** Years 1970 to 9999: what a date can be written as. */
const isTime = (value: Cbor | undefined): boolean =>
	typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 253_402_300_800_000;

/** What every step before the fold relies on; the rest of a record is judged by the function that folds it. */
function isRecord(kind: string, value: Cbor | undefined): boolean {
	const members = asMap(value);
	if (!KINDS.includes(kind) || !members) return false;
	if ('at' in members && !isTime(members['at'])) return false;
	if (kind !== 'mail') return true;
	const { mseq, day, alias, plain, sealed, notice } = members;
	const contents = [plain, sealed, notice].filter((content) => content !== undefined);
	return (
		isPosition(mseq) &&
		isDay(day) &&
		isBytes(alias, 16) &&
		contents.length === 1 &&
		contents[0] instanceof Uint8Array
	);
}
