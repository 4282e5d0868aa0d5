/**
 * The profiles of this device and the link that waits for one, in a sealed store of their own: opened before any engine, and the
 * only thing read to decide which screen comes first.
 */
import type { PendingLink, ProfileEntry } from './api.ts';
import { openStore, type SealedStore } from './store.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const LINK_KEPT_MS = 24 * 60 * 60 * 1000;

export interface Profiles {
	list(): Promise<ProfileEntry[]>;
	get(id: string): Promise<ProfileEntry | undefined>;
	put(entry: ProfileEntry): Promise<void>;
	remove(id: string): Promise<void>;
	keepLink(link: PendingLink | null): Promise<void>;
	keptLink(now: number): Promise<PendingLink | undefined>;
}

export async function openProfiles(): Promise<Profiles> {
	const store: SealedStore = await openStore('profiles');
	const write = (table: string, key: string, value: unknown) =>
		store.write([{ table, key, value: value === null ? null : encoder.encode(JSON.stringify(value)) }]);
	const parse = <T>(bytes: Uint8Array): T => JSON.parse(decoder.decode(bytes)) as T;

	return {
		async list() {
			const rows = await store.range('profile');
			return rows
				.map(([, bytes]) => parse<ProfileEntry>(bytes))
				.sort((a, b) => b.lastUsedAt.localeCompare(a.lastUsedAt));
		},
		async get(id) {
			const bytes = await store.get('profile', id);
			return bytes && parse<ProfileEntry>(bytes);
		},
		put: (entry) => write('profile', entry.id, entry),
		remove: (id) => write('profile', id, null),
		keepLink: (link) => write('pending', 'link', link),
		async keptLink(now) {
			const bytes = await store.get('pending', 'link');
			const link = bytes && parse<PendingLink>(bytes);
			return link && now - Date.parse(link.keptAt) < LINK_KEPT_MS ? link : undefined;
		}
	};
}

/** 12 characters of a–z and 0–9: enough to never meet itself on one device. */
export function newProfileId(): string {
	const alphabet = 'abcdefghijklmnopqrstuvwxyz012345'; // 32 signs: no sign is likelier than another
	return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => alphabet[byte & 31]).join('');
}
