/**
 * The little a line needs to know of a frame (crdt/codec/frame.ts), and no more: CBOR (RFC 8949) maps with text keys, of
 * which only `id`, `push` and `challenge` are read. Everything else is stepped over. A frame that is none gives undefined.
 *
 *   request, answer  { id }          push  { push: "wake" | "challenge", challenge? }
 */
type Bytes = Uint8Array<ArrayBuffer>;

export interface FrameHead {
	readonly id?: number;
	readonly push?: string;
	readonly challenge?: Bytes;
}

/** Deeper than any frame of the protocol. */
const MAX_DEPTH = 16;
const UINT = 0;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG = 6;

interface Item {
	readonly major: number;
	/** Value of an integer, length of a string, count of a list or map. */
	readonly argument: number;
	/** Where what follows the head begins. */
	readonly at: number;
}

/** Head of the item at `at`; throws RangeError beyond the end or for lengths no frame has. */
function head(frame: Uint8Array, at: number): Item {
	const first = frame[at];
	if (first === undefined) throw new RangeError('end of frame');
	const info = first & 31;
	if (info < 24) return { major: first >> 5, argument: info, at: at + 1 };
	if (info > 27) throw new RangeError('indefinite length');
	const size = 1 << (info - 24);
	const view = new DataView(frame.buffer, frame.byteOffset + at + 1, Math.min(size, frame.length - at - 1));
	const argument =
		size === 1
			? view.getUint8(0)
			: size === 2
				? view.getUint16(0)
				: size === 4
					? view.getUint32(0)
					: Number(view.getBigUint64(0));
	return { major: first >> 5, argument, at: at + 1 + size };
}

/** Where the item after this one begins. */
function skip(frame: Uint8Array, from: number, depth = 0): number {
	if (depth > MAX_DEPTH) throw new RangeError('too deep');
	const { major, argument, at } = head(frame, from);
	if (major === BYTES || major === TEXT) return at + argument;
	if (major === TAG) return skip(frame, at, depth + 1);
	if (major !== ARRAY && major !== MAP) return at;
	let next = at;
	for (let left = major === MAP ? argument * 2 : argument; left > 0; left--) next = skip(frame, next, depth + 1);
	return next;
}

const slice = (frame: Uint8Array, { at, argument }: Item): Bytes => {
	if (at + argument > frame.length) throw new RangeError('end of frame');
	return new Uint8Array(frame.subarray(at, at + argument));
};
const textOf = (frame: Uint8Array, item: Item) => new TextDecoder().decode(slice(frame, item));

function readHead(frame: Uint8Array): FrameHead {
	const map = head(frame, 0);
	if (map.major !== MAP) throw new RangeError('no map');
	const found: { -readonly [K in keyof FrameHead]: FrameHead[K] } = {};
	let at = map.at;
	for (let left = map.argument; left > 0; left--) {
		const key = head(frame, at);
		const name = key.major === TEXT ? textOf(frame, key) : '';
		const valueAt = skip(frame, at);
		const value = head(frame, valueAt);
		if (name === 'id' && value.major === UINT) found.id = value.argument;
		if (name === 'push' && value.major === TEXT) found.push = textOf(frame, value);
		if (name === 'challenge' && value.major === BYTES) found.challenge = slice(frame, value);
		at = skip(frame, valueAt);
	}
	if (at !== frame.length) throw new RangeError('more than a frame');
	return found;
}

export function frameHead(frame: Uint8Array): FrameHead | undefined {
	try {
		return readHead(frame);
	} catch (error) {
		if (error instanceof RangeError) return undefined;
		throw error;
	}
}
