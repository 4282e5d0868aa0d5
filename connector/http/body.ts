/**
 * Request bodies (connector-api.md §1, §14): JSON (objects and lists only) and flat forms; anything else, or nothing, is `{}`.
 * Read before authentication, so everything here is bounded: bytes as they arrive and as they unpack, and nesting.
 */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Refusal, Result } from '../../crdt/index.ts';
import { ok } from '../../crdt/index.ts';
import { MAX_BODY_BYTES, MAX_DRAIN_BYTES, MAX_FORM_FIELDS, MAX_JSON_DEPTH } from '../limits.ts';
import { invalidJson, tooLarge as tooLargeRefusal } from './errors.ts';

export type Body = { readonly [key: string]: unknown } | readonly unknown[];

const refused = (error: Refusal): Result<never> => ({ ok: false, error });
const tooLarge = refused(tooLargeRefusal);

/**
 * The bytes of a body, or undefined: more than `limit`. What is too much is read on and thrown away up to MAX_DRAIN_BYTES, so that
 * the caller still gets to read the answer instead of a broken connection.
 */
export async function readUpTo(
	body: ReadableStream<Uint8Array>,
	limit: number
): Promise<Uint8Array<ArrayBuffer> | undefined> {
	const chunks: Uint8Array[] = [];
	let received = 0;
	for await (const chunk of body) {
		received += chunk.length;
		if (received <= limit) chunks.push(chunk);
		else chunks.length = 0;
		if (received > limit + MAX_DRAIN_BYTES) break;
	}
	return received > limit ? undefined : new Uint8Array(Buffer.concat(chunks));
}

async function readBytes(request: Request): Promise<Result<Uint8Array>> {
	if (request.body === null) return ok(new Uint8Array());
	const bytes = await readUpTo(request.body, MAX_BODY_BYTES);
	return bytes === undefined ? tooLarge : ok(bytes);
}

const UNPACK = { gzip: promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) };

async function unpack(bytes: Uint8Array, encoding: string | null): Promise<Result<Uint8Array>> {
	const name = encoding?.trim().toLowerCase() ?? 'identity';
	if (name === 'identity' || bytes.length === 0) return ok(bytes);
	if (!Object.hasOwn(UNPACK, name)) return refused(invalidJson);
	try {
		return ok(await UNPACK[name as keyof typeof UNPACK](bytes, { maxOutputLength: MAX_BODY_BYTES }));
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge : refused(invalidJson);
	}
}

/** Brackets open at once, outside of strings. A loop, not an expression: a body may be one string of two million characters. */
function depthOf(json: string): number {
	let depth = 0;
	let deepest = 0;
	let quoted = false;
	for (let at = 0; at < json.length; at++) {
		const character = json[at];
		if (quoted) {
			if (character === '\\') at++;
			else if (character === '"') quoted = false;
		} else if (character === '"') quoted = true;
		else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
		else if (character === ']' || character === '}') depth--;
	}
	return deepest;
}

/** Numbers no double holds as they are written again: null. In place, nesting is bounded before. */
function finite(value: unknown): unknown {
	if (typeof value === 'number') return Number.isFinite(value) ? value : null;
	if (typeof value !== 'object' || value === null) return value;
	const members = value as { [name: string]: unknown };
	for (const name of Object.keys(members)) members[name] = finite(members[name]);
	return members;
}

function parseJson(text: string): Result<Body> {
	if (text.trim() === '') return ok({});
	if (depthOf(text) > MAX_JSON_DEPTH) return refused(invalidJson);
	try {
		const value: unknown = finite(JSON.parse(text));
		return typeof value === 'object' && value !== null ? ok(value as Body) : refused(invalidJson);
	} catch {
		return refused(invalidJson);
	}
}

/** A flat form: a repeated name becomes a list. Its fields are counted: nobody who fills in a form has so many. */
function parseForm(text: string): Result<Body> {
	const form = new Map<string, string[]>();
	let fields = 0;
	for (const [name, value] of new URLSearchParams(text)) {
		if (++fields > MAX_FORM_FIELDS) return tooLarge;
		const values = form.get(name);
		if (values) values.push(value);
		else form.set(name, [value]);
	}
	return ok(Object.fromEntries([...form].map(([name, values]) => [name, values.length > 1 ? values : values[0]])));
}

/** The body of a request as a value, or a refusal. */
export async function readBody(request: Request): Promise<Result<Body>> {
	const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
	if (type !== 'application/json' && type !== 'application/x-www-form-urlencoded') return ok({});
	const packed = await readBytes(request);
	if (!packed.ok) return packed;
	const bytes = await unpack(packed.value, request.headers.get('content-encoding'));
	if (!bytes.ok) return bytes;
	const text = new TextDecoder().decode(bytes.value);
	return type === 'application/json' ? parseJson(text) : parseForm(text);
}
