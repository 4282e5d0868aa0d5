/**
 * Uploads (`multipart/form-data`, RFC 7578): one file and flat text fields. Read after authentication and role check, in
 * bounded memory: a file is never kept beyond `maxFileBytes`, fields and parts are few and small. What is too much is read on
 * and thrown away up to MAX_DRAIN_BYTES, so that the caller still gets to read the answer.
 */
import { Busboy } from '@fastify/busboy';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import { ok, refuse, type Result } from '../../crdt/index.ts';
import { MAX_DRAIN_BYTES, MAX_UPLOAD_FIELD_BYTES, MAX_UPLOAD_FIELDS } from '../limits.ts';

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
const BROKEN = invalid('the multipart body is malformed');

export const isMultipart = (request: Request): boolean =>
	/^multipart\/form-data\s*;/i.test(request.headers.get('content-type') ?? '');

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
	const body = Readable.fromWeb(request.body as NodeStream<Uint8Array>);
	try {
		return await parse(request.headers.get('content-type') ?? '', body, maxFileBytes);
	} finally {
		body.destroy();
	}
}

function parse(contentType: string, body: Readable, maxFileBytes: number): Promise<Result<Upload>> {
	return new Promise((resolve) => {
		const fields: Record<string, string | readonly string[]> = {};
		let file: UploadedFile | undefined;
		let refusal: Result<never> | undefined;
		let received = 0;
		const fail = (why: Result<never>) => (refusal ??= why);
		const end = () => resolve(refusal ?? ok({ fields, ...(file === undefined ? {} : { file }) }));

		let parser: InstanceType<typeof Busboy>;
		try {
			parser = new Busboy({
				headers: { 'content-type': contentType },
				limits: {
					fileSize: maxFileBytes + 1,
					files: 1,
					fields: MAX_UPLOAD_FIELDS,
					fieldSize: MAX_UPLOAD_FIELD_BYTES,
					parts: MAX_UPLOAD_FIELDS + 1
				}
			});
		} catch {
			return resolve(BROKEN);
		}
		parser.on('field', (name, value, isNameCut, isValueCut) => {
			if (isNameCut || isValueCut) fail(invalid(`${isNameCut ? 'a field name' : name} is too long`));
			else withField(fields, name, value);
		});
		parser.on('file', (name, part, filename, _encoding, mimetype) => {
			const chunks: Buffer[] = [];
			part.on('data', (chunk: Buffer) => chunks.push(chunk));
			part.on('limit', () => chunks.splice(0));
			part.on('end', () => {
				if (name !== 'file') return;
				const bytes = new Uint8Array(Buffer.concat(chunks));
				if (bytes.length > maxFileBytes || part.truncated) fail(TOO_LARGE);
				else file = { filename: filename ?? '', mimetype: mimetype || 'application/octet-stream', bytes };
			});
		});
		for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
			parser.on(limit, () => fail(invalid('there are too many parts')));
		parser.on('error', () => {
			fail(BROKEN);
			end();
		});
		parser.on('finish', end);
		body.on('data', (chunk: Buffer) => {
			received += chunk.length;
			if (received > maxFileBytes + MAX_DRAIN_BYTES) {
				fail(TOO_LARGE);
				body.destroy();
				end();
			}
		});
		body.on('error', () => {
			fail(BROKEN);
			end();
		});
		body.pipe(parser);
	});
}
