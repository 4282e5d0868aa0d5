/**
 * Malformed and half-formed requests for every row of the route table, from a seed: paths with odd ids, queries with odd
 * operators, bodies that were valid before something in them was changed, and bytes that never were.
 */
import * as v from 'valibot';
import { DEBUG_ROUTES, PREFIX, ROUTES } from '../routes/table.ts';
import type { Route } from '../routes/route.ts';
import { KEY, ME, PEER } from './parts.ts';

export type Roll = () => number;

/** mulberry32: small, seeded, good enough to shake things. */
export function dice(seed: number): Roll {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}
const pick = <T>(roll: Roll, from: readonly T[]): T => from[Math.floor(roll() * from.length)] as T;

const LATER = '2030-01-01T00:00:00.000Z';
const attribute = (type: string, value: object) => ({ value: { '@type': type, ...value } });
const request = (items: readonly unknown[]) => ({ '@type': 'Request', items: items });
const ITEMS = [
	{
		'@type': 'ReadAttributeRequestItem',
		mustBeAccepted: true,
		query: { '@type': 'IdentityAttributeQuery', valueType: 'GivenName' }
	},
	{ '@type': 'ConsentRequestItem', mustBeAccepted: false, consent: 'May we?', link: 'https://example.org' },
	{
		'@type': 'CreateAttributeRequestItem',
		mustBeAccepted: true,
		attribute: { '@type': 'IdentityAttribute', owner: '', value: { '@type': 'DisplayName', value: 'x' } }
	},
	{ '@type': 'RequestItemGroup', items: [{ '@type': 'ConsentRequestItem', mustBeAccepted: true, consent: 'c' }] },
	{ '@type': 'AuthenticationRequestItem', mustBeAccepted: true, title: 't' }
];
const template = { '@type': 'RelationshipTemplateContent', title: 't', onNewRelationship: request(ITEMS.slice(0, 4)) };
const response = {
	result: 'Accepted',
	requestId: 'REQ00000000000000001',
	items: [{ '@type': 'AcceptResponseItem', result: 'Accepted' }]
};
const mail = { '@type': 'Mail', to: [PEER], cc: [], subject: 's', body: 'b', bodyFormat: 'PlainText' };
const decide = {
	items: [
		{ accept: true },
		{
			accept: true,
			newAttribute: { '@type': 'IdentityAttribute', owner: ME, value: { '@type': 'GivenName', value: 'A' } }
		},
		{ items: [{ accept: false }] }
	]
};

/** Bodies that some row takes; every row gets all of them. */
const SAMPLES: readonly unknown[] = [
	{ content: attribute('GivenName', { value: 'Ada' }) },
	{ content: { ...attribute('BirthDate', { day: 1, month: 2, year: 1990 }), tags: ['x:a'] } },
	{
		content: attribute('StreetAddress', {
			recipient: 'a',
			street: 'b',
			houseNo: '1',
			zipCode: '2',
			city: 'c',
			country: 'DE'
		})
	},
	{ successorContent: attribute('GivenName', { value: 'Eve' }) },
	{ content: template, expiresAt: LATER, maxNumberOfAllocations: 1 },
	{
		content: { '@type': 'ArbitraryRelationshipTemplateContent', value: { a: 1 } },
		expiresAt: LATER,
		passwordProtection: { password: 'x' }
	},
	{ content: { a: 1 }, expiresAt: LATER, ephemeral: true, forIdentity: PEER },
	{ reference: `http://localhost:1/r/RLT00000000000000001#${'A'.repeat(60)}` },
	{ reference: Buffer.from(`TOK00000000000000001|2|${'k'.repeat(43)}||`).toString('base64url'), password: 'x' },
	{ templateId: 'RLT00000000000000001', creationContent: { '@type': 'RelationshipCreationContent', response } },
	{ recipients: [PEER], content: mail },
	{
		recipients: [PEER],
		content: {
			'@type': 'ResponseWrapper',
			requestId: 'REQ00000000000000001',
			requestSourceReference: 'RLT00000000000000001',
			requestSourceType: 'RelationshipTemplate',
			response
		}
	},
	{ recipients: [PEER], content: request(ITEMS), attachments: ['FIL00000000000000001'] },
	{ content: request(ITEMS), peer: PEER },
	{ content: { items: ITEMS.slice(0, 2), expiresAt: LATER, title: 't', metadata: { a: 1 } }, peer: PEER },
	decide,
	{ ...decide, decidedByAutomation: true },
	{ challengeType: 'Identity' },
	{ challengeType: 'Relationship', relationship: 'REL00000000000000001' },
	{ challengeString: JSON.stringify({ id: 'CHL00000000000000001', type: 'Identity' }), signature: 'e30' },
	{ recipients: [PEER], code: 'TestCode' },
	{ reference: PEER, key: 'k', value: { a: [1] } },
	{ peer: PEER },
	{ query: { '@type': 'IdentityAttributeQuery', valueType: 'GivenName', tags: ['x:a'] } },
	{ query: { '@type': 'IQLQuery', queryString: "GivenName && (#'a b' || !Surname=x)" } },
	{
		query: {
			'@type': 'RelationshipAttributeQuery',
			key: 'k',
			owner: '',
			attributeCreationHints: { title: 't', valueType: 'ProprietaryString', confidentiality: 'public' }
		}
	},
	{ query: { '@type': 'ThirdPartyRelationshipAttributeQuery', key: 'k', owner: 'thirdParty', thirdParty: [PEER] } },
	{}
];

