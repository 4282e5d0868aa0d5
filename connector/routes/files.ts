/** Files (connector-api.md §2.6): uploaded, loaded by reference, downloaded, handed over by token. */
import * as v from 'valibot';
import type { Engine, Result } from '../../crdt/index.ts';
import { ok } from '../../crdt/index.ts';
import { keys, type FilterTable } from '../http/filter.ts';
import type { UploadedFile } from '../http/multipart.ts';
import { strict } from '../http/schema.ts';
import { listRows, ofSide } from '../http/stream.ts';
import { idPattern, iso, reference, text, tokenInput } from './input.ts';
import { expiryInPast, isPast } from './refuse.ts';
import { endpoint, type Download } from './route.ts';
import { isEphemeral, withoutAbsent } from './templates.ts';

const filters: FilterTable = {
	...keys('value', 'createdAt createdBy createdByDevice description expiresAt filename filesize mimetype title'),
	...keys('value', 'isOwn'),
	...keys('text', 'tags ownershipToken'),
	...keys('flag', 'ownershipIsLocked')
};
const FILE = idPattern('FIL');

const listed = (summary: string, isOwn?: boolean) =>
	endpoint({
		summary,
		filters,
		run: ({ engine: { files }, query }) =>
			listRows('files', isOwn === undefined ? files.rows : ofSide(files.rows, isOwn), filters, query)
	});
export const list = listed('All files');
export const own = listed('Own files', true);
export const peer = listed('Loaded files', false);

const uploaded = v.custom<UploadedFile>((value) => typeof value === 'object' && value !== null, 'must be a file');
/** One field is one tag, several are a list. */
const tags = v.pipe(
	v.union([text, v.array(text)]),
	v.transform((given) => (typeof given === 'string' ? [given] : [...given]))
);

export const create = endpoint({
	summary: 'Upload a file',
	upload: true,
	body: strict({
		content: uploaded,
		expiresAt: v.optional(iso),
		title: v.optional(text),
		description: v.optional(text),
		tags: v.optional(tags)
	}),
	run({ engine, body: { content, ...described }, now }) {
		if (isPast(described.expiresAt, now)) return expiryInPast();
		const { bytes, filename, mimetype } = content;
		return engine.files.create({ content: bytes, filename, mimetype, ...withoutAbsent(described) });
	}
});

export const load = endpoint({
	summary: 'Load a file of somebody else by its reference',
	body: strict({
		reference: reference(['FIL', 'TOK'], 'token / file reference invalid'),
		password: v.optional(v.pipe(text, v.minLength(1)))
	}),
	run: ({ engine, body: { reference: named, ...options } }) => engine.files.load(named, withoutAbsent(options))
});

export const one = endpoint({
	summary: 'One file by its id or reference, or its reference as a QR code',
	accept: 'picture',
	run: ({ engine, params }) => engine.files.find(params['id'] ?? '')
});

/** The bytes, as they come from the relay. */
export async function downloadOf(engine: Engine, id: string): Promise<Result<Download>> {
	const download = await engine.files.download(id);
	if (!download.ok) return download;
	const { file, chunks } = download.value;
	return ok({ content: chunks, filesize: file.filesize, mimetype: file.mimetype, filename: file.filename });
}

export const download = endpoint({
	summary: 'The bytes of a file',
	accept: 'any',
	answers: 'bytes',
	params: { id: FILE },
	run: ({ engine, params }) => downloadOf(engine, params['id'] ?? '')
});

export const createToken = endpoint({
	summary: 'Create a token that holds a file, or its QR code',
	accept: 'picture',
	params: { id: FILE },
	body: tokenInput,
	run(call) {
		const { engine, params, body, now } = call;
		if (isPast(body.expiresAt, now)) return expiryInPast();
		const input = { ...withoutAbsent(body), ephemeral: isEphemeral(call, body.ephemeral) };
		return engine.files.createToken(params['id'] ?? '', input);
	}
});

export const remove = endpoint({
	summary: 'Delete a file; an own one at the relay too',
	accept: 'any',
	params: { fileId: FILE },
	run: ({ engine, params }) => engine.files.delete(params['fileId'] ?? '')
});

export const regenerateOwnershipToken = endpoint({
	summary: 'Make another ownership token; claims are open again',
	accept: 'any',
	params: { id: FILE },
	run: ({ engine, params }) => engine.files.regenerateOwnershipToken(params['id'] ?? '')
});
