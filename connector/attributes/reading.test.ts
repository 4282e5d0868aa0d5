/** Attributes got, listed and found by queries (content-behaviours.md E1.1 – E1.5; content-model.md §2.2, §3.4). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must } from '../testing/party.ts';
import {
	attribute,
	create,
	endPeople,
	get,
	given,
	ids,
	live,
	meet,
	people,
	refusal,
	renew,
	succeed,
	tell,
	valued,
	type Person
} from './testing/people.ts';

const NOBODY = 'did:e:localhost:dids:00000000000000000000ff';
const UNKNOWN = 'ATT00000000000000009';
const INVALID = 'error.runtime.validation.invalidPropertyValue';

let anna: Person;
let berlin: Person;
/** Anna's: a name and its successor, both told Berlin; an address Berlin has and its successor it has not; one of nobody's. */
const own = { name: '', renamed: '', mail: '', newMail: '', job: '' };
/** Of the relationship: Anna's technical one, hers and its successor, one of Berlin's. */
const both = { technical: '', card: '', newCard: '', theirs: '' };
const label = new Map<string, string>();
/** Which of them a list shows, by the names above. */
const shown = async (who: Person, path: string) => (await ids(who, path)).map((id) => label.get(id) ?? id);

beforeAll(async () => {
	({ anna, berlin } = await people(['anna', 'berlin']));
	await meet(berlin, anna);
	own.name = await given(anna, berlin, valued('GivenName', 'Anna', ['x:short']));
	own.renamed = await tell(anna, berlin, own.name, valued('GivenName', 'Anna Maria', ['x:long', 'x:formal']));
	own.mail = await given(anna, berlin, valued('EMailAddress', 'anna@one.example'));
	own.newMail = (await succeed(anna, own.mail, valued('EMailAddress', 'anna@two.example'))).successor.id;
	own.job = (await create(anna, valued('JobTitle', 'Baker'))).id;
	both.technical = await live(anna, berlin, { key: 'technical', isTechnical: true });
	both.card = await live(anna, berlin, { key: 'card', confidentiality: 'protected' });
	both.newCard = await renew(anna, berlin, both.card);
	both.theirs = await live(berlin, anna, { key: 'theirs' });
	for (const [name, id] of [...Object.entries(own), ...Object.entries(both)]) label.set(id, name);
}, 120_000);
afterAll(endPeople);

describe('one, and all', () => {
	test('E1.1 an attribute is got by its id, and shows what it is', async () => {
		expect(await attribute(anna, own.job)).toEqual({
			'@type': 'OwnIdentityAttribute',
			id: own.job,
			createdAt: expect.stringMatching(/Z$/),
			content: { '@type': 'IdentityAttribute', owner: anna.address, value: valued('JobTitle', 'Baker').value },
			numberOfForwards: 0
		});
		expect(await attribute(berlin, own.renamed)).toMatchObject({
			'@type': 'PeerIdentityAttribute',
			peer: anna.address,
			succeeds: own.name
		});
	});

	test('E1.1 an unknown id is not found, a malformed one is refused', async () => {
		expect(await refusal(anna.call('GET', `/Attributes/${UNKNOWN}`))).toEqual([
			404,
			'error.runtime.recordNotFound'
		]);
		const { status, error } = await anna.call('GET', '/Attributes/x');
		expect([status, error?.code, error?.message]).toEqual([
			400,
			INVALID,
			'id must match pattern ATT[A-Za-z0-9]{17}'
		]);
	});

	test('E1.1 the list shows every attribute of every kind, the oldest first', async () => {
		const rows = await get(anna, '/Attributes');
		expect(rows.map(({ id }) => label.get(id))).toEqual([
			'name',
			'renamed',
			'mail',
			'newMail',
			'job',
			'technical',
			'card',
			'newCard',
			'theirs'
		]);
		const dates = rows.map((row) => row['createdAt']);
		expect([...dates].sort()).toEqual(dates);
	});

	test.each([
		['type of attribute', '@type=OwnRelationshipAttribute', ['technical', 'card', 'newCard']],
		['type of attribute, a peer’s', '@type=PeerRelationshipAttribute', ['theirs']],
		['type of content', 'content.@type=RelationshipAttribute', ['technical', 'card', 'newCard', 'theirs']],
		['one value type', 'content.value.@type=EMailAddress', ['mail', 'newMail']],
		[
			'several value types',
			'content.value.@type=EMailAddress&content.value.@type=JobTitle',
			['mail', 'newMail', 'job']
		],
		['default: none, as a Connector keeps none', 'isDefault=true', []],
		['non-default', 'content.value.@type=GivenName&isDefault=!', ['name', 'renamed']],
		['tag', 'content.tags=x:short', ['name']],
		['any of several tags', 'content.tags=x:short&content.tags=x:formal', ['name', 'renamed']],
		['key', 'content.key=card', ['card', 'newCard']],
		['confidentiality', 'content.confidentiality=protected', ['card', 'newCard']],
		['being technical', 'content.isTechnical=true', ['technical']],
		['having a successor', 'succeededBy=', ['name', 'mail', 'card']],
		['being a successor', 'succeeds=', ['renamed', 'newMail', 'newCard']],
		['source, a notification', 'sourceReference=^NOT', ['newCard']],
		['not having been viewed', 'wasViewedAt=!&content.key=card', ['card', 'newCard']],
		['having been viewed', 'wasViewedAt=', []],
		['not being deleted anywhere', 'deletionInfo=!&@type=PeerRelationshipAttribute', ['theirs']],
		['a status of deletion', 'deletionInfo.deletionStatus=DeletedByEmitter', []]
	])('E1.1 the list can be asked by %s', async (_, query, names) => {
		expect(await shown(anna, `/Attributes?${query}`)).toEqual(names);
	});

	test('E1.1 the list can be asked by peer and by owner', async () => {
		expect(await shown(anna, `/Attributes?peer=${berlin.address}`)).toEqual([
			'technical',
			'card',
			'newCard',
			'theirs'
		]);
		expect(await shown(anna, `/Attributes?content.owner=${berlin.address}`)).toEqual(['theirs']);
		expect(await shown(anna, `/Attributes?peer=${NOBODY}`)).toEqual([]);
	});

	test('E1.1 technical attributes are shown when nothing is said', async () => {
		expect(await shown(anna, '/Attributes')).toContain('technical');
		expect(await shown(anna, '/Attributes?hideTechnical=false')).toContain('technical');
	});

	test('E1.1 technical attributes are hidden on demand, others stay', async () => {
		const names = await shown(anna, '/Attributes?hideTechnical=true');
		expect(names).not.toContain('technical');
		expect(names).toHaveLength(8);
	});
});

