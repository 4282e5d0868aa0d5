/**
 * Large objects as files: `blobs/ab/ab12….` A file is written under a temporary name, fsynced, renamed, and its folder
 * fsynced, before any row may name it; so a row never names a file that a power cut can take. Files that no row names
 * (a crash between the two) are swept.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bytes } from '@enmeshed/crdt/wire';
import { StoreError } from './store.ts';

export interface Blobs {
	stage(bytes: Uint8Array): Promise<string>;
	/** A row names it now: the sweep asks the rows. */
	named(name: string): void;
	read(name: string): Promise<Bytes | undefined>;
	drop(name: string): Promise<void>;
	sweep(isNamed: (name: string) => boolean): Promise<number>;
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

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
	const file = await open(path, 'wx', 0o600);
	try {
		await file.writeFile(bytes);
		await file.sync();
	} finally {
		await file.close();
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

	async function place(name: string, bytes: Uint8Array): Promise<void> {
		await makeFolder(name);
		await writeDurably(`${pathOf(name)}.tmp`, bytes);
		await rename(`${pathOf(name)}.tmp`, pathOf(name));
		await syncFolder(folderOf(name));
	}

	const remove = (path: string) => unlink(path).catch(gone);

	return {
		async stage(bytes) {
			const name = randomBytes(16).toString('hex');
			staged.add(name);
			try {
				await place(name, bytes);
				return name;
			} catch (error) {
				await remove(`${pathOf(name)}.tmp`);
				staged.delete(name);
				throw new StoreError(FULL.has(codeOf(error) ?? '') ? 'full' : 'broken', error);
			}
		},
		named: (name) => void staged.delete(name),
		read: (name) => readFile(pathOf(name)).then((bytes) => new Uint8Array(bytes), gone),
		async drop(name) {
			await remove(pathOf(name));
			staged.delete(name);
		},
		async sweep(isNamed) {
			let swept = 0;
			for (const folder of await readdir(root)) {
				for (const file of await readdir(join(root, folder))) {
					const name = file.replace(/\.tmp$/, '');
					if (staged.has(name) || (name === file && isNamed(name))) continue;
					await remove(join(root, folder, file));
					swept++;
				}
			}
			return swept;
		}
	};
}
