/** Own attributes over REST. */
import { beforeAll, describe, expect, test } from 'vitest';
import { addressOf, must, type Party, type Shape } from '../testing/party.ts';
import { twoConnectors } from '../testing/world.ts';

describe('own attributes', () => {
	let city: Party;
	beforeAll(async () => ({ city } = await twoConnectors()));
	const value = (type: string, text: string) => ({ value: { '@type': type, value: text } });

	test('are created once, succeeded, listed and deleted', async () => {
		const first = await must(city.call('POST', '/Attributes', { content: value('GivenName', 'Ada') }), 201);
		expect(first).toMatchObject({
			'@type': 'OwnIdentityAttribute',
			numberOfForwards: 0,
			content: { owner: await addressOf(city) }
		});
		const twin = await city.call('POST', '/Attributes', { content: value('GivenName', 'Ada') });
		expect([twin.status, twin.error?.code]).toEqual([
			400,
			'error.runtime.attributes.cannotCreateDuplicateOwnIdentityAttribute'
		]);
		expect(
			await must(city.call('PUT', '/Attributes/CanCreate', { content: value('GivenName', 'Ada') }))
		).toMatchObject({
			isSuccess: false,
			code: 'error.runtime.attributes.cannotCreateDuplicateOwnIdentityAttribute'
		});
		expect(await must(city.call('PUT', '/Attributes/CanCreate', { content: value('GivenName', 'Eve') }))).toEqual({
			isSuccess: true
		});
		const succeeded = await must<{ predecessor: Shape; successor: Shape }>(
			city.call('POST', `/Attributes/${first.id}/Succeed`, { successorContent: value('GivenName', 'Eve') }),
			201
		);
		expect(succeeded).toMatchObject({
			predecessor: { id: first.id, succeededBy: succeeded.successor.id },
			successor: { succeeds: first.id }
		});
		expect(Object.keys(succeeded)).toEqual(['predecessor', 'successor']);
		expect(await must<Shape[]>(city.call('GET', '/Attributes/Own/Identity'))).toMatchObject([
			{ id: succeeded.successor.id }
		]);
		expect(await must<Shape[]>(city.call('GET', '/Attributes/Own/Identity?onlyLatestVersions=false'))).toHaveLength(
			2
		);
		expect(await must<Shape[]>(city.call('GET', '/Attributes?succeeds='))).toMatchObject([
			{ id: succeeded.successor.id }
		]);
		expect(await must(city.call('DELETE', `/Attributes/${succeeded.successor.id}`))).toEqual({
			notificationIds: []
		});
		expect(await must<Shape[]>(city.call('GET', '/Attributes'))).toEqual([]);
	});

	test.each<[string, object, number, string]>([
		['an unknown type', { value: { '@type': 'Nothing' } }, 400, 'error.runtime.validation.invalidPropertyValue'],
		['a missing value', { value: { '@type': 'GivenName' } }, 400, 'error.runtime.validation.invalidPropertyValue'],
		[
			'too much',
			{ value: { '@type': 'GivenName', value: 'x', more: 1 } },
			400,
			'error.runtime.validation.invalidPropertyValue'
		],
		[
			'a value outside its list',
			{ value: { '@type': 'Sex', value: 'robot' } },
			400,
			'error.runtime.validation.invalidPropertyValue'
		],
		[
			'a tag nobody knows',
			{ ...value('GivenName', 'Tag'), tags: ['unknown'] },
			400,
			'error.consumption.attributes.invalidTags'
		],
		[
			'characters nobody may use',
			value('GivenName', 'A\u0007'),
			400,
			'error.consumption.attributes.forbiddenCharactersInAttribute'
		]
	])('are refused: %s', async (_, content, status, code) => {
		const { status: got, error } = await city.call('POST', '/Attributes', { content });
		expect([got, error?.code]).toEqual([status, code]);
		expect(await must<Shape[]>(city.call('GET', '/Attributes'))).toEqual([]);
	});

	test('a succession needs a predecessor', async () => {
		const { status, error } = await city.call('POST', '/Attributes/ATT00000000000000009/Succeed', {
			successorContent: value('GivenName', 'x')
		});
		expect([status, error?.code, error?.message]).toEqual([
			404,
			'error.runtime.recordNotFound',
			"Predecessor attribute 'ATT00000000000000009' not found."
		]);
	});
});
