import { describe, expect, test } from 'vitest';
import { overrideHints } from './hints.ts';
import { parseQuery } from './parse.ts';
import type { RelationshipAttributeQuery } from './query.ts';
import { identityValues, relationshipValues } from './testing/samples.ts';
import {
	effectiveHints,
	identityValueTypes,
	parseIdentityValue,
	parseRelationshipValue,
	relationshipValueTypes,
	renderHints,
	valueHints,
	type RenderHints,
	type ValueHints,
	type ValueType
} from './values.ts';

const proprietary = (type: string, valueHintsOverride?: unknown) =>
	parseRelationshipValue({
		...relationshipValues[type as 'ProprietaryString'],
		'@type': type,
		valueHintsOverride
	});
const said = (type: string, valueHintsOverride: unknown): string => {
	const parsed = proprietary(type, valueHintsOverride);
	return parsed.ok ? 'ok' : parsed.error.message;
};
const read = (type: ValueType, parse: typeof parseIdentityValue | typeof parseRelationshipValue, members: object) => {
	const parsed = parse({ '@type': type, ...members });
	if (!parsed.ok) throw new Error(parsed.error.message);
	return parsed.value;
};

describe('A3 hints of a type', () => {
	test('A3.1 value hints can be read of a type', () => {
		expect(valueHints('ProprietaryString')).toEqual({ max: 100, propertyHints: {} });
		expect(valueHints('EMailAddress')).toMatchObject({ min: 3, max: 254 });
	});

	test('A3.1 value hints of a value are those of its type where it says nothing else', () => {
		for (const type of identityValueTypes)
			expect(effectiveHints(read(type, parseIdentityValue, identityValues[type]))).toEqual(valueHints(type));
		for (const type of relationshipValueTypes) {
			const { valueHintsOverride: _override, ...members } = relationshipValues[type];
			expect(effectiveHints(read(type, parseRelationshipValue, members))).toEqual(valueHints(type));
		}
	});

	test('A3.1 render hints can be read of a type', () => {
		expect(renderHints('ProprietaryString')).toEqual({
			technicalType: 'String',
			editType: 'InputLike',
			propertyHints: {}
		});
	});

	test('A3.1 render hints of a value are those of its type, which it names', () => {
		const value = read('Sex', parseIdentityValue, identityValues.Sex);
		expect(renderHints(value['@type'])).toMatchObject({ technicalType: 'String', editType: 'ButtonLike' });
	});

	test('A3.4 the list of countries appears in values, in order, with names to translate', () => {
		for (const type of ['Nationality', 'Citizenship', 'ProprietaryCountry'] as const) {
			const { values = [], min, max } = valueHints(type);
			expect([values.length, min, max]).toEqual([249, 2, 2]);
			expect(values[0]).toEqual({ key: 'AD', displayName: 'i18n://attributes.values.countries.AD' });
		}
		const country = { min: 2, max: 2, values: valueHints('Nationality').values };
		expect(valueHints('StreetAddress').propertyHints['country']).toMatchObject(country);
	});

	test('A3.4 the list of languages appears in values, with names to translate', () => {
		for (const type of ['CommunicationLanguage', 'ProprietaryLanguage'] as const) {
			const { values = [] } = valueHints(type);
			expect(values.length).toBe(183);
			expect(values).toContainEqual({ key: 'de', displayName: 'i18n://attributes.values.languages.de' });
		}
	});

	test('the lists of sexes and marital statuses appear in values', () => {
		expect(valueHints('Sex')).toMatchObject({ max: 100, values: [{ key: 'intersex' }, {}, {}] });
		expect(valueHints('MaritalStatus').values).toHaveLength(8);
	});

	test('A3.6 composed types tell the hints of their members', () => {
		expect(valueHints('BankAccount').propertyHints).toEqual({
			accountHolder: { max: 100, propertyHints: {} },
			iban: { min: 14, max: 34, propertyHints: {} },
			bic: { min: 8, max: 11, propertyHints: {} }
		});
		expect(valueHints('BirthDate').propertyHints['month']).toEqual({
			min: 1,
			max: 12,
			editHelp: 'i18n://yourBirthMonth',
			propertyHints: {}
		});
		expect(valueHints('Consent').propertyHints).toMatchObject({
			consent: { max: 10_000 },
			link: { min: 3, max: 1024 },
			linkDisplayText: { min: 3, max: 30 }
		});
	});

	test('A3.6 render hints of composed types serialise with those of their members', () => {
		const nested = JSON.parse(JSON.stringify(renderHints('BirthDate'))) as RenderHints;
		expect(nested).toEqual(renderHints('BirthDate'));
		expect(nested).toMatchObject({
			technicalType: 'Object',
			editType: 'Complex',
			propertyHints: { day: { technicalType: 'Integer', editType: 'SelectLike', dataType: 'Day' } }
		});
	});

	test.each([
		['EMailAddress', { min: 3, max: 254 }],
		['PhoneNumber', { min: 3, max: 100 }],
		['Website', { min: 3, max: 1024 }],
		['IdentityFileReference', { min: 30, max: 150 }],
		['ProprietaryHEXColor', { min: 4, max: 9, pattern: '^#([0-9A-F]{3}){1,2}$/i' }],
		['SchematizedXML', { max: 50_000 }],
		['ProprietaryXML', { max: 50_000 }],
		['ProprietaryBoolean', {}],
		['ProprietaryFloat', {}],
		['ProprietaryInteger', {}],
		['SchematizedJSON', {}],
		['VerifiableCredential', {}]
	] as const)('A3.1 %s says %o', (type, expected) => {
		const { propertyHints, ...hints } = valueHints(type);
		expect(propertyHints).toEqual({});
		if ('pattern' in hints && !('pattern' in expected)) expect(hints).toMatchObject(expected);
		else expect(hints).toEqual(expected);
	});

	test.each([
		['ProprietaryFloat', 'Float/ButtonLike'],
		['ProprietaryInteger', 'Integer/ButtonLike'],
		['ProprietaryBoolean', 'Boolean/InputLike'],
		['ProprietaryFileReference', 'String/SelectLike/FileReference'],
		['ProprietaryURL', 'String/InputLike/URL'],
		['ProprietaryHEXColor', 'String/InputLike/HEXColor'],
		['ProprietaryJSON', 'Json/TextArea'],
		['SchematizedJSON', 'Json/TextArea'],
		['SchematizedXML', 'String/InputLike/XML'],
		['VerifiableCredential', 'Unknown/TextArea'],
		['Sex', 'String/ButtonLike'],
		['StreetAddress', 'Object/Complex'],
		['Consent', 'Object/Complex']
	] as const)('%s is asked for as %s', (type, expected) => {
		const { technicalType, editType, dataType } = renderHints(type);
		expect([technicalType, editType, ...(dataType ? [dataType] : [])].join('/')).toBe(expected);
	});
});

