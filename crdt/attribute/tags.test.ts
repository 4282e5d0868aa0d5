/** Which tags an own attribute may carry, by the operator's collection (content-behaviours.md B8 (2); content-model.md §1.6). */
import { expect, test } from 'vitest';
import type { AttributeTagCollection } from '../content/tags.ts';
import { prepareOwn } from './own.ts';
import { prepareSuccessor } from './succession.ts';
import { anna, code, day, id, party } from './testing/party.ts';
import { chain } from './testing/wallet.ts';

const leaf = { displayNames: { en: 'Leaf' } };
const collection: AttributeTagCollection = {
	supportedLanguages: ['en'],
	tagsForAttributeValueTypes: {
		GivenName: { call: { displayNames: { en: 'Call' }, children: { short: leaf } }, stage: leaf },
		Surname: { birth: leaf }
	}
};
const value = { '@type': 'GivenName', value: 'Anna' };
const judged = (tags: readonly string[], known: AttributeTagCollection | undefined = collection) =>
	code(prepareOwn(party(anna).views, anna, { value, tags }, day(1), known));

test.each([
	['B8.2 a bkb tag that is a leaf is valid', 'bkb:stage'],
	['B8.2 a bkb tag that is a leaf further down is valid', 'bkb:call:short'],
	['B8.2 a tag of one’s own is valid', 'x:anything at all'],
	['B8.2 a mimetype tag is valid', 'mimetype:image/png'],
	['B8.2 a mimetype tag with wildcards is valid', 'mimetype:*/*'],
	['B8.2 a language tag is valid', 'language:de'],
	['B8.2 a urn tag is valid', 'urn:example:a']
])('%s', (_name, tag) => expect(judged([tag])).toBe('ok'));

test.each([
	['B8.2 an unknown bkb tag is invalid', 'bkb:unknown'],
	['B8.2 a bkb tag that is an inner node is invalid', 'bkb:call'],
	['B8.2 a bkb tag that goes too deep is invalid', 'bkb:stage:more'],
	['B8.2 a bkb tag of another value type is invalid', 'bkb:birth'],
	['B8.2 a bad mimetype is invalid', 'mimetype:image'],
	['B8.2 a mimetype with a digit is invalid', 'mimetype:audio/mp3'],
	['B8.2 a bad language is invalid', 'language:xx'],
	['B8.2 an unknown prefix is invalid', 'y:anything'],
	['B8.2 no prefix is invalid', 'anything']
])('%s', (_name, tag) => expect(judged([tag])).toBe('invalidTags'));

test('B8.2 F7 without a collection no bkb tag is valid, and the others are as before', () => {
	const empty: AttributeTagCollection = { supportedLanguages: [], tagsForAttributeValueTypes: {} };
	expect([judged(['bkb:stage'], empty), judged(['x:a'], empty)]).toEqual(['invalidTags', 'ok']);
	expect(code(prepareOwn(party(anna).views, anna, { value, tags: ['bkb:stage'] }, day(1)))).toBe('invalidTags');
});

test('B8.2 all tags that are invalid are named, the valid ones are not', () => {
	const views = party(anna).views;
	expect(prepareOwn(views, anna, { value, tags: ['x:a', 'bkb:call', 'b'] }, day(1), collection)).toMatchObject({
		error: { message: "Detected invalidity of the following tags: 'bkb:call', 'b'." }
	});
});

test('B8.2 a successor’s tags are judged the same way', () => {
	const { views } = chain(1);
	const said = (tag: string) =>
		code(prepareSuccessor(views, anna, id('ATT', 1), { value, tags: [tag] }, day(2), collection));
	expect([said('bkb:stage'), said('bkb:call')]).toEqual(['ok', 'invalidTags']);
});
