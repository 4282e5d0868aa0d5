/** Attributes and identity metadata over REST, between two Connectors (connector-api.md §2.3, §2.7; content-behaviours.md E1, E3). */
import { beforeAll, describe, expect, test } from 'vitest';
import { addressOf, connect, must, read, sync, until, type Reply, type Shape } from './testing/party.ts';
import { createWorld, type TestConnector } from './testing/world.ts';

const value = (type: string, text: string) => ({ value: { '@type': type, value: text } });
const name = (text: string, tags?: string[]) => ({ ...value('GivenName', text), ...(tags && { tags }) });
const failure = async (reply: Promise<Reply>) => {
	const { status, error } = await reply;
	return [status, error?.code, error?.message];
};
const ids = (rows: readonly Shape[]) => rows.map(({ id }) => id);
const NOBODY = 'did:e:localhost:dids:00000000000000000000ff';
const UNKNOWN = 'ATT00000000000000009';

let city: TestConnector;
let person: TestConnector;
let cityAddress = '';
let personAddress = '';
/** The person's name, shared with the city, and its successor. */
let first = '';
let second = '';
const get = <T = Shape[]>(who: TestConnector, path: string) => must<T>(who.call('GET', path));

beforeAll(async () => {
	const world = createWorld();
	[city, person] = [await world.connector('city'), await world.connector('person')];
	[cityAddress, personAddress] = [await addressOf(city), await addressOf(person)];
	first = (await must(person.call('POST', '/Attributes', { content: name('Ada', ['x:short']) }), 201)).id;
	await connect(city, person, [read('GivenName')], [{ accept: true, existingAttributeId: first }]);
	await sync(city);
});

