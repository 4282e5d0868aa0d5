/**
 * Bodies on their way in: parts of at most 1 MiB, each on the disk before the next is asked for, so that a large file costs
 * the relay one part of memory. What is not named by an objectPut within `uploadMs` is forgotten, and so at a restart; the
 * client then begins again. A digest over all parts is kept as they come: nothing is read back.
 */
import { createHash, type Hash } from 'node:crypto';
import { equal, type Bytes } from '@enmeshed/crdt/wire';
import type { Limits } from './limits.ts';
import { nameOf } from './names.ts';
import type { Store, Writing } from './store/store.ts';

interface Upload {
	readonly tag: string;
	readonly file: Writing;
	readonly hash: Hash;
	have: number;
	touchedAt: number;
	/** Parts of one upload are written one after the other. */
	turn: Promise<unknown>;
}

/** `have`: bytes so far. `taken` is false when the part does not continue them. */
export interface Progress {
	readonly taken: boolean;
	readonly have: number;
}

export interface Uploads {
	/** Writes one part, or says where the next one has to begin. Too many under way: 'full' of this account, 'busy' of the relay. */
	part(tag: Bytes, handle: Bytes, at: number, bytes: Bytes): Promise<Progress | 'full' | 'busy'>;
	/** Makes the body durable and names its file; otherwise what is there. Other bytes than the digest's are thrown away. */
	finish(tag: Bytes, handle: Bytes, size: number, digest: Bytes): Promise<{ blob: string } | { have: number }>;
	/** Bytes of the account that are under way. */
	bytesOf(tag: Bytes): number;
	/** Forgets what nobody continued. */
	sweep(): Promise<void>;
	close(): Promise<void>;
}

export function createUploads(store: Store, limits: Limits, now: () => number): Uploads {
	const uploads = new Map<string, Promise<Upload>>();
	const open = new Map<string, Upload>();
	const keyOf = (tag: Bytes, handle: Bytes) => nameOf(tag) + nameOf(handle);
	const ofTag = (tag: Bytes) => [...open.values()].filter((upload) => upload.tag === nameOf(tag));

	async function begin(key: string, tag: Bytes): Promise<Upload> {
		try {
			const file = await store.writeBlob();
			const fresh = { tag: nameOf(tag), file, hash: createHash('sha256'), have: 0, touchedAt: now() };
			const upload: Upload = { ...fresh, turn: Promise.resolve() };
			open.set(key, upload);
			return upload;
		} catch (error) {
			uploads.delete(key);
			throw error;
		}
	}

	function forget(key: string): void {
		uploads.delete(key);
		open.delete(key);
	}

	async function abandon(key: string, upload: Upload): Promise<void> {
		forget(key);
		await inTurn(upload, () => upload.file.abandon());
	}

	/** Makes room by the one that waited longest for its next part, if it did for long: nobody keeps the places by standing still. */
	function forgetStale(): boolean {
		const [stalest] = [...open].sort(([, a], [, b]) => a.touchedAt - b.touchedAt);
		if (!stalest || now() - stalest[1].touchedAt < limits.uploadStaleMs) return false;
		void abandon(...stalest).catch(() => undefined);
		return true;
	}

	/** Runs `work` after the parts before it. */
	function inTurn<T>(upload: Upload, work: () => Promise<T>): Promise<T> {
		const result = upload.turn.then(work);
		upload.turn = result.catch(() => undefined);
		return result;
	}

	async function write(key: string, upload: Upload, at: number, bytes: Bytes): Promise<Progress> {
		if (open.get(key) !== upload || at > upload.have) return { taken: false, have: upload.have };
		upload.touchedAt = now();
		const fresh = bytes.subarray(Math.min(bytes.length, upload.have - at));
		try {
			if (fresh.length > 0) await upload.file.append(fresh);
		} catch (error) {
			forget(key);
			throw error;
		}
		upload.hash.update(fresh);
		upload.have += fresh.length;
		return { taken: true, have: upload.have };
	}

	return {
		async part(tag, handle, at, bytes) {
			const key = keyOf(tag, handle);
			let known = uploads.get(key);
			if (!known) {
				if (at > 0) return { taken: false, have: 0 };
				if (ofTag(tag).length >= limits.uploadsPerAccount) return 'full';
				if (uploads.size >= limits.uploads && !forgetStale()) return 'busy';
				known = begin(key, tag);
				uploads.set(key, known);
			}
			const upload = await known;
			return inTurn(upload, () => write(key, upload, at, bytes));
		},
		async finish(tag, handle, size, digest) {
			const key = keyOf(tag, handle);
			const upload = await uploads.get(key);
			if (!upload) return { have: 0 };
			return inTurn(upload, async () => {
				if (open.get(key) !== upload) return { have: 0 };
				if (upload.have < size) return { have: upload.have };
				forget(key);
				const right = upload.have === size && equal(new Uint8Array(upload.hash.digest()), digest);
				if (right) return { blob: await upload.file.finish() };
				await upload.file.abandon();
				return { have: 0 };
			});
		},
		bytesOf: (tag) => ofTag(tag).reduce((sum, { have }) => sum + have, 0),
		async sweep() {
			for (const [key, upload] of [...open]) {
				if (now() - upload.touchedAt >= limits.uploadMs) await abandon(key, upload);
			}
		},
		async close() {
			for (const [key, upload] of [...open]) await abandon(key, upload);
		}
	};
}
