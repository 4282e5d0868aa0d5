/**
 * The one CBOR of this project: RFC 8949 deterministic encoding (shortest integers, definite lengths, map keys sorted
 * bytewise), maps with text keys, byte strings as Uint8Array. Decoding is strict: anything not in that form is refused, so
 * equal values have equal bytes and what was signed can be encoded again.
 */
import { decode, encode, rfc8949EncodeOptions, Tokenizer, Type, type Token } from 'cborg';
import { equal, type Bytes } from './bytes.ts';

export type Cbor =
	null | boolean | number | string | Uint8Array | readonly Cbor[] | { readonly [key: string]: Cbor | undefined };

/**
 * Canonical bytes; members that are undefined are left out. Throws on values outside the data model (a bug): what could not be
 * read again must not be kept, nor sent.
 */
export function toCbor(value: Cbor): Bytes {
	return plainBytes(encode(written(value, 0), rfc8949EncodeOptions));
}

/** In Node the library hands out Buffers, whose slice is a view and not a copy: nothing of ours may meet one. */
const plainBytes = (bytes: Uint8Array): Bytes =>
	(bytes.constructor === Uint8Array
		? bytes
		: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)) as Bytes;

/** Deeper nesting than any content of ours needs is an attack on the stack. */
const MAX_DEPTH = 64;

function written(value: Cbor, depth: number): unknown {
	if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('CBOR of ours has no such number');
	if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
	if (depth >= MAX_DEPTH) throw new Error('CBOR of ours does not nest so deep');
	if (Array.isArray(value)) return value.map((member: Cbor) => written(member, depth + 1));
	const members = Object.entries(value).filter(([, member]) => member !== undefined);
	// Not by assignment: a member named __proto__ is a member like others.
	return Object.fromEntries(members.map(([key, member]) => [key, written(member as Cbor, depth + 1)]));
}

const STRICT = {
	strict: true,
	allowIndefinite: false,
	allowUndefined: false,
	allowNaN: false,
	allowInfinity: false,
	allowBigInt: false,
	rejectDuplicateMapKeys: true
};

/** Bytes of the head of a text, by its low five bits; up to 23 stand for themselves. */
const LONG_HEADS: { readonly [minor: number]: number } = { 24: 2, 25: 3, 26: 5, 27: 9 };
const BYTE_ORDER_MARK = '\ufeff';

/** The library's reader takes a U+FEFF off the beginning of a text, as files have it. Ours keeps it: a text is what was written. */
class WholeTexts extends Tokenizer {
	override next(): Token {
		const at = this.pos();
		const token = super.next();
		if (!Type.equals(token.type, Type.string)) return token;
		const text = at + (LONG_HEADS[this.data[at]! & 31] ?? 1);
		const marked =
			this.data[text] === 0xef &&
			this.data[text + 1] === 0xbb &&
			this.data[text + 2] === 0xbf &&
			text + 2 < this.pos();
		if (marked) token.value = BYTE_ORDER_MARK + String(token.value);
		return token;
	}
}

/** The value, or undefined when the bytes are not canonical CBOR of our data model. Never throws. */
export function fromCbor(bytes: Uint8Array): Cbor | undefined {
	const value = fromLooseCbor(bytes);
	return value !== undefined && equal(toCbor(value), bytes) ? value : undefined;
}

/** Like fromCbor, but the order of map keys is not checked: for frames, which nobody signs. Never throws. */
export function fromLooseCbor(bytes: Uint8Array): Cbor | undefined {
	try {
		const value = decode(bytes, { ...STRICT, tokenizer: new WholeTexts(plainBytes(bytes), STRICT) }) as Cbor;
		return shallowEnough(value, 0) ? value : undefined;
	} catch {
		return undefined;
	}
}

function shallowEnough(value: Cbor, depth: number): boolean {
	if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return true;
	return depth < MAX_DEPTH && Object.values(value).every((member) => shallowEnough(member as Cbor, depth + 1));
}

/** Whether a value could have come as JSON: no byte strings in it. What peers write as content is nothing else. */
export function isJson(value: Cbor | undefined): boolean {
	if (value === undefined || value instanceof Uint8Array) return false;
	return (
		value === null || typeof value !== 'object' || Object.values(value).every((member) => isJson(member as Cbor))
	);
}
