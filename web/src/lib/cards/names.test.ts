import type { AttributeRow, Json, JsonObject, RelationshipRow, RequestRow, TemplateRow } from '@enmeshed/crdt';
import { describe, expect, it } from 'vitest';
import { contactsByAddress, hueOf, initialsOf } from './names.ts';

const peer = 'did:e:localhost:dids:0123456789abcdef01ab12';
const relationship = {
	id: 'REL00000000000000001',
	peer,
	templateId: 'RLT00000000000000001',
	status: 'Active',
	_createdAt: '2026-01-01T00:00:00.000Z',
	_own: true,
	auditLog: []
} as unknown as RelationshipRow;
const shared = (type: string, value: string): AttributeRow =>
	({ id: type, peer, content: { value: { '@type': type, value } } as JsonObject }) as unknown as AttributeRow;
const template = {
	id: 'RLT00000000000000001',
	createdBy: peer,
	content: { title: 'Demo City' }
} as unknown as TemplateRow;

interface Given {
	attributes?: AttributeRow[];
	templates?: TemplateRow[];
	fields?: { [field: string]: Json };
	requests?: RequestRow[];
	relationships?: RelationshipRow[];
}
const nameOf = (given: Given) =>
	contactsByAddress({
		relationships: [relationship],
		attributes: [],
		templates: [],
		requests: [],
		fields: {},
		...given
	}).get(peer)!.name;

describe('the name of a contact', () => {
	const both = [shared('GivenName', 'Ada'), shared('Surname', 'Byron')];
	it.each([
		[
			'the one the person gave, before all others',
			{ fields: { [`${relationship.id}.name`]: 'Auntie' }, attributes: both },
			'Auntie'
		],
		[
			'the display name, before given name and surname',
			{ attributes: [...both, shared('DisplayName', 'Ada B.')] },
			'Ada B.'
		],
		['given, middle and surname', { attributes: [...both, shared('MiddleName', 'K.')] }, 'Ada K. Byron'],
		[
			'salutation and surname without a given name',
			{ attributes: [shared('HonorificPrefix', 'Dr.'), shared('Surname', 'Byron')] },
			'Dr. Byron'
		],
		['what was shared, before the title of the code', { attributes: both, templates: [template] }, 'Ada Byron'],
		['the title of the code they met by', { templates: [template] }, 'Demo City'],
		['nothing but the end of the address', {}, 'Unknown contact …ab12']
	] as [string, Given, string][])('is %s', (_, given, name) => expect(nameOf(given)).toBe(name));

	it('is not taken from a template somebody else made', () => {
		expect(nameOf({ templates: [{ ...template, createdBy: 'did:e:localhost:dids:ff' } as TemplateRow] })).toMatch(
			/^Unknown/
		);
	});
	it('is known for somebody who only asks', () => {
		const request = {
			peer,
			source: { type: 'RelationshipTemplate', reference: template.id }
		} as unknown as RequestRow;
		expect(nameOf({ relationships: [], requests: [request], templates: [template] })).toBe('Demo City');
	});
});

it('shows the newest of several relationships with one peer and no tombstones', () => {
	const older = { ...relationship, id: 'REL00000000000000002', _createdAt: '2025-01-01T00:00:00.000Z' };
	const gone = {
		...relationship,
		id: 'REL00000000000000003',
		_createdAt: '2027-01-01T00:00:00.000Z',
		_hidden: 'decomposed' as const
	};
	const all = contactsByAddress({
		relationships: [older, relationship, gone],
		attributes: [],
		templates: [],
		requests: [],
		fields: {}
	});
	expect(all.get(peer)?.relationship?.id).toBe(relationship.id);
});

it.each([
	['Demo City', 'DC'],
	['Mara', 'M'],
	['Ada King Byron', 'AB'],
	['  (Öffentlich) Amt', 'ÖA'],
	['…', '?'],
	['李 明', '李明']
])('initials of %s are %s', (name, initials) => expect(initialsOf(name)).toBe(initials));

it('gives an address the same one of twelve hues every time', () => {
	expect(hueOf(peer)).toBe(hueOf(peer));
	for (let i = 0; i < 200; i++) expect(hueOf(`did:e:localhost:dids:${i}`)).toBeLessThan(12);
});
