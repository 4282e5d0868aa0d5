/**
 * Uploads (`multipart/form-data`, RFC 7578): one file and flat text fields. Read after authentication and role check, in
 * bounded memory: bytes are taken in up to the largest file and its fields, then parsed by the platform's own parser.
 */
import { ok, refuse, type Result } from '../../crdt/index.ts';
import { readUpTo } from './body.ts';
import { MAX_UPLOAD_FIELD_BYTES, MAX_UPLOAD_FIELDS, MAX_UPLOAD_FIELDS_BYTES } from '../limits.ts';

export interface UploadedFile {
	readonly filename: string;
	/** The part's content type; `application/octet-stream` when it names none. */
	readonly mimetype: string;
	readonly bytes: Uint8Array<ArrayBuffer>;
}
export interface Upload {
	/** A repeated field is a list. */
	readonly fields: Readonly<Record<string, string | readonly string[]>>;
	/** The part named `file`; absent when there was none. */
	readonly file?: UploadedFile;
}

const invalid = (message: string) => refuse('error.runtime.validation.invalidPropertyValue', message);
const TOO_LARGE = invalid("'content' is too large");
const TOO_MANY = invalid('there are too many parts');
const BROKEN = invalid('the multipart body is malformed');

const isMultipart = (request: Request): boolean =>
	/^multipart\/form-data\s*;/i.test(request.headers.get('content-type') ?? '');

async function formOf(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<FormData | undefined> {
	try {
		return await new Response(bytes, { headers: { 'content-type': type } }).formData();
	} catch {
		return undefined;
	}
}

function withField(fields: Record<string, string | readonly string[]>, given: string, value: string): void {
	const name = given.replace(/\[\]$/, '');
	const before = Object.hasOwn(fields, name) ? fields[name] : undefined;
	const next = before === undefined ? value : [...(typeof before === 'string' ? [before] : before), value];
	Object.defineProperty(fields, name, { value: next, enumerable: true, configurable: true, writable: true });
}

/**
 * The upload of a request; `{fields: {}}` for a request that is none. 400 `'content' is too large` for a file over
 * `maxFileBytes`, 400 for a body that is no multipart body.
 */
export async function readUpload(request: Request, maxFileBytes: number): Promise<Result<Upload>> {
	if (!isMultipart(request) || request.body === null) return ok({ fields: {} });
	const bytes = await readUpTo(request.body, maxFileBytes + MAX_UPLOAD_FIELDS_BYTES);
	if (bytes === undefined) return TOO_LARGE;
	const form = await formOf(bytes, request.headers.get('content-type') ?? '');
	return form === undefined ? BROKEN : uploadOf([...form], maxFileBytes);
}

async function uploadOf(parts: [string, FormDataEntryValue][], maxFileBytes: number): Promise<Result<Upload>> {
	if (parts.length > MAX_UPLOAD_FIELDS) return TOO_MANY;
	const fields: Record<string, string | readonly string[]> = {};
	let file: File | undefined;
	for (const [name, part] of parts) {
		if (typeof part === 'string') {
			if (part.length > MAX_UPLOAD_FIELD_BYTES) return invalid(`${name} is too long`);
			withField(fields, name, part);
		} else if (name === 'file') {
			if (file !== undefined) return TOO_MANY;
			file = part;
		}
	}
	if (file === undefined) return ok({ fields });
	if (file.size > maxFileBytes) return TOO_LARGE;
	const bytes = new Uint8Array(await file.arrayBuffer());
	return ok({ fields, file: { filename: file.name, mimetype: file.type || 'application/octet-stream', bytes } });
}