describe('queries', () => {
	const execute = <T = { id: string }[]>(who: Person, kind: string, query: object) =>
		who.call<T>('POST', `/Attributes/Execute${kind}`, { query });
	const found = async (kind: string, query: object) =>
		(await must(execute(anna, kind, query))).map(({ id }) => label.get(id));
	const hints = { title: 'Card', valueType: 'ProprietaryString', confidentiality: 'protected' };

	test('E1.2 an IdentityAttributeQuery finds own identity attributes of its value type, older versions too', async () => {
		expect(await found('IdentityAttributeQuery', { valueType: 'GivenName' })).toEqual(['name', 'renamed']);
		expect(await found('IdentityAttributeQuery', { valueType: 'GivenName', tags: ['x:short', 'x:none'] })).toEqual([
			'name'
		]);
		expect(await must(execute(berlin, 'IdentityAttributeQuery', { valueType: 'GivenName' }))).toEqual([]);
	});

	test('E1.2 a RelationshipAttributeQuery finds the latest one with its key and owner', async () => {
		const asked = (who: Person, key: string, owner: string) =>
			execute<{ id: string }>(who, 'RelationshipAttributeQuery', { key, owner, attributeCreationHints: hints });
		expect(await must(asked(anna, 'card', ''))).toMatchObject({ id: both.newCard });
		expect(await must(asked(anna, 'card', anna.address))).toMatchObject({ id: both.newCard });
		expect(await must(asked(anna, 'theirs', berlin.address))).toMatchObject({ id: both.theirs });
		for (const [key, owner] of [
			['card', berlin.address],
			['theirs', ''],
			['nothing', '']
		] as const) {
			const { status, error } = await asked(anna, key, owner);
			expect([status, error?.code, error?.message]).toEqual([
				404,
				'error.runtime.recordNotFound',
				'RelationshipAttribute not found. Make sure the ID exists and the record is not expired.'
			]);
		}
	});

	test('E1.2 a ThirdPartyRelationshipAttributeQuery finds what lives with the parties it names', async () => {
		const asked = (key: string, owner: string, thirdParty: string) =>
			found('ThirdPartyRelationshipAttributeQuery', { key, owner, thirdParty: [thirdParty] });
		expect(await asked('card', 'recipient', berlin.address)).toContain('newCard');
		expect(await asked('card', '', berlin.address)).toContain('newCard');
		expect(await asked('card', 'thirdParty', berlin.address)).toEqual([]);
		expect(await asked('theirs', 'thirdParty', berlin.address)).toEqual(['theirs']);
		expect(await asked('card', 'recipient', NOBODY)).toEqual([]);
	});

	test('E1.2 an IQL query finds own identity attributes', async () => {
		expect(await found('IQLQuery', { queryString: "GivenName='Anna Maria'" })).toEqual(['renamed']);
		expect(await found('IQLQuery', { queryString: '#x:short || JobTitle' })).toEqual(['name', 'job']);
	});

	test.each([
		['IdentityAttributeQuery', { valueType: 'Nothing' }],
		['IQLQuery', { queryString: '&&' }],
		['RelationshipAttributeQuery', {}],
		['ThirdPartyRelationshipAttributeQuery', { key: 'k', owner: '', thirdParty: [] }]
	])('E1.2 a malformed %s is refused', async (kind, query) => {
		expect(await refusal(execute(anna, kind, query))).toEqual([400, 'error.runtime.requestDeserialization']);
	});

	test('E1.2 an IQL text is judged with the place where it breaks', async () => {
		const judge = (queryString: string) =>
			must(anna.call('POST', '/Attributes/ValidateIQLQuery', { query: { '@type': 'IQLQuery', queryString } }));
		expect(await judge('GivenName && #x:short')).toEqual({ isValid: true });
		expect(await judge('GivenName &&')).toMatchObject({
			isValid: false,
			error: { message: expect.any(String), location: { start: { line: 1 }, end: { line: 1 } } }
		});
	});
});

