/**
 * Refusals of files, tokens and templates (connector-api.md §2.6, §2.10, §2.12, §4.2, §4.3, §11): making them, and what all
 * three have in common when they are loaded, looked up and handed on.
 */
import { consent, createTemplate, must, type Shape } from '../../testing/party.ts';
import type { Row } from './rows.ts';
import { INVALID, LATER, PAST, raw, token, upload, uploaded, type Member, type Referenced } from './town.ts';

export interface ObjectWorld {
	/** Makes what the person loads. */
	readonly city: Member;
	readonly person: Member;
	/** Loads before the person does. */
	readonly guest: Member;
	/** May have one object at its relay, and has it. */
	readonly pauper: Member;
	readonly file: Referenced;
	readonly token: Referenced;
	readonly template: Referenced;
	/** Of the city, known to the person. */
	readonly loadedFile: string;
	readonly loadedTemplate: string;
	/** Templates of the city: for the person only, and behind a password. */
	readonly personal: string;
	readonly locked: string;
	/** A file of the city whose bytes were changed at the relay. */
	readonly damaged: string;
}
export type ObjectRow = Row<ObjectWorld>;
type Refusal = Pick<ObjectRow, 'code' | 'status' | 'says'>;
export const invalid = (says?: string | RegExp): Refusal => ({ code: INVALID, ...(says !== undefined && { says }) });
const missing = (entity: string, more = ''): Refusal => ({
	code: 'error.runtime.recordNotFound',
	status: 404,
	says: `${entity} not found. Make sure the ID exists and the record is not expired.${more}`
});
/** What the relay refuses without saying why. */
const refused = (entity: string) =>
	missing(entity, ' If a password is required to fetch the record, make sure you passed the correct one.');

type Who = 'city' | 'person' | 'pauper';
export const row = (
	name: string,
	refusal: Refusal,
	method: string,
	path: string | ((world: ObjectWorld) => string),
	body?: object | ((world: ObjectWorld) => object),
	who: Who = 'city'
): ObjectRow => ({
	name,
	...refusal,
	call: (world) =>
		world[who].call(
			method,
			typeof path === 'string' ? path : path(world),
			typeof body === 'function' ? body(world) : body
		)
});

// ------------------------------------------------------------------------------------------------- making

const INDICATOR =
	'must be a number from 50 to 99 or one of the following strings: Self, Letter, RegistrationLetter, Email, SMS, Website';
const protection = (passwordProtection: object) => ({ passwordProtection });
/** Members whoever makes an object behind a reference can get wrong. */
const TERMS: readonly (readonly [string, Refusal, object])[] = [
	['that is over', invalid("'expiresAt' must be in the future"), { expiresAt: PAST }],
	['until no day', invalid('expiresAt must match ISO8601 datetime format'), { expiresAt: 'tomorrow' }],
	[
		'until a day no calendar has',
		invalid('expiresAt must match ISO8601 datetime format'),
		{ expiresAt: '2030-02-30T00:00:00Z' }
	],
	['for nobody', invalid(/^forIdentity must match pattern did:e:/), { forIdentity: 'nobody' }],
	['behind a word as PIN', invalid(), protection({ password: 'word', passwordIsPin: true })],
	['behind a PIN of three digits', invalid(), protection({ password: '123', passwordIsPin: true })],
	['behind a PIN that is none', invalid(), protection({ password: '1234', passwordIsPin: false })],
	['behind no password', invalid(), protection({ password: '' })],
	[
		'with a password nowhere',
		invalid(INDICATOR),
		protection({ password: 'p', passwordLocationIndicator: 'Nowhere' })
	],
	['with a password in place 49', invalid(INDICATOR), protection({ password: 'p', passwordLocationIndicator: 49 })],
	[
		'with a password in a recovery kit',
		invalid(INDICATOR),
		protection({ password: 'p', passwordLocationIndicator: 'RecoveryKit' })
	],
	['with a member nobody knows', invalid('must NOT have additional properties'), { nothing: 1 }]
];
const ARBITRARY = { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 };
const asking = (onNewRelationship: object, more: object = {}) => ({
	'@type': 'RelationshipTemplateContent',
	onNewRelationship,
	...more
});
const MAKERS: readonly (readonly [string, string | ((world: ObjectWorld) => string), object])[] = [
	['a token', '/Tokens/Own', { content: { a: 1 }, expiresAt: LATER }],
	['a template', '/RelationshipTemplates/Own', { content: ARBITRARY, expiresAt: LATER }],
	['a token for a file', ({ file }) => `/Files/${file.id}/Token`, {}],
	['a token for a template', ({ template }) => `/RelationshipTemplates/Own/${template.id}/Token`, {}]
];
const terms = MAKERS.flatMap(([thing, path, body]) =>
	TERMS.map(([how, refusal, wrong]) => row(`${thing} ${how}`, refusal, 'POST', path, { ...body, ...wrong }))
);

