/**
 * What lies in the Store, by table. Everything is written in batches that keep it consistent: a raw entry with the cursor
 * that covers it, a sealed frame with the session counter it used up.
 *
 *   log      seq        raw entry                      chain    seq   raw chain record
 *   mail     mseq       raw mail item, until folded    intents  n     intent waiting to be committed
 *   meta     name       see Meta                       secrets  ds    the device's signing key
 */
import { fromCbor, toCbor, type Cbor } from '../codec/cbor.ts';
import type { Bytes } from '../codec/bytes.ts';
import type { MailItem } from '../codec/frame.ts';
import { asMap, type CborMap } from '../identity/speech.ts';
import type { Store, StoreWrite } from '../ports.ts';

/** Keys order like numbers. */
export const numberKey = (n: number): string => String(n).padStart(14, '0');

export interface Meta {
	/** Keys of this device and, until a recovery kit took them, of the root. */
	readonly keys: { readonly dkSeed: Bytes; readonly ds: Bytes; readonly rootSeed?: Bytes; readonly pqSeed?: Bytes };
	readonly cursor: { readonly seq: number; readonly root: Bytes };
	readonly mailCursor: { readonly mseq: number };
	readonly registered: { readonly at: number };
	/** Pinned at first contact. */
	readonly relayKey: { readonly key: Bytes };
	/** Session ordinals used up by this device; persisted before the first write of a session. */
	readonly sessions: { readonly used: number };
	readonly frozen: { readonly reason: string; readonly at: number };
	readonly sync: { readonly at: number };
	/** Decisions of this device that lost: request id → who and when. */
	readonly superseded: { readonly [requestId: string]: Cbor };
	/** A linking under way on the new device. */
	readonly link: { readonly [name: string]: Cbor };
	/** A call about the end of the identity that nobody was answered: what the relay made of it has to be found out. */
	readonly leaving: { readonly at: number };
	readonly frame: { readonly bytes: Bytes };
	/** How far what was told is kept (Journal of ports.ts): entries of the log, intents. */
	readonly told: { readonly seq: number; readonly n: number };
}
export type MetaName = keyof Meta;

export const putMeta = <N extends MetaName>(name: N, value: Meta[N] | null): StoreWrite => ({
	table: 'meta',
	key: name,
	value: value === null ? null : toCbor(value as unknown as Cbor)
});

export async function getMeta<N extends MetaName>(store: Store, name: N): Promise<Meta[N] | undefined> {
	const bytes = await store.get('meta', name);
	return bytes && (readMap(bytes) as unknown as Meta[N]);
}

function readMap(bytes: Uint8Array): CborMap {
	const map = asMap(fromCbor(bytes));
	if (!map) throw new Error('the store holds a row that cannot be read');
	return map;
}

export const encodeMail = (item: MailItem): Bytes => toCbor(item as unknown as Cbor);
export const decodeMail = (bytes: Uint8Array): MailItem => readMap(bytes) as unknown as MailItem;

/** Days a date can be written for: up to the year 9999. */
const LAST_DAY = 2_932_896;
export const isDay = (value: Cbor | undefined): value is number => isPosition(value) && value <= LAST_DAY;
export const isPosition = (value: Cbor | undefined): value is number =>
	typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** A mail item as the relay told it, or undefined. */
export function parseMailItem(value: Cbor): MailItem | undefined {
	const map = asMap(value);
	if (!map) return undefined;
	const { mseq, alias, kind, day, bytes } = map;
	if (!isPosition(mseq) || !isDay(day) || (kind !== 'envelope' && kind !== 'notice')) return undefined;
	if (!(alias instanceof Uint8Array) || alias.length !== 16 || !(bytes instanceof Uint8Array)) return undefined;
	return { mseq, alias: alias as Bytes, kind, day, bytes: bytes as Bytes };
}