describe('A3 hints of a value', () => {
	test('A3.2 an override says otherwise than the type, and leaves the rest', () => {
		const parsed = proprietary('ProprietaryHEXColor', { editHelp: 'Pick one', max: 7, defaultValue: '#fff' });
		expect(parsed.ok && effectiveHints(parsed.value)).toEqual({
			editHelp: 'Pick one',
			min: 4,
			max: 7,
			pattern: '^#([0-9A-F]{3}){1,2}$/i',
			defaultValue: '#fff',
			propertyHints: {}
		});
	});

	test('A3.2 hints of members are overridden member by member', () => {
		const base: ValueHints = {
			max: 1,
			propertyHints: { a: { max: 1, propertyHints: {} }, b: { max: 2, propertyHints: {} } }
		};
		expect(overrideHints(base, { propertyHints: { b: { min: 3, propertyHints: {} } } })).toEqual({
			max: 1,
			propertyHints: { a: { max: 1, propertyHints: {} }, b: { min: 3, propertyHints: {} } }
		});
		expect(overrideHints(base, undefined)).toEqual(base);
	});

	test('A3.2 render hints are overridden likewise', () => {
		expect(overrideHints(renderHints('ProprietaryString'), { editType: 'TextArea' })).toEqual({
			technicalType: 'String',
			editType: 'TextArea',
			propertyHints: {}
		});
	});

	test.each<[string, (string | number | boolean)[]]>([
		['texts', ['a', 'b']],
		['whole numbers', [1, 2]],
		['truths', [true, false]]
	])('A3.3 hints that say everything come through with keys that are %s', (_name, keys) => {
		const full = {
			editHelp: 'e',
			min: 0,
			max: 9,
			pattern: 'p',
			values: keys.map((key) => ({ key, displayName: String(key) })),
			defaultValue: keys[0]!,
			propertyHints: { inner: { min: 1, propertyHints: {} } }
		};
		const named = {
			...full,
			'@type': 'ValueHintsOverride',
			propertyHints: { inner: { '@type': 'ValueHints', min: 1, propertyHints: {} } }
		};
		const parsed = proprietary('ProprietaryString', full);
		expect(parsed.ok && parsed.value['valueHintsOverride']).toEqual(named);
		expect(parsed.ok && JSON.parse(JSON.stringify(parsed.value['valueHintsOverride']))).toEqual(named);
		expect(said('ProprietaryString', named)).toBe('ok');
		const tagged = { ...full, values: [{ '@type': 'ValueHintsValue', key: 'a', displayName: 'A' }] };
		expect(said('ProprietaryString', tagged)).toBe('ok');
	});

	test.each([
		['A3.5 a defaultValue that is an object', 'defaultValue', {}],
		['A3.5 a defaultValue that is an array', 'defaultValue', []],
		['A3.5 a key that is an object', 'values', [{ key: {}, displayName: 'x' }]],
		['A3.5 a key that is an array', 'values', [{ key: [], displayName: 'x' }]],
		['a choice without key', 'values', [{ displayName: 'x' }]],
		['a choice without name', 'values', [{ key: 'a' }]],
		['a choice that is a list', 'values', [[]]],
		['a bound that is a text', 'min', '1'],
		['a help that is too long', 'editHelp', 'x'.repeat(501)],
		['a pattern that is too long', 'pattern', 'x'.repeat(1001)],
		['hints of members as a list', 'propertyHints', []],
		['hints of a member that are none', 'propertyHints', { a: 1 }]
	])('%s is refused', (_name, member, value) => {
		expect(said('ProprietaryString', { [member]: value })).toMatch(/^ValueHints(Override)?[.]/);
	});

	test('an override is an object that calls itself nothing else, and a JSON value has none', () => {
		expect(said('ProprietaryString', [])).toBe('ProprietaryString.valueHintsOverride :: Value is not usable');
		expect(said('ProprietaryString', { '@type': 'RenderHints' })).not.toBe('ok');
		const json = proprietary('ProprietaryJSON', { max: 1 });
		expect(json.ok && Object.keys(json.value)).not.toContain('valueHintsOverride');
		expect(relationshipValueTypes.filter((type) => 'valueHintsOverride' in relationshipValues[type])).toHaveLength(
			12
		);
	});
});