describe('own identity attributes', () => {
	test('E1.3 the latest versions only, when nothing is said', async () => {
		expect(await shown(anna, '/Attributes/Own/Identity')).toEqual(['renamed', 'newMail', 'job']);
	});
	test('E1.3 all versions on demand', async () => {
		expect(await shown(anna, '/Attributes/Own/Identity?onlyLatestVersions=false')).toEqual([
			'name',
			'renamed',
			'mail',
			'newMail',
			'job'
		]);
	});
	test('E1.3 defaults only: none, as a Connector keeps none', async () => {
		expect(await shown(anna, '/Attributes/Own/Identity?isDefault=true')).toEqual([]);
	});
});

describe('own attributes a peer has', () => {
	const path = () => `/Attributes/Own/Shared/${berlin.address}`;

	test('E1.4 the latest it was given, forwarded ones before those that live with it', async () => {
		expect(await shown(anna, path())).toEqual(['renamed', 'mail', 'technical', 'newCard']);
	});
	test('E1.4 all versions it was given on demand', async () => {
		expect(await shown(anna, `${path()}?onlyLatestVersions=false`)).toEqual([
			'name',
			'renamed',
			'mail',
			'technical',
			'card',
			'newCard'
		]);
	});
	test('E1.4 technical ones are hidden on demand', async () => {
		expect(await shown(anna, `${path()}?hideTechnical=true`)).toEqual(['renamed', 'mail', 'newCard']);
	});
	test('E1.4 a successor the peer was not told does not hide the version it has', async () => {
		const names = await shown(anna, path());
		expect(names).toContain('mail');
		expect(names).not.toContain('newMail');
	});
	test('E1.4 filters of what an attribute is; nobody has nothing, a malformed address is refused', async () => {
		expect(await shown(anna, `${path()}?content.tags=x:short&onlyLatestVersions=false`)).toEqual(['name']);
		expect(await shown(anna, `${path()}?content.value.@type=Surname`)).toEqual([]);
		expect(await shown(anna, `/Attributes/Own/Shared/${NOBODY}`)).toEqual([]);
		expect(await refusal(anna.call('GET', '/Attributes/Own/Shared/x'))).toEqual([400, INVALID]);
	});

	test('E1.4 a query for forwardings matches by peer, source and date', async () => {
		const details = `/Attributes/${own.name}/ForwardingDetails`;
		const [forwarding, ...others] = await get<{ sourceReference: string; sharedAt: string }[]>(anna, details);
		expect([forwarding, others]).toEqual([
			{ peer: berlin.address, sourceReference: expect.stringMatching(/^REQ/), sharedAt: expect.any(String) },
			[]
		]);
		for (const query of [
			`peer=${berlin.address}`,
			`sourceReference=${forwarding!.sourceReference}`,
			`sharedAt=${forwarding!.sharedAt}`,
			'deletionInfo=!'
		])
			expect(await get<unknown>(anna, `${details}?${query}`)).toEqual([forwarding]);
	});
	test.each([`peer=${NOBODY}`, 'sourceReference=^NOT', 'sharedAt=<2020-01-01', 'deletionInfo='])(
		'E1.4 a query for forwardings that does not match finds none: %s',
		async (query) => {
			expect(await get(anna, `/Attributes/${own.name}/ForwardingDetails?${query}`)).toEqual([]);
		}
	);
	test('E1.4 forwardings of an unknown attribute are not found, of a malformed id refused', async () => {
		const details = (id: string) => refusal(anna.call('GET', `/Attributes/${id}/ForwardingDetails`));
		expect(await details(UNKNOWN)).toEqual([404, 'error.runtime.recordNotFound']);
		expect(await details('x')).toEqual([400, INVALID]);
	});
});

describe('attributes of a peer', () => {
	const path = () => `/Attributes/Peer/${anna.address}`;

	test('E1.5 the latest versions only, when nothing is said', async () => {
		expect(await shown(berlin, path())).toEqual(['renamed', 'mail', 'technical', 'newCard']);
	});
	test('E1.5 all versions on demand', async () => {
		expect(await shown(berlin, `${path()}?onlyLatestVersions=false`)).toEqual([
			'name',
			'renamed',
			'mail',
			'technical',
			'card',
			'newCard'
		]);
	});
	test('E1.5 technical ones are hidden on demand', async () => {
		expect(await shown(berlin, `${path()}?hideTechnical=true`)).toEqual(['renamed', 'mail', 'newCard']);
	});
	test('E1.5 by where they came from', async () => {
		expect(await shown(berlin, `${path()}?sourceReference=^NOT`)).toEqual(['renamed', 'newCard']);
	});
});
