/**
 * Files as pages see them, made in the worker: what a file is called, how large it is and whose; never the key of its bytes.
 * The bytes go over as a Blob of no type, so that nothing a peer sent is ever a page of this origin.
 */
import type { Engine, FileRow, Iso, Result } from '@enmeshed/crdt';

export interface FileView {
	readonly id: string;
	readonly isOwn: boolean;
	/** Its title, else its name. */
	readonly label: string;
	readonly filename: string;
	readonly mimetype: string;
	/** Bytes. */
	readonly size: number;
	readonly createdAt: Iso;
	readonly expiresAt: Iso;
	readonly owner: string;
	/** As attributes name it. */
	readonly reference: string;
}

/** One view per row: the mirror sees by reference what changed. */
const views = new WeakMap<FileRow, FileView>();

export function fileView(row: FileRow): FileView {
	const known = views.get(row);
	if (known) return known;
	const { id, isOwn, filename, mimetype, createdAt, expiresAt, owner } = row;
	const view: FileView = {
		id,
		isOwn,
		label: row.title?.trim() || filename,
		filename,
		mimetype,
		size: row.filesize,
		createdAt,
		expiresAt,
		owner,
		reference: row.reference.truncated
	};
	views.set(row, view);
	return view;
}

const viewed = (result: Result<FileRow>): Result<FileView> =>
	result.ok ? { ok: true, value: fileView(result.value) } : result;

/** Seals a file and puts it at the relay; it is then one of the own files. */
export async function addFile({ files }: Engine, file: File): Promise<Result<FileView>> {
	const content = new Uint8Array(await file.arrayBuffer());
	const mimetype = file.type || 'application/octet-stream';
	return viewed(await files.create({ content, filename: file.name, mimetype }));
}

/** What a reference to a file, or to a token that holds one, leads to. */
export async function loadFile({ files }: Engine, reference: string, password?: string): Promise<Result<FileView>> {
	return viewed(await files.load(reference, password === undefined ? {} : { password }));
}

export async function fileBytes({ files }: Engine, id: string): Promise<Result<Blob>> {
	const download = await files.download(id);
	if (!download.ok) return download;
	const parts: BlobPart[] = [];
	try {
		for await (const chunk of download.value.chunks) parts.push(chunk);
	} catch (error) {
		const code = error instanceof Error ? error.message : 'error.transport.request.unknown';
		return { ok: false, error: { code, message: 'The file could not be fetched whole.' } };
	}
	return { ok: true, value: new Blob(parts, { type: 'application/octet-stream' }) };
}
