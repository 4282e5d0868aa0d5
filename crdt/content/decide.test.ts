import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAcceptParameters } from './decide.ts';
import { requestItemTypes, type RequestItem } from './request-items.ts';

const today = '2030-06-15T12:00:00.000Z';
const said = (type: RequestItem['@type'], json: unknown): string => {
	const parsed = parseAcceptParameters({ '@type': type } as RequestItem, json, today);
	return parsed.ok ? 'ok' : `${parsed.error.code.split('.').at(-1)} | ${parsed.error.message}`;
};
const value = (type: RequestItem['@type'], json: unknown): unknown => {
	const parsed = parseAcceptParameters({ '@type': type } as RequestItem, json, today);
	return parsed.ok ? parsed.value : parsed.error;
};
const serval = 'servalErrorDuringRequestItemProcessing';
const attribute = { '@type': 'IdentityAttribute', owner: '', value: { '@type': 'EMailAddress', value: 'a@b.de' } };

describe('accept parameters of Read and Propose', () => {
	test.each([
		['ReadAttributeRequestItem', 'existingAttributeId', 'newAttribute'],
		['ProposeAttributeRequestItem', 'attributeId', 'attribute']
	] as const)('%s: one that exists (%s), perhaps with more tags, or a new one (%s)', (type, id, fresh) => {
		const root = `Accept${type}Parameters`;
		expect(value(type, { accept: true, [id]: 'ATT1' })).toEqual({ existingId: 'ATT1' });
		expect(value(type, { accept: true, [id]: 'ATT1', tags: ['x:a'] })).toEqual({
			existingId: 'ATT1',
			tags: ['x:a']
		});
		expect(value(type, { accept: true, [fresh]: attribute })).toEqual({ newAttribute: attribute });
		const either = `${serval} | ${root} :: You have to specify either ${id} or ${fresh}.`;
		expect(said(type, { accept: true })).toBe(either);
		expect(said(type, { accept: true, [id]: 'ATT1', [fresh]: attribute })).toBe(either);
		expect(said(type, { accept: true, [fresh]: attribute, tags: ['x:a'] })).toBe(
			`${serval} | ${root}.tags :: Tags go into the new attribute itself.`
		);
		expect(said(type, { accept: true, [id]: 7 })).toBe(`${serval} | ${root}.${id} :: Value is not a string`);
		expect(said(type, { accept: true, [id]: 'ATT1', tags: 'x:a' })).toBe(
			`${serval} | ${root}.tags :: Value is not an array`
		);
		expect(said(type, { accept: true, [fresh]: { ...attribute, value: { '@type': 'GivenName' } } })).toBe(
			`${serval} | GivenName.value :: Value is not defined`
		);
	});

	test('blanks at the edges of a new identity value are gone before it is judged; relationship values keep theirs', () => {
		const spaced = { ...attribute, value: { '@type': 'EMailAddress', value: ' a@b.de ' } };
		expect(value('ReadAttributeRequestItem', { newAttribute: spaced })).toEqual({ newAttribute: attribute });
		const card = {
			'@type': 'RelationshipAttribute',
			owner: '',
			key: 'k',
			confidentiality: 'public',
			isTechnical: false,
			value: { '@type': 'ProprietaryString', title: 't', value: ' v ' }
		};
		expect(value('ProposeAttributeRequestItem', { attribute: card })).toEqual({ newAttribute: card });
	});

	test('what we make says nothing about tomorrow', () => {
		const born = (day: number) => ({ ...attribute, value: { '@type': 'BirthDate', day, month: 6, year: 2030 } });
		expect(said('ReadAttributeRequestItem', { newAttribute: born(15) })).toBe('ok');
		expect(said('ReadAttributeRequestItem', { newAttribute: born(16) })).toBe(
			`${serval} | BirthDate.year:Number :: must not be in the future`
		);
	});
});

describe('accept parameters of the other kinds', () => {
	test('a deletion date comes out as UTC; one that is none is a wrong parameter', () => {
		expect(value('DeleteAttributeRequestItem', { deletionDate: '2031-04-01T00:00+02:00' })).toEqual({
			deletionDate: '2031-03-31T22:00:00.000Z'
		});
		expect(said('DeleteAttributeRequestItem', { deletionDate: 'soon' })).toBe(
			'invalidAcceptParameters | The deletionDate is invalid.'
		);
		expect(said('DeleteAttributeRequestItem', {})).toBe(
			`${serval} | AcceptDeleteAttributeRequestItemParameters.deletionDate :: Value is not defined`
		);
	});

	test.each(['text', 7, true, ['a']])('a form field is answered with %j', (response) => {
		expect(value('FormFieldRequestItem', { accept: true, response })).toEqual({ response });
	});
	test.each([undefined, null, '', {}, ['a', 1], 'x'.repeat(4097)])(
		'a form field is not answered with %j',
		(response) => {
			expect(said('FormFieldRequestItem', { response })).toMatch(
				/^serval.*AcceptFormFieldRequestItemParameters\.response/
			);
		}
	);

	test('an authorization names the credential', () => {
		expect(value('ShareAuthorizationRequestRequestItem', { accept: true, attributeId: 'ATT1' })).toEqual({
			attributeId: 'ATT1'
		});
		expect(said('ShareAuthorizationRequestRequestItem', {})).toMatch(/attributeId :: Value is not defined$/);
	});

	test.each([
		'CreateAttributeRequestItem',
		'ShareAttributeRequestItem',
		'ConsentRequestItem',
		'AuthenticationRequestItem',
		'TransferFileOwnershipRequestItem',
		'ShareCredentialOfferRequestItem'
	] as const)('%s takes none, and ignores what it is given', (type) => {
		expect(value(type, { accept: true, anything: 1 })).toEqual({});
	});

	test('no JSON whatever throws', () => {
		const members = fc.constantFrom(
			'accept',
			'newAttribute',
			'attribute',
			'tags',
			'response',
			'deletionDate',
			'attributeId'
		);
		fc.assert(
			fc.property(
				fc.constantFrom(...requestItemTypes),
				fc.oneof(fc.jsonValue(), fc.dictionary(members, fc.jsonValue())),
				(type, json) => {
					expect(typeof said(type, json)).toBe('string');
				}
			)
		);
	});
});