describe('an own attribute on its way', () => {
	test('E1 forwarding details say with whom it is shared, and can be filtered', async () => {
		const details = await get(person, `/Attributes/${first}/ForwardingDetails`);
		expect(details).toEqual([
			{ peer: cityAddress, sourceReference: expect.stringMatching(/^REQ/), sharedAt: expect.any(String) }
		]);
		expect(await get(person, `/Attributes/${first}/ForwardingDetails?peer=${NOBODY}`)).toEqual([]);
		expect(await get(person, `/Attributes/${first}/ForwardingDetails?deletionInfo=!`)).toEqual(details);
		expect(await failure(person.call('GET', `/Attributes/${UNKNOWN}/ForwardingDetails`))).toEqual([
			404,
			'error.runtime.recordNotFound',
			'LocalAttribute not found. Make sure the ID exists and the record is not expired.'
		]);
		expect(await failure(person.call('GET', '/Attributes/x/ForwardingDetails'))).toEqual([
			400,
			'error.runtime.validation.invalidPropertyValue',
			'attributeId must match pattern ATT[A-Za-z0-9]{17}'
		]);
	});

	test('E1 a succession stays here, its notification takes it to the peer', async () => {
		const succeeded = await must<{ successor: Shape }>(
			person.call('POST', `/Attributes/${first}/Succeed`, { successorContent: name('Ada Maria') }),
			201
		);
		expect(Object.keys(succeeded)).toEqual(['predecessor', 'successor']);
		second = succeeded.successor.id;
		const notify = (id: string, peer: string) => person.call('POST', `/Attributes/${id}/NotifyPeer`, { peer });
		expect((await failure(notify(first, cityAddress))).slice(0, 2)).toEqual([
			400,
			'error.runtime.attributes.ownIdentityAttributeHasAlreadyBeenSharedWithPeer'
		]);
		expect((await failure(notify(second, NOBODY))).slice(0, 2)).toEqual([
			400,
			'error.runtime.attributes.peerHasNoPreviousVersionOfAttribute'
		]);
		const notified = await must(notify(second, cityAddress), 201);
		expect(notified).toMatchObject({
			predecessor: { id: first, succeededBy: second },
			successor: { id: second, numberOfForwards: 1 },
			notificationId: expect.stringMatching(/^NOT[A-Za-z0-9]{17}$/)
		});
		const held = await until(
			async () => (await sync(city), get(city, `/Attributes/Peer/${personAddress}`)),
			(rows) => ids(rows).includes(second),
			'the successor'
		);
		expect(held).toMatchObject([{ id: second, succeeds: first, sourceReference: notified['notificationId'] }]);
		expect((await failure(notify(second, cityAddress)))[1]).toBe(
			'error.runtime.attributes.ownIdentityAttributeHasAlreadyBeenSharedWithPeer'
		);
		expect((await failure(notify(first, cityAddress)))[1]).toBe(
			'error.runtime.attributes.successorOfOwnIdentityAttributeHasAlreadyBeenSharedWithPeer'
		);
		expect((await failure(notify(UNKNOWN, cityAddress))).slice(0, 2)).toEqual([
			404,
			'error.runtime.recordNotFound'
		]);
		expect((await failure(city.call('POST', `/Attributes/${second}/NotifyPeer`, { peer: personAddress })))[1]).toBe(
			'error.runtime.attributes.isNotOwnIdentityAttribute'
		);
	});

	test('E1 events carry what REST shows: attributeSucceeded once on each side', () => {
		for (const { events } of [person, city]) {
			const told = events.filter((event) => event.name === 'consumption.attributeSucceeded');
			expect(told.map(({ data }) => data)).toMatchObject([
				{ predecessor: { id: first }, successor: { id: second } }
			]);
		}
	});

	test('E1 versions: the whole chain, and what was shared with one peer', async () => {
		for (const id of [first, second])
			expect(ids(await get(person, `/Attributes/${id}/Versions`))).toEqual([second, first]);
		const shared = (query: string) => get(person, `/Attributes/${first}/Versions/Shared?${query}`);
		expect(ids(await shared(`peer=${cityAddress}`))).toEqual([second]);
		expect(ids(await shared(`peer=${cityAddress}&onlyLatestVersions=false`))).toEqual([second, first]);
		expect(await shared(`peer=${NOBODY}`)).toEqual([]);
		expect(await failure(person.call('GET', `/Attributes/${first}/Versions/Shared`))).toEqual([
			400,
			'error.runtime.validation.invalidPropertyValue',
			"must have required property 'peer'"
		]);
		expect((await failure(person.call('GET', `/Attributes/${UNKNOWN}/Versions`)))[0]).toBe(404);
		expect(
			(await failure(person.call('GET', `/Attributes/${UNKNOWN}/Versions/Shared?peer=${cityAddress}`)))[0]
		).toBe(404);
		expect(
			(await failure(city.call('GET', `/Attributes/${second}/Versions/Shared?peer=${personAddress}`))).slice(0, 2)
		).toEqual([400, 'error.runtime.validation.invalidPropertyValue']);
	});

	test('E1 own attributes a peer has, and its attributes with us, latest or all', async () => {
		const own = `/Attributes/Own/Shared/${cityAddress}`;
		expect(ids(await get(person, own))).toEqual([second]);
		expect(ids(await get(person, `${own}?onlyLatestVersions=false`))).toEqual([first, second]);
		expect(await get(person, `${own}?content.tags=x:short&onlyLatestVersions=false`)).toMatchObject([
			{ id: first }
		]);
		expect(await get(person, `${own}?content.value.@type=Surname`)).toEqual([]);
		expect(await get(person, `/Attributes/Own/Shared/${NOBODY}`)).toEqual([]);
		const theirs = `/Attributes/Peer/${personAddress}`;
		expect(ids(await get(city, `${theirs}?onlyLatestVersions=false`))).toEqual([first, second]);
		expect(ids(await get(city, `${theirs}?sourceReference=^NOT`))).toEqual([second]);
		expect((await failure(person.call('GET', '/Attributes/Own/Shared/x'))).slice(0, 2)).toEqual([
			400,
			'error.runtime.validation.invalidPropertyValue'
		]);
	});

	test('E1 queries find own attributes', async () => {
		const query = <T = Shape[]>(kind: string, asked: object) =>
			must<T>(person.call('POST', `/Attributes/Execute${kind}`, { query: asked }));
		expect(ids(await query('IdentityAttributeQuery', { valueType: 'GivenName' }))).toEqual([first, second]);
		expect(ids(await query('IdentityAttributeQuery', { valueType: 'GivenName', tags: ['x:short'] }))).toEqual([
			first
		]);
		expect(ids(await query('IQLQuery', { queryString: "GivenName='Ada Maria'" }))).toEqual([second]);
		expect(
			await query('ThirdPartyRelationshipAttributeQuery', { key: 'k', owner: '', thirdParty: [cityAddress] })
		).toEqual([]);
		const hints = { title: 't', valueType: 'ProprietaryString', confidentiality: 'public' };
		expect(
			await failure(
				person.call('POST', '/Attributes/ExecuteRelationshipAttributeQuery', {
					query: { key: 'k', owner: '', attributeCreationHints: hints }
				})
			)
		).toEqual([
			404,
			'error.runtime.recordNotFound',
			'RelationshipAttribute not found. Make sure the ID exists and the record is not expired.'
		]);
		for (const [kind, asked] of [
			['IdentityAttributeQuery', { valueType: 'Nothing' }],
			['IQLQuery', { queryString: '&&' }],
			['RelationshipAttributeQuery', {}],
			['ThirdPartyRelationshipAttributeQuery', { key: 'k', owner: '', thirdParty: [] }]
		] as const)
			expect(
				(await failure(person.call('POST', `/Attributes/Execute${kind}`, { query: asked }))).slice(0, 2)
			).toEqual([400, 'error.runtime.requestDeserialization']);
	});

	test('E1 an IQL text is judged with the place where it breaks', async () => {
		const judge = (queryString: string) =>
			must(person.call('POST', '/Attributes/ValidateIQLQuery', { query: { '@type': 'IQLQuery', queryString } }));
		expect(await judge('GivenName && #x:short')).toEqual({ isValid: true });
		expect(await judge('GivenName &&')).toMatchObject({
			isValid: false,
			error: { message: expect.any(String), location: { start: { line: 1 }, end: { line: 1 } } }
		});
	});

	test('E1 deletion: the versions go, the peer is told, and it is listed as deleted there', async () => {
		const { notificationIds } = await must<{ notificationIds: string[] }>(
			person.call('DELETE', `/Attributes/${second}`)
		);
		expect(notificationIds).toHaveLength(1);
		expect(await get(person, '/Attributes')).toEqual([]);
		const held = await until(
			async () => (await sync(city), get(city, '/Attributes?deletionInfo.deletionStatus=DeletedByEmitter')),
			(rows) => rows.length > 0,
			'the deletion'
		);
		expect(ids(held)).toEqual([first, second]);
		expect(await get(city, '/Attributes?deletionInfo=!')).toEqual([]);
		const told = city.events.filter((event) => event.name === 'consumption.ownAttributeDeletedByOwner');
		expect(told.map(({ data }) => data)).toMatchObject([
			{ id: second, deletionInfo: { deletionStatus: 'DeletedByEmitter' } }
		]);
		expect((await failure(person.call('DELETE', `/Attributes/${second}`)))[0]).toBe(404);
		expect((await failure(person.call('DELETE', '/Attributes/x'))).slice(0, 2)).toEqual([
			400,
			'error.runtime.validation.invalidPropertyValue'
		]);
	});

	test('E1 while the relationship is pending nothing that is shared in it can be deleted', async () => {
		const shop = await createWorldWithPending();
		expect((await failure(shop.person.call('DELETE', `/Attributes/${shop.shared}`))).slice(0, 2)).toEqual([
			400,
			'error.runtime.attributes.cannotDeleteSharedAttributeWhileRelationshipIsPending'
		]);
		expect(await get(shop.person, `/Attributes/${shop.shared}`)).toMatchObject({ id: shop.shared });
	});
});

