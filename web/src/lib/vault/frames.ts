/**
 * The two things the line itself must read in a frame; everything else is the engine's. Frames are canonical CBOR maps
 * (crdt/codec/cbor.ts), keys sorted by length and bytes, so the first members stand at known places:
 *
 *   request, answer   map ‖ "v" 1 ‖ "id" uint ‖ …
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

/** The id of a request or answer; undefined for pushes and for what is no frame. */
export function readId(frame: Uint8Array): number | undefined {
	const map = head(frame, 0, 5);
	if (!map || !startsWith(frame, map.next, [...V, ...ID])) return undefined;
	return head(frame, map.next + V.length + ID.length, 0)?.value;
}

/** The relay's challenge, if this is the greeting. */
export function readChallenge(frame: Uint8Array): Bytes | undefined {
	if (!startsWith(frame, 0, PUSH_CHALLENGE)) return undefined;
	const bytes = head(frame, PUSH_CHALLENGE.length, 2);
	if (!bytes || bytes.next + bytes.value !== frame.length) return undefined;
	return frame.slice(bytes.next) as Bytes;
}