describe('A3 creation hints of relationship attributes', () => {
	const hints = { title: 'Card number', valueType: 'ProprietaryString', confidentiality: 'public' };
	const query = (attributeCreationHints: object) =>
		parseQuery('RelationshipAttributeQuery', { key: 'card', owner: '', attributeCreationHints });

	const full = { ...hints, description: 'd', valueHints: { '@type': 'ValueHints', max: 9, propertyHints: {} } };

	test('A3.8 creation hints are read from JSON that names them, and written without their name', () => {
		const named = { ...full, '@type': 'RelationshipAttributeCreationHints' };
		const parsed = query(JSON.parse(JSON.stringify(named)) as object);
		expect(parsed).toMatchObject({ ok: true });
		expect(parsed.ok && (parsed.value as RelationshipAttributeQuery).attributeCreationHints).toEqual(full);
		expect(query({ ...hints, '@type': 'IQLQueryCreationHints' }).ok).toBe(false);
	});

	test('A3.8 creation hints are read from an object without their name', () => {
		const parsed = query(full);
		expect(parsed.ok && (parsed.value as RelationshipAttributeQuery).attributeCreationHints).toEqual(full);
	});

	test.each([
		['GivenName', false],
		['Nonsense', false],
		['Consent', true]
	])('A3.8 the value type %s is known to relationships: %s', (valueType, ok) => {
		expect(query({ ...hints, valueType }).ok).toBe(ok);
	});

	test('A3.7 measurement units and other types in no allow-list are no values', () => {
		for (const type of ['Statement', 'Measurement', 'LengthUnit', 'City', 'Street', 'AbstractString'])
			for (const parse of [parseIdentityValue, parseRelationshipValue])
				expect(parse({ '@type': type, value: 1 })).toMatchObject({
					error: { code: 'error.runtime.unknownType' }
				});
	});
});