describe('a relationship attribute', () => {
	const card = (text: string) => ({ '@type': 'ProprietaryString', title: 'Card', value: text });
	let id = '';

	beforeAll(async () => {
		const attribute = {
			'@type': 'RelationshipAttribute',
			owner: cityAddress,
			key: 'card',
			confidentiality: 'public',
			isTechnical: true,
			value: card('7')
		};
		const items = [{ '@type': 'CreateAttributeRequestItem', mustBeAccepted: true, attribute }];
		const asked = await must<Shape & { content: object }>(
			city.call('POST', '/Requests/Outgoing', { content: { items }, peer: personAddress }),
			201
		);
		await must(city.call('POST', '/Messages', { recipients: [personAddress], content: asked.content }), 201);
		await until(
			async () => (await sync(person), get(person, '/Requests/Incoming?status=ManualDecisionRequired')),
			(rows) => rows.length > 0,
			'the request'
		);
		await must(person.call('PUT', `/Requests/Incoming/${asked.id}/Accept`, { items: [{ accept: true }] }));
		const rows = await until(
			async () => (await sync(city), get(city, '/Attributes?@type=OwnRelationshipAttribute')),
			(found) => found.length > 0,
			'the attribute'
		);
		id = rows[0]!.id;
	});

	test('E1 is listed with those the peer has, technical ones left out on demand, and found by a query', async () => {
		const own = `/Attributes/Own/Shared/${personAddress}`;
		expect(await get(city, own)).toMatchObject([{ id, peer: personAddress, numberOfForwards: 0 }]);
		for (const [who, path] of [
			[city, own],
			[city, '/Attributes'],
			[person, `/Attributes/Peer/${cityAddress}`]
		] as const)
			expect(ids(await get(who, `${path}?hideTechnical=true`))).not.toContain(id);
		const query = {
			key: 'card',
			owner: '',
			attributeCreationHints: { title: 'Card', valueType: 'ProprietaryString', confidentiality: 'public' }
		};
		expect(await must(city.call('POST', '/Attributes/ExecuteRelationshipAttributeQuery', { query }))).toMatchObject(
			{ id }
		);
	});

	test('E1 succession tells the peer at once; only its owner may', async () => {
		const succeed = (who: TestConnector, content: object) =>
			who.call<{ successor: Shape; notificationId: string }>('POST', `/Attributes/${id}/Succeed`, {
				successorContent: content
			});
		expect((await failure(succeed(person, { value: card('8') }))).slice(0, 2)).toEqual([
			400,
			'error.runtime.attributes.isNotOwnRelationshipAttribute'
		]);
		expect((await failure(succeed(city, { value: card('8'), tags: ['x:a'] })))[1]).toBe(
			'error.runtime.validation.invalidPropertyValue'
		);
		expect((await failure(succeed(city, { value: card('7') })))[1]).toBe(
			'error.consumption.attributes.successionMustChangeContent'
		);
		const { successor, notificationId } = await must(succeed(city, { value: card('8') }), 201);
		expect(successor).toMatchObject({ succeeds: id, sourceReference: notificationId, numberOfForwards: 0 });
		const held = await until(
			async () => (await sync(person), get(person, `/Attributes/Peer/${cityAddress}`)),
			(rows) => ids(rows).includes(successor.id),
			'the successor'
		);
		expect(held).toMatchObject([{ '@type': 'PeerRelationshipAttribute', succeeds: id, numberOfForwards: 0 }]);
	});
});

