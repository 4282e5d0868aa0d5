import { describe, expect, test } from 'vitest';
import { ownedBy, trimmed, type Attribute } from './attribute.ts';
import { parseAttribute } from './parse.ts';
import { emptyTagCollection, invalidTags, parseTagCollection, tagFault, type AttributeTagCollection } from './tags.ts';

const relationship = {
	'@type': 'RelationshipAttribute',
	owner: '',
	key: 'card',
	confidentiality: 'protected',
	value: { '@type': 'ProprietaryString', title: ' Card ', value: ' RL ' }
};
const identity = { '@type': 'IdentityAttribute', owner: '', value: { '@type': 'GivenName', value: ' Mira ' } };
const read = (json: object): Attribute => {
	const parsed = parseAttribute(json);
	if (!parsed.ok) throw new Error(parsed.error.message);
	return parsed.value;
};
const said = (json: object): string => {
	const parsed = parseAttribute(json);
	return parsed.ok ? 'ok' : parsed.error.message;
};

describe('A5 relationship attributes', () => {
	test.each([
		['A5.1 isTechnical true is kept', true, true],
		['A5.1 isTechnical false is kept', false, false],
		['A5.1 missing isTechnical is written as false', undefined, false]
	])('%s', (_name, given, kept) => {
		expect(read({ ...relationship, isTechnical: given })).toEqual({ ...relationship, isTechnical: kept });
	});

	test.each([
		[{ key: undefined }, 'RelationshipAttribute.key :: Value is not defined'],
		[{ key: 'x'.repeat(101) }, 'RelationshipAttribute.key:String :: must not be longer than 100 characters'],
		[{ key: '' }, 'ok'],
		[
			{ confidentiality: 'secret' },
			'RelationshipAttribute.confidentiality :: Value is not one of "public" | "private" | "protected"'
		],
		[{ isTechnical: 'true' }, 'RelationshipAttribute.isTechnical :: Value is not a boolean'],
		[{ owner: 'me' }, 'RelationshipAttribute.owner:String :: must be an address'],
		[
			{ value: { '@type': 'GivenName', value: 'Mira' } },
			"Type 'GivenName' with version 1 was not found within reflection classes. You might have to install a module first."
		],
		[{ value: 7 }, 'RelationshipAttribute.value :: @type is not defined']
	])('with %j it is answered "%s"', (change, text) => expect(said({ ...relationship, ...change })).toBe(text));

	test('tags belong to identity attributes only: elsewhere they are dropped like any other unknown member', () => {
		expect(read({ ...relationship, tags: ['x:a'] })).toEqual({ ...relationship, isTechnical: false });
		expect(said({ ...identity, tags: Array.from({ length: 21 }, (_, i) => `x:${i}`) })).toBe(
			'IdentityAttribute.tags:Array :: must not have more than 20 entries'
		);
		expect(said({ ...identity, tags: ['x'.repeat(251)] })).toBe(
			'IdentityAttribute.tags:String :: must not be longer than 250 characters'
		);
	});

	test('values of identities are trimmed, values of relationships are not', () => {
		expect(trimmed(read(identity)).value).toEqual({ '@type': 'GivenName', value: 'Mira' });
		expect(trimmed(read(relationship)).value).toEqual(relationship.value);
	});

	test('no owner is whoever was asked, an owner stays', () => {
		expect(ownedBy(read(identity), 'did:e:a').owner).toBe('did:e:a');
		expect(ownedBy({ ...read(identity), owner: 'did:e:b' }, 'did:e:a').owner).toBe('did:e:b');
	});
});

describe('tags', () => {
	const leaf = { displayNames: { en: 'Leaf' } };
	const collection: AttributeTagCollection = {
		supportedLanguages: ['en'],
		tagsForAttributeValueTypes: {
			IdentityFileReference: {
				schulabschluss: {
					displayNames: { en: 'School' },
					children: { zeugnis: leaf, empty: { ...leaf, children: {} } }
				},
				single: leaf
			}
		}
	};

	test.each([
		['B8.2 any text after x:', ['x:private', 'X:'], true],
		['B8.2 a name after urn:', ['urn:a:b'], true],
		['B8.2 a known language', ['language:de'], true],
		['B8.2 a known kind of media', ['mimetype:image/png', 'mimetype:*/*'], true],
		['B8.2 a language that is none', ['language:xx', 'language:'], false],
		['B8.2 media that are none', ['mimetype:image', 'mimetype:audio/mp3'], false],
		['B8.2 an unknown prefix', ['private', 'URN:a', 'y:a', ''], false]
	])('%s is a tag: %3$s', (_name, tags, valid) => {
		expect(invalidTags(tags)).toEqual(valid ? [] : tags);
		expect(invalidTags(tags, 'GivenName', collection)).toEqual(valid ? [] : tags);
	});

	test.each([
		['B8.2 a leaf of the collection', 'bkb:single', true],
		['B8.2 a leaf, in other letters', 'BKB:single', true],
		['B8.2 a leaf further down', 'bkb:schulabschluss:zeugnis', true],
		['B8.2 a leaf with no children in it', 'bkb:schulabschluss:empty', true],
		['B8.2 an inner node', 'bkb:schulabschluss', false],
		['B8.2 too deep', 'bkb:schulabschluss:zeugnis:more', false],
		['B8.2 a leaf spelled otherwise', 'bkb:Single', false],
		['B8.2 unknown to the collection', 'bkb:unknown', false],
		['B8.2 nothing after bkb:', 'bkb:', false],
		['B8.2 a member of every object', 'bkb:constructor', false],
		['B8.2 nothing after a node', 'bkb:schulabschluss:', false]
	])('%s, %s, is a tag: %s', (_name, tag, valid) => {
		expect(invalidTags([tag], 'IdentityFileReference', collection)).toEqual(valid ? [] : [tag]);
	});

	test('B8.2 a leaf of another type of values is no tag', () => {
		expect(invalidTags(['bkb:single'], 'IdentityFileReference', collection)).toEqual([]);
		expect(invalidTags(['bkb:single'], 'GivenName', collection)).toEqual(['bkb:single']);
	});

	test('F.7 what the own collection does not know, or while there is none, is no tag', () => {
		for (const known of [emptyTagCollection, undefined])
			expect(invalidTags(['bkb:single', 'x:a'], 'IdentityFileReference', known)).toEqual(['bkb:single']);
	});

	test('B8.2 what is wrong with tags is told by name', () => {
		const value = { '@type': 'IdentityFileReference' };
		expect(tagFault({ value, tags: ['x:a', 'bkb:single'] }, collection)).toBeUndefined();
		expect(tagFault({ value }, undefined)).toBeUndefined();
		expect(tagFault({ value, tags: ['x:a', 'bkb:single', 'b'] }, undefined)).toEqual({
			code: 'error.consumption.attributes.invalidTags',
			message: "Detected invalidity of the following tags: 'bkb:single', 'b'."
		});
	});

	test('a collection is read as it is published, and nothing else is one', () => {
		expect(parseTagCollection(collection)).toEqual({ ok: true, value: collection });
		for (const none of [null, [], {}, { supportedLanguages: [] }, { ...collection, supportedLanguages: [1] }])
			expect(parseTagCollection(none).ok).toBe(false);
		const broken = { ...collection, tagsForAttributeValueTypes: { GivenName: { a: { children: {} } } } };
		expect(parseTagCollection(broken).ok).toBe(false);
	});
});