const ODD: readonly unknown[] = [
	null,
	true,
	0,
	-1,
	1e308,
	0.1,
	'',
	' ',
	'x',
	'x'.repeat(5000),
	'\u0000',
	'\ud800',
	'‮\u{1F600}',
	'__proto__',
	'<script>',
	'did:e:',
	ME,
	LATER,
	'9999-99-99T99:99:99Z',
	'2020-01-01',
	[],
	[[]],
	[null],
	{},
	{ a: { b: { c: [] } } },
	{ '@type': 'Nothing' },
	{ '@type': 7 },
	{ '@type': 'Request' },
	{ '@type': 'constructor' },
	JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":1}}')
];
const NAMES = [
	'@type',
	'value',
	'items',
	'content',
	'__proto__',
	'constructor',
	'toString',
	'_own',
	'',
	'peer',
	'query',
	'metadata'
];

/** The value with one thing in it changed, somewhere. */
function mutate(roll: Roll, value: unknown): unknown {
	if (roll() < 0.2 || typeof value !== 'object' || value === null) return pick(roll, ODD);
	if (Array.isArray(value)) {
		const at = Math.floor(roll() * (value.length + 1));
		if (roll() < 0.3) return value.filter((_, index) => index !== at);
		return at === value.length
			? [...(value as unknown[]), pick(roll, ODD)]
			: value.map((each, index): unknown => (index === at ? mutate(roll, each) : each));
	}
	const entries = Object.entries(value);
	const at = Math.floor(roll() * entries.length);
	if (roll() < 0.25) return Object.fromEntries(entries.filter((_, index) => index !== at));
	if (roll() < 0.2) return Object.fromEntries([...entries, [pick(roll, NAMES), pick(roll, ODD)]]);
	return Object.fromEntries(
		entries.map(([name, each], index): [string, unknown] => [name, index === at ? mutate(roll, each) : each])
	);
}

const IDS = ['ATT', 'RLT', 'TOK', 'REL', 'MSG', 'REQ', 'FIL'].flatMap((prefix) => [
	`${prefix}00000000000000001`,
	`${prefix}0000000000000000Z`
]);
const SEGMENTS = [
	...IDS,
	PEER,
	ME,
	'x',
	'%',
	'%2F',
	'%00',
	'%C3%28',
	'..',
	'x'.repeat(2000),
	'__proto__',
	'Own',
	'CanCreate',
	'%F0%9F%98%80',
	'null',
	'0'
];
const VALUES = [
	'',
	'!',
	'x',
	'!x',
	'>x',
	'>=1',
	'<',
	'^',
	'$',
	'~',
	'~(',
	'~[',
	'~(a+)+$',
	`~${'a?'.repeat(100)}`,
	'+',
	'%2B',
	'true',
	'!true',
	'1e999',
	'%00',
	'~.*',
	'^\\',
	'~\\1(a)',
	'x'.repeat(3000)
];

const queryOf = (roll: Roll, row: Route): string => {
	const names = [
		...Object.keys(row.filters ?? {}),
		...(row.options ?? []),
		'__proto__',
		'x',
		'content.items.@type',
		'a.b.c'
	];
	const pairs = Array.from(
		{ length: Math.floor(roll() * 4) },
		() => `${pick(roll, names)}${roll() < 0.1 ? '[]' : ''}=${pick(roll, VALUES)}`
	);
	return pairs.length > 0 ? `?${pairs.join('&')}` : '';
};

const CASES = [
	(path: string) => path,
	(path: string) => path.toLowerCase(),
	(path: string) => `${path}/`,
	(path: string) => `${path}//`,
	(path: string) => path.toUpperCase()
];
/** An id of the kind this path wants, or something else. */
const PREFERRED: Readonly<Record<string, string>> = {
	Attributes: 'ATT',
	RelationshipTemplates: 'RLT',
	Tokens: 'TOK',
	Relationships: 'REL',
	Messages: 'MSG',
	Requests: 'REQ',
	Files: 'FIL'
};
function segmentOf(roll: Roll, row: Route, known: readonly string[]): string {
	const prefix = PREFERRED[row.path.split('/')[1] ?? ''] ?? 'ATT';
	const fitting = row.path.endsWith('{peer}')
		? [PEER, ...known.filter((id) => id.startsWith('did:'))]
		: [`${prefix}00000000000000001`, ...known.filter((id) => id.startsWith(prefix))];
	return roll() < 0.6 ? pick(roll, fitting) : pick(roll, SEGMENTS);
}
const pathOf = (roll: Roll, row: Route, known: readonly string[]) =>
	pick(
		roll,
		roll() < 0.9 ? CASES.slice(0, 1) : CASES
	)(PREFIX + row.path.replaceAll(/\{\w+\}/g, () => segmentOf(roll, row, known)));