/** A person that asked for a relationship and gave its name with it. */
async function createWorldWithPending() {
	const world = createWorld();
	const [shop, buyer] = [await world.connector('shop'), await world.connector('buyer')];
	const { id: shared } = await must(buyer.call('POST', '/Attributes', { content: name('Bob') }), 201);
	const template = await must<Shape & { reference: { url: string } }>(
		shop.call('POST', '/RelationshipTemplates/Own', {
			expiresAt: '2030-01-01T00:00:00.000Z',
			content: {
				'@type': 'RelationshipTemplateContent',
				onNewRelationship: { '@type': 'Request', items: [read('GivenName')] }
			}
		}),
		201
	);
	await must(buyer.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }), 201);
	const [request] = await get(buyer, '/Requests/Incoming');
	await must(
		buyer.call('PUT', `/Requests/Incoming/${request!.id}/Accept`, {
			items: [{ accept: true, existingAttributeId: shared }]
		})
	);
	await until(
		() => get(buyer, '/Relationships?status=Pending'),
		(rows) => rows.length > 0,
		'the relationship'
	);
	return { person: buyer, shared };
}

describe('identity metadata', () => {
	const path = (reference: string, key?: string) =>
		`/IdentityMetadata?reference=${encodeURIComponent(reference)}${key === undefined ? '' : `&key=${key}`}`;
	const missing = [
		400,
		'error.runtime.identityMetadata.notFound',
		'There is no stored IdentityMetadata for the specified combination of reference and key.'
	];

	test('E3 is kept per reference and key, a missing key being its own slot', async () => {
		const put = (body: object) => must<object>(city.call('PUT', '/IdentityMetadata', body));
		expect(await put({ reference: personAddress, value: 'text' })).toEqual({
			reference: personAddress,
			value: 'text'
		});
		expect(await put({ reference: personAddress, value: { _a: [1] } })).toEqual({
			reference: personAddress,
			value: { _a: [1] }
		});
		const keyed = { reference: personAddress, key: 'crm', value: 7 };
		expect(await put(keyed)).toEqual(keyed);
		expect(await put({ reference: cityAddress, value: false })).toMatchObject({ value: false });
		expect(await get<object>(city, path(personAddress, 'crm'))).toEqual(keyed);
		expect(await get<object>(city, path(personAddress))).toMatchObject({ value: { _a: [1] } });
		await must(city.call('DELETE', path(personAddress, 'crm')), 204);
		expect(await failure(city.call('GET', path(personAddress, 'crm')))).toEqual(missing);
		expect(await failure(city.call('DELETE', path(personAddress, 'crm')))).toEqual(missing);
		expect(await get<object>(city, path(personAddress))).toMatchObject({ reference: personAddress });
	});

	test.each([
		[{ value: 1 }, "must have required property 'reference'"],
		[{ reference: NOBODY }, "must have required property 'value'"],
		[{ reference: NOBODY, value: 1, more: 1 }, 'must NOT have additional properties'],
		[{ reference: NOBODY, key: 1, value: 1 }, 'key must be string']
	])('E3 is refused when it is %j', async (body, message) => {
		expect(await failure(city.call('PUT', '/IdentityMetadata', body))).toEqual([
			400,
			'error.runtime.validation.invalidPropertyValue',
			message
		]);
	});

	test('E3 is about oneself and one’s contacts only', async () => {
		expect(
			(await failure(city.call('PUT', '/IdentityMetadata', { reference: NOBODY, value: 1 }))).slice(0, 2)
		).toEqual([400, 'error.runtime.identityMetadata.unfamiliarReferencedIdentity']);
		expect((await failure(city.call('GET', '/IdentityMetadata'))).slice(0, 2)).toEqual([
			400,
			'error.runtime.validation.invalidPropertyValue'
		]);
	});
});

test('E3 tags: the operator’s tree is shown as it is published', async () => {
	const shown = await must<object>(city.call('GET', '/Attributes/TagCollection'));
	expect(shown).toEqual({ supportedLanguages: expect.any(Array), tagsForAttributeValueTypes: expect.any(Object) });
	expect(shown).toEqual(await must(person.call('GET', '/Attributes/TagCollection')));
});
