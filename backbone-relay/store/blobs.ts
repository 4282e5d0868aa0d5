/**
 * Large objects as files: `blobs/ab/ab12….` A file is written under a temporary name, fsynced, renamed, and its folder
 * fsynced, before any row may name it; so a row never names a file that a power cut can take. Files that no row names
 * (a crash between the two) are swept.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bytes } from '@enmeshed/crdt/wire';
import { StoreError, type Writing } from './store.ts';

export interface Blobs {
	stage(bytes: Uint8Array): Promise<string>;
	/** The same, part after part. */
	write(): Promise<Writing>;
	/** A row names it now: the sweep asks the rows. */
	named(name: string): void;
	read(name: string): Promise<Bytes | undefined>;
	readPart(name: string, at: number, length: number): Promise<Bytes | undefined>;
	drop(name: string): Promise<void>;
	/** `named` tells all names rows have, at the moment it is called. */
	sweep(named: () => ReadonlySet<string>): Promise<number>;
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

async function syncFolder(path: string): Promise<void> {
	const folder = await open(path, 'r');
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}

const gone = (error: unknown): undefined => {
	if (codeOf(error) === 'ENOENT') return undefined;
	throw error;
};

export function createBlobs(root: string): Blobs {
	const staged = new Set<string>();
	const folderOf = (name: string) => join(root, name.slice(0, 2));
	const pathOf = (name: string) => join(folderOf(name), name);

	async function makeFolder(name: string): Promise<void> {
		const made = await mkdir(folderOf(name), { recursive: true, mode: 0o700 });
		if (made) await syncFolder(root);
	}

	const remove = (path: string) => unlink(path).catch(gone);

	/** Runs one step of writing a file; when it fails nothing of the file stays. */
	async function step<T>(name: string, file: FileHandle | undefined, work: () => Promise<T>): Promise<T> {
		try {
			return await work();
		} catch (error) {
			await file?.close().catch(() => undefined);
			await remove(`${pathOf(name)}.tmp`);
			staged.delete(name);
			throw new StoreError(FULL.has(codeOf(error) ?? '') ? 'full' : 'broken', error);
		}
	}

	async function write(): Promise<Writing> {
		const name = randomBytes(16).toString('hex');
		const path = pathOf(name);
		staged.add(name);
		const file = await step(name, undefined, async () => {
			await makeFolder(name);
			return open(`${path}.tmp`, 'wx', 0o600);
		});
		return {
			append: (bytes) => step(name, file, () => file.appendFile(bytes)),
			finish: () =>
				step(name, file, async () => {
					await file.sync();
					await file.close();
					await rename(`${path}.tmp`, path);
					await syncFolder(folderOf(name));
					return name;
				}),
			async abandon() {
				await file.close().catch(() => undefined);
				await remove(`${path}.tmp`);
				staged.delete(name);
			}
		};
	}

	return {
		write,
		async stage(bytes) {
			const file = await write();
			await file.append(bytes);
			return file.finish();
		},
		named: (name) => void staged.delete(name),
		read: (name) => readFile(pathOf(name)).then((bytes) => new Uint8Array(bytes), gone),
		async readPart(name, at, length) {
			const file = await open(pathOf(name), 'r').catch(gone);
			if (!file) return undefined;
			try {
				const buffer = new Uint8Array(length);
				const { bytesRead } = await file.read(buffer, 0, length, at);
				return bytesRead === length ? buffer : buffer.slice(0, bytesRead);
			} finally {
				await file.close();
			}
		},
		async drop(name) {
			await remove(pathOf(name));
			staged.delete(name);
		},
		async sweep(named) {
			const files: { folder: string; file: string }[] = [];
			for (const folder of await readdir(root))
				for (const file of await readdir(join(root, folder))) files.push({ folder, file });
			// Asked after the listing and at once: whatever was staged when it was listed is staged or named now.
			const names = named();
			const orphans = files.filter(({ file }) => {
				const name = file.replace(/\.tmp$/, '');
				return !staged.has(name) && !(name === file && names.has(name));
			});
			for (const { folder, file } of orphans) await remove(join(root, folder, file));
			return orphans.length;
		}
	};
}
