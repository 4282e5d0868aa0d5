/**
 * The two things the line itself must read in a frame; everything else is the engine's. Frames are canonical CBOR maps
 * (crdt/codec/cbor.ts), keys sorted by length and bytes, so what is looked for stands near the front:
 *
 *   request, answer   map ‖ "v" 1 ‖ at most other names of one or two letters, such as "at" ‖ "id" uint ‖ …
 *   challenge         map(3) ‖ "v" 1 ‖ "push" "challenge" ‖ "challenge" bytes
 */
type Bytes = Uint8Array<ArrayBuffer>;

const V = [0x61, 0x76, 0x01];
const ID = [0x62, 0x69, 0x64];
const text = (word: string): number[] => [0x60 | word.length, ...new TextEncoder().encode(word)];
const PUSH_CHALLENGE = [0xa3, ...V, ...text('push'), ...text('challenge'), ...text('challenge')];

const startsWith = (frame: Uint8Array, at: number, expected: readonly number[]): boolean =>
	expected.every((byte, i) => frame[at + i] === byte);

/** The head of a CBOR item: its value and where the next byte stands. Undefined for other major types or a cut frame. */
function head(frame: Uint8Array, at: number, major: number): { value: number; next: number } | undefined {
	const first = frame[at];
	if (first === undefined || first >> 5 !== major) return undefined;
	const short = first & 31;
	if (short < 24) return { value: short, next: at + 1 };
	const length = [1, 2, 4, 8][short - 24];
	if (length === undefined || at + 1 + length > frame.length) return undefined;
	let value = 0;
	for (let i = 0; i < length; i++) value = value * 256 + frame[at + 1 + i]!;
	return { value, next: at + 1 + length };
}

/** Where the item that begins at `at` ends, for what stands before an id: numbers, texts, bytes. Undefined for all else. */
function behind(frame: Uint8Array, at: number): number | undefined {
	const first = frame[at];
	if (first === undefined) return undefined;
	const major = first >> 5;
	if (major === 7) return (first & 31) < 24 ? at + 1 : undefined;
	const item = major < 4 ? head(frame, at, major) : undefined;
	return item && (major < 2 ? item.next : item.next + item.value);
}

/** The id of a request or answer; undefined for pushes and for what is no frame. */
export function readId(frame: Uint8Array): number | undefined {
	const map = head(frame, 0, 5);
	if (!map || !startsWith(frame, map.next, V)) return undefined;
	let at: number | undefined = map.next + V.length;
	while (at !== undefined && at < frame.length) {
		if (startsWith(frame, at, ID)) return head(frame, at + ID.length, 0)?.value;
		const name = head(frame, at, 3);
		// Sorted: behind longer names there is no "id".
		if (!name || name.value > 2) return undefined;
		at = behind(frame, name.next + name.value);
	}
	return undefined;
}

/** The relay's challenge, if this is the greeting. */
export function readChallenge(frame: Uint8Array): Bytes | undefined {
	if (!startsWith(frame, 0, PUSH_CHALLENGE)) return undefined;
	const bytes = head(frame, PUSH_CHALLENGE.length, 2);
	if (!bytes || bytes.next + bytes.value !== frame.length) return undefined;
	return frame.slice(bytes.next) as Bytes;
}
