/** The head of a file: what is known of it without its bytes. It lies sealed at the relay and travels in letters that attach it. */
import type { Bytes } from '../codec/bytes.ts';
import type { Cbor } from '../codec/cbor.ts';
import { isTime } from '../codec/time.ts';
import type { CborMap } from '../identity/speech.ts';

export interface FileObject {
	readonly t: 'file';
	readonly id: string;
	readonly random: Bytes;
	readonly time: number;
	readonly device: string;
	readonly expiresAt: number;
	readonly filename: string;
	readonly mimetype: string;
	/** Bytes of the file itself. */
	readonly size: number;
	readonly key: Bytes;
	readonly title?: string;
	readonly description?: string;
	readonly tags?: readonly string[];
}

const isSize = (value: Cbor | undefined): value is number =>
	typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isText = (value: Cbor | undefined): value is string => typeof value === 'string';
const isTexts = (value: Cbor | undefined): value is readonly string[] =>
	Array.isArray(value) && (value as Cbor[]).every(isText);

/** What is known of a file, in its head and in the letters that attach it. */
export function parseFile(body: CborMap): FileObject | undefined {
	const { id, random, time, device, expiresAt, filename, mimetype, size, key, title, description, tags } = body;
	if (!isText(id) || !isText(device) || !isText(filename) || !isText(mimetype) || !isSize(size)) return undefined;
	if (!(random instanceof Uint8Array) || random.length !== 16) return undefined;
	if (!(key instanceof Uint8Array) || key.length !== 32) return undefined;
	if (!isTime(time) || !isTime(expiresAt)) return undefined;
	if ((title !== undefined && !isText(title)) || (description !== undefined && !isText(description)))
		return undefined;
	if (tags !== undefined && !isTexts(tags)) return undefined;
	return {
		t: 'file',
		id,
		random: random as Bytes,
		time,
		device,
		expiresAt,
		filename,
		mimetype,
		size,
		key: key as Bytes,
		...(title === undefined ? {} : { title }),
		...(description === undefined ? {} : { description }),
		...(tags === undefined ? {} : { tags })
	};
}
