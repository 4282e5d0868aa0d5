/**
 * What the people of a world know and were told: the other opinion the engines are compared with. It knows nothing of keys,
 * logs or the relay; it remembers what somebody wanted, and what a device said was done.
 */
import type { Bytes } from '../codec/bytes.ts';
import type { Device } from './device.ts';
import type { Prng } from './prng.ts';

export interface Person {
	readonly owner: number;
	readonly address: string;
	/** First 16 bytes of the genesis hash: the account's name at the relay. */
	tag: Bytes;
}

/** Something a device said was done. It must hold on that device from then on, and on all of the identity once healed. */
export interface Kept {
	readonly owner: number;
	readonly device: string;
	readonly what: string;
	holds(device: Device): boolean;
}

/** A text that was typed in once: who may ever hold it. */
export interface Marker {
	readonly owner: number;
	/** Undefined = whoever it reaches (a template's content). */
	readonly readers: Set<number> | undefined;
}

export interface Template {
	readonly id: string;
	readonly owner: number;
	readonly url: string;
}

export interface Published {
	readonly owner: number;
	readonly url: string;
}

export interface Write {
	readonly value: string;
	acknowledged: boolean;
}

export interface Decision {
	readonly owner: number;
	readonly device: Device;
	readonly request: string;
	readonly accept: boolean;
	/** JSON of the response's content, as told. */
	readonly response: string;
}

export interface Model {
	readonly identities: Person[];
	readonly kept: Kept[];
	readonly markers: Map<string, Marker>;
	readonly templates: Template[];
	/** owner/shard/field/device → what was written there, oldest first. */
	readonly writes: Map<string, Write[]>;
	readonly decisions: Decision[];
	/** owner/peer address: somebody of that identity asked to remove everything with the peer. */
	readonly purged: Set<string>;
	/** owner/attribute: somebody asked to delete it. */
	readonly deleted: Set<string>;
	readonly discarded: Set<string>;
	/** owner/id: somebody asked to throw away a file, a token, a template or a draft. */
	readonly dropped: Set<string>;
	/** References others may load. */
	readonly files: Published[];
	readonly tokens: Published[];
	/** owner → ids of events its devices told. */
	readonly events: Map<number, Set<string>>;
	/** owner/event → the device that tells the outside of it. */
	readonly claimed: Map<string, string>;
	devicesOf(owner: number): readonly Device[];
	addIdentity(owner: number, address: string): void;
	ownerOf(address: string): number | undefined;
	/** A fresh text nobody else types. */
	marker(owner: number, readers: Set<number> | undefined): string;
	readonly seedState: readonly Person[];
}

/** Starts every marked text; nothing else in a world contains it. */
export const CANARY = 'Kanari';

export function createModel(random: Prng, people: readonly Person[] = []): Model {
	const identities: Person[] = people.map((person) => ({ ...person }));
	let texts = 0;
	const model: Model = {
		identities,
		kept: [],
		markers: new Map(),
		templates: [],
		writes: new Map(),
		decisions: [],
		purged: new Set(),
		deleted: new Set(),
		discarded: new Set(),
		dropped: new Set(),
		files: [],
		tokens: [],
		events: new Map(),
		claimed: new Map(),
		devicesOf: () => [],
		addIdentity: (owner, address) => void identities.push({ owner, address, tag: new Uint8Array(16) }),
		ownerOf: (address) => identities.find((person) => person.address === address)?.owner,
		marker(owner, readers) {
			texts += 1;
			const text = `${CANARY}${texts}x${(random.next() & 0xffff).toString(16)}z`;
			model.markers.set(text, { owner, readers });
			return text;
		},
		get seedState() {
			return identities;
		}
	};
	return model;
}

export const MARKER = new RegExp(`${CANARY}\\d+x[0-9a-f]+z`, 'g');

/** JSON with sorted members: equal values have equal texts. */
export const canonicalJson = (value: unknown): string =>
	JSON.stringify(sorted(value), (_key, member: unknown) => (member instanceof Uint8Array ? [...member] : member));
function sorted(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sorted);
	if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
	return Object.fromEntries(
		Object.entries(value)
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([key, member]) => [key, sorted(member)])
	);
}