const TYPES = [
	'application/json',
	'application/json',
	'application/json',
	'application/json; charset=utf-8',
	'application/x-www-form-urlencoded',
	'text/plain',
	'multipart/form-data',
	'',
	'application/JSON'
];
const ACCEPTS = [
	...Array<string>(40).fill('*/*'),
	'application/json',
	'image/png',
	'text/html',
	'image/*;q=0.5',
	';;;',
	'a/b;q=x'
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** Bodies of callers that know this row, before anything in them is changed. */
const fittingOf = (row: Route) =>
	row.body === undefined ? SAMPLES : SAMPLES.filter((sample) => row.body && v.safeParse(row.body, sample).success);
const FITTING = new Map(ROUTES.map((row) => [row, fittingOf(row)]));

/** Ids and addresses of a body that name nothing here, replaced by ones that do. */
const aimed = (roll: Roll, body: string, known: readonly string[]): string =>
	body
		.replaceAll(/(ATT|RLT|TOK|REL|MSG|REQ)0{16}1/g, (id, prefix: string) =>
			pick(roll, [id, ...known.filter((each) => each.startsWith(prefix))])
		)
		.replaceAll(PEER, () => pick(roll, [PEER, ...known.filter((each) => each.startsWith('did:'))]));

function bodyOf(roll: Roll, row: Route): string | Uint8Array<ArrayBuffer> {
	const dieCast = roll();
	const fitting = FITTING.get(row) ?? [];
	const sample = fitting.length > 0 && roll() < 0.8 ? pick(roll, fitting) : pick(roll, SAMPLES);
	if (dieCast < 0.15) return JSON.stringify(sample);
	if (dieCast < 0.2) return JSON.stringify(sample).slice(0, Math.floor(roll() * 60));
	if (dieCast < 0.25) return Uint8Array.from({ length: Math.floor(roll() * 64) }, () => Math.floor(roll() * 256));
	let changed: unknown = mutate(roll, sample);
	while (roll() < 0.4) changed = mutate(roll, changed);
	return JSON.stringify(changed) ?? '';
}

const DISPOSITIONS = [
	'name="file"; filename="a.txt"',
	'name="file"; filename="../../x"',
	'name="file"',
	'name="title"',
	'name="tags"',
	'name="expiresAt"',
	'name="__proto__"',
	'name=',
	"filename*=UTF-8''%00"
];
/** An upload of a few parts, sometimes without its end, its beginning or its head. */
function formOf(roll: Roll): { body: string; type: string } {
	const part = () => {
		const type = roll() < 0.3 ? `\r\nContent-Type: ${pick(roll, ['text/plain', 'x', 'image/png; a="b'])}` : '';
		const text = roll() < 0.1 ? 'x'.repeat(100_000) : String(pick(roll, [LATER, '', 'x:a', '\u0000', '--b--']));
		return `--b\r\nContent-Disposition: form-data; ${pick(roll, DISPOSITIONS)}${type}\r\n\r\n${text}\r\n`;
	};
	const parts = Array.from({ length: Math.floor(roll() * 5) }, part).join('');
	const whole = `${parts}--b--\r\n`;
	const body = roll() < 0.7 ? whole : whole.slice(Math.floor(roll() * 20), Math.floor(roll() * whole.length));
	return {
		body,
		type: `multipart/form-data${pick(roll, ['; boundary=b', '; boundary=b', '; boundary=c', '', ';'])}`
	};
}

export interface FuzzRequest {
	readonly row: Route;
	readonly url: string;
	readonly init: RequestInit & { readonly method: string };
}

/** The next request of this seed. `known` ids make some requests reach deeper. */
export function fuzzRequest(roll: Roll, known: readonly string[] = []): FuzzRequest {
	const row = pick(roll, roll() < 0.8 ? ROUTES : [...ROUTES, ...DEBUG_ROUTES]);
	const method = roll() < 0.95 ? row.method : pick(roll, METHODS);
	const headers: Record<string, string> = { accept: pick(roll, ACCEPTS), 'content-type': pick(roll, TYPES) };
	if (roll() < 0.98) headers['x-api-key'] = KEY;
	if (roll() < 0.05) headers['x-correlation-id'] = pick(roll, ['a', 'x'.repeat(500), 'a,b', 'ä']);
	if (roll() < 0.05) headers['if-none-match'] = pick(roll, ['*', 'W/"', '"x"']);
	if (roll() < 0.02) headers['content-encoding'] = pick(roll, ['gzip', 'br', 'identity', 'x']);
	const url = pathOf(roll, row, known) + queryOf(roll, row);
	if (method === 'GET' || method === 'HEAD') return { row, url, init: { method, headers } };
	if (row.upload === true && roll() < 0.9) {
		const form = formOf(roll);
		return { row, url, init: { method, headers: { ...headers, 'content-type': form.type }, body: form.body } };
	}
	const body = bodyOf(roll, row);
	return { row, url, init: { method, headers, body: typeof body === 'string' ? aimed(roll, body, known) : body } };
}