const made = (name: string, refusal: Refusal, content: unknown, more: object = {}) =>
	row(`a template ${name}`, refusal, 'POST', '/RelationshipTemplates/Own', { expiresAt: LATER, content, ...more });
const request = (items: readonly unknown[], more: object = {}) => ({ '@type': 'Request', items, ...more });
const templates = [
	row(
		'a template without content',
		invalid("must have required property 'content'"),
		'POST',
		'/RelationshipTemplates/Own',
		{
			expiresAt: LATER
		}
	),
	made('nobody may use', invalid('maxNumberOfAllocations must be >= 1'), ARBITRARY, { maxNumberOfAllocations: 0 }),
	made('of no type', { code: 'error.runtime.unknownType' }, { '@type': 'Nothing' }),
	made('with the content of a message', invalid(), { '@type': 'ArbitraryMessageContent', value: 1 }),
	made(
		'without request',
		{ code: 'error.runtime.requestDeserialization' },
		{ '@type': 'RelationshipTemplateContent' }
	),
	made('with an empty request', { code: 'error.runtime.requestDeserialization' }, asking(request([]))),
	made(
		'that ends before its request',
		{ code: 'error.runtime.relationshipTemplates.requestCannotExpireAfterRelationshipTemplate' },
		asking(request([consent('?')], { expiresAt: '2031-01-01T00:00:00.000Z' }))
	),
	made(
		'whose request is over',
		{ code: 'error.consumption.requests.cannotCreateRequestWithExpirationDateInPast' },
		asking(request([consent('?')], { expiresAt: PAST }))
	),
	made(
		'with an item nobody can be asked',
		{ code: 'error.consumption.requests.validation.inheritedFromItem' },
		asking(
			request([
				{
					'@type': 'DeleteAttributeRequestItem',
					mustBeAccepted: true,
					attributeId: 'ATT00000000000000000'
				}
			])
		)
	)
];

/** Faults in the order they are looked for (§14): each row has one more than the one after it, and the first is told. */
const FAULTS: readonly (readonly [string, Refusal, object])[] = [
	['a member nobody knows', invalid('must NOT have additional properties'), { nothing: 1 }],
	['an end in the past', invalid("'expiresAt' must be in the future"), { expiresAt: PAST }],
	['a PIN that is a word', invalid(/PIN|pin/), protection({ password: 'word', passwordIsPin: true })],
	['a place that is none', invalid(INDICATOR), protection({ password: 'word', passwordLocationIndicator: 1 })],
	['content of no type', { code: 'error.runtime.unknownType' }, { content: { '@type': 'Nothing' } }]
];
const order = FAULTS.map(([name, refusal], first) => {
	const wrong = FAULTS.slice(first).map(([, , each]) => each) as { passwordProtection?: object }[];
	const protections = Object.assign({}, ...wrong.map(({ passwordProtection }) => passwordProtection)) as object;
	const body: object = { expiresAt: LATER, ...Object.assign({}, ...wrong) };
	const whole = Object.keys(protections).length > 0 ? { ...body, ...protection(protections) } : body;
	return row(`a template with ${name} before other faults`, refusal, 'POST', '/RelationshipTemplates/Own', whole);
});

const uploads = (
	[
		['nothing', invalid("must have required property 'content'"), undefined, {}],
		['a file that is over', invalid("'expiresAt' must be in the future"), 'x', { expiresAt: PAST }],
		[
			'a file until no day',
			invalid('expiresAt must match ISO8601 datetime format'),
			'x',
			{ expiresAt: 'tomorrow' }
		],
		['a file with a member nobody knows', invalid('must NOT have additional properties'), 'x', { nothing: '1' }],
		['a file over 10 MiB', invalid("'content' is too large"), new Uint8Array(10 * 2 ** 20 + 1), {}],
		[
			'a file with a tag that means nothing',
			{ code: 'error.consumption.attributes.invalidTags' },
			'x',
			{ tags: 'nothing' }
		]
	] as const
).map(([name, refusal, content, fields]): ObjectRow => ({
	name: `upload of ${name}`,
	...refusal,
	call: ({ city }) => upload(city, content, fields)
}));
const tokens = [
	row('a token without content', invalid("must have required property 'content'"), 'POST', '/Tokens/Own', {
		expiresAt: LATER
	}),
	row('a token with a list', invalid('content must be object'), 'POST', '/Tokens/Own', {
		content: [],
		expiresAt: LATER
	}),
	row('a token of no type', { code: 'error.runtime.invalidTokenContent' }, 'POST', '/Tokens/Own', {
		content: { '@type': 'Nothing' },
		expiresAt: LATER
	})
];
const handedOn = (name: string, code: ObjectRow['code'], of: (world: ObjectWorld) => string, body: object, who?: Who) =>
	row(`a token for ${name}`, { code }, 'POST', (world) => `/RelationshipTemplates/Own/${of(world)}/Token`, body, who);
