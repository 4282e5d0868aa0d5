/**
 * Who somebody is to the person: name (app-spec R7), initials, colour. A name the person gave beats what the contact shared,
 * which beats the title of the code they met by; without any it is "Unknown contact" and the end of the address.
 */
import type { AttributeRow, Json, JsonObject, RelationshipRow, RequestRow, TemplateRow } from '@enmeshed/crdt';
import { m } from '$lib/paraglide/messages.js';

export interface Contact {
	readonly address: string;
	readonly name: string;
	/** The name before the person gave another. */
	readonly ownName: string;
	readonly isKnown: boolean;
	readonly initials: string;
	/** 0–11: app.css [data-hue]. */
	readonly hue: number;
	/** The newest relationship; undefined when there is only a request so far. */
	readonly relationship?: RelationshipRow;
	readonly note: string;
	readonly isPinned: boolean;
}

interface Sources {
	readonly relationships: readonly RelationshipRow[];
	readonly attributes: readonly AttributeRow[];
	readonly templates: readonly TemplateRow[];
	readonly requests: readonly RequestRow[];
	/** Fields of shard `rel`. */
	readonly fields: { readonly [field: string]: Json };
}

/** All contacts and everybody who asks, by address. */
export function contactsByAddress(sources: Sources): Map<string, Contact> {
	const newest = new Map<string, RelationshipRow>();
	for (const row of sources.relationships) {
		if (row._hidden) continue;
		const known = newest.get(row.peer);
		if (!known || known._createdAt < row._createdAt) newest.set(row.peer, row);
	}
	const addresses = new Set([...newest.keys(), ...sources.requests.map((r) => r.peer)]);
	return new Map([...addresses].map((address) => [address, contact(address, newest.get(address), sources)]));
}

function contact(address: string, relationship: RelationshipRow | undefined, sources: Sources): Contact {
	const given = text(relationship && sources.fields[`${relationship.id}.name`]);
	const shared = nameFromAttributes(sources.attributes.filter((a) => a.peer === address && !a.succeededBy));
	const title = titleOf(address, relationship, sources);
	const ownName = shared || title || unknownName(address);
	const name = given || ownName;
	return {
		address,
		name,
		ownName,
		isKnown: Boolean(given || shared || title),
		initials: initialsOf(name),
		hue: hueOf(address),
		...(relationship ? { relationship } : {}),
		note: text(relationship && sources.fields[`${relationship.id}.note`]),
		isPinned: relationship ? sources.fields[`${relationship.id}.pinned`] === true : false
	};
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** DisplayName → Given (+Middle) + Surname → Salutation + Surname → Surname. */
function nameFromAttributes(attributes: readonly AttributeRow[]): string {
	const of = (type: string): string => {
		const row = attributes.find((a) => valueOf(a)?.['@type'] === type);
		return text(row && valueOf(row)?.['value']).trim();
	};
	const surname = of('Surname');
	const names = [of('GivenName'), of('MiddleName'), surname].filter(Boolean).join(' ');
	return (
		of('DisplayName') || (of('GivenName') && names) || [of('HonorificPrefix'), surname].filter(Boolean).join(' ')
	);
}

const valueOf = (row: AttributeRow): JsonObject | undefined => row.content['value'] as JsonObject | undefined;

/** The title of the code the two met by: an organisation names itself there. */
function titleOf(address: string, relationship: RelationshipRow | undefined, { templates, requests }: Sources): string {
	const ids = new Set([
		relationship?.templateId,
		...requests.filter((r) => r.peer === address).map((r) => r.source?.reference)
	]);
	const template = templates.find((t) => ids.has(t.id) && t.createdBy === address);
	return text(template?.content['title']).trim();
}

export const shortAddress = (address: string): string => address.slice(-4);
const unknownName = (address: string): string => m.contact_unknown({ tail: shortAddress(address) });

/** Two letters: of the first and the last word. */
export function initialsOf(name: string): string {
	const words = name.split(/[\s–-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
	const ends = words.length > 1 ? [words[0]!, words.at(-1)!] : words;
	const letters = ends.map((word) => [...word.replace(/^[^\p{L}\p{N}]+/u, '')][0]!);
	return letters.join('').toUpperCase() || '?';
}

/** The same colour on every device, from the address alone. */
export function hueOf(address: string): number {
	let sum = 0;
	for (let i = 0; i < address.length; i++) sum = (sum * 31 + address.charCodeAt(i)) >>> 0;
	return sum % 12;
}

/** Unknown first (they need a look), then by name. */
export function byName(a: Contact, b: Contact): number {
	return Number(a.isKnown) - Number(b.isKnown) || a.name.localeCompare(b.name);
}