const INHERIT = 'error.runtime.relationshipTemplates.';
const inherited = [
	handedOn(
		'the template of a peer',
		`${INHERIT}cannotCreateTokenForPeerTemplate`,
		({ loadedTemplate }) => loadedTemplate,
		{},
		'person'
	),
	handedOn('a personal template', `${INHERIT}personalizationMustBeInherited`, ({ personal }) => personal, {}),
	handedOn(
		'a personal template, for another',
		`${INHERIT}personalizationMustBeInherited`,
		({ personal }) => personal,
		{ forIdentity: 'did:e:localhost:dids:00000000000000000000ff' }
	),
	handedOn('a locked template', `${INHERIT}passwordProtectionMustBeInherited`, ({ locked }) => locked, {}),
	handedOn(
		'a locked template, with another password',
		`${INHERIT}passwordProtectionMustBeInherited`,
		({ locked }) => locked,
		protection({ password: 'another' })
	)
];
const QUOTA = row(
	'one object more than the relay allows',
	{
		code: 'error.platform.unexpected',
		status: 429,
		says: 'Received invalid error content from platform. Contact the platform team.'
	},
	'POST',
	'/Tokens/Own',
	{ content: { a: 1 }, expiresAt: LATER },
	'pauper'
);

export const makingRows: readonly ObjectRow[] = [
	...uploads,
	...tokens,
	...templates,
	...terms,
	...order,
	...inherited,
	QUOTA
];

// --------------------------------------------------------------------------------------------- looking up

/** Verb, path, the name the id has in a refusal, and what is said to be missing. */
const PLACES: readonly (readonly [string, string, string, string, string])[] = [
	['GET', '/Files/', '/Download', 'id', 'File'],
	['POST', '/Files/', '/Token', 'id', 'File'],
	['PATCH', '/Files/', '/RegenerateOwnershipToken', 'id', 'File'],
	['DELETE', '/Files/', '', 'fileId', 'File'],
	['GET', '/RelationshipTemplates/', '', 'id', 'RelationshipTemplate'],
	['DELETE', '/RelationshipTemplates/', '', 'templateId', 'RelationshipTemplate'],
	['POST', '/RelationshipTemplates/Own/', '/Token', 'templateId', 'RelationshipTemplate'],
	['GET', '/Tokens/', '', 'id', 'Token'],
	['DELETE', '/Tokens/', '', 'tokenId', 'Token']
];
const PREFIX: Readonly<Record<string, string>> = { File: 'FIL', Token: 'TOK', RelationshipTemplate: 'RLT' };

export const lookUpRows: readonly ObjectRow[] = [
	...PLACES.flatMap(([method, before, after, parameter, entity]) => [
		row(
			`${method} ${before}…${after} of nobody’s`,
			missing(entity),
			method,
			`${before}${PREFIX[entity]}${'0'.repeat(17)}${after}`
		),
		row(
			`${method} ${before}…${after} of what has no id`,
			invalid(`${parameter} must match pattern ${PREFIX[entity]}[A-Za-z0-9]{17}`),
			method,
			`${before}nonsense${after}`
		)
	]),
	row('GET /Files/… of nobody’s', missing('File'), 'GET', '/Files/FIL00000000000000000'),
	row(
		'GET /Files/… by a reference that cannot be read',
		invalid('token / file reference invalid'),
		'GET',
		'/Files/nonsense'
	),
	row(
		'GET /Files/… by a reference nobody loaded',
		missing('File'),
		'GET',
		({ file }) => `/Files/${file.reference.truncated}`,
		undefined,
		'person'
	),
	{
		name: 'download of what was changed at the relay',
		code: 'error.transport.files.cipherMismatch',
		call: ({ city, damaged }) => raw(city, 'GET', `/Files/${damaged}/Download`)
	},
	row(
		'another ownership token for the file of a peer',
		{ code: 'error.runtime.files.notOwnedByYou' },
		'PATCH',
		({ loadedFile }) => `/Files/${loadedFile}/RegenerateOwnershipToken`,
		undefined,
		'person'
	)
];

/** What of it the rows of a world need. */
export async function makeObjects(city: Member, person: Member) {
	const template = (more: object = {}) => createTemplate(city, [], { content: ARBITRARY, ...more });
	const [loadedFile, loadedTemplate] = [await uploaded(city), await template()];
	const load = async (path: string, { reference }: Referenced) =>
		(await must<Shape>(person.call('POST', `/${path}/Peer`, { reference: reference.url }), 201)).id;
	return {
		file: await uploaded(city),
		token: await token(city),
		template: await template(),
		loadedFile: await load('Files', loadedFile),
		loadedTemplate: await load('RelationshipTemplates', loadedTemplate),
		personal: (await template({ forIdentity: person.address })).id,
		locked: (await template(protection({ password: 'Sesame' }))).id
	};
}

export { protection, refused, ARBITRARY };
