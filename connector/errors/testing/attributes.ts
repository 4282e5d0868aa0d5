/** Refusals of attributes (connector-api.md §2.3, §13 rows 11 and 12), and of what is kept about identities (metadata.ts). */
import { must, type Shape } from '../../testing/party.ts';
import { metadataRows } from './metadata.ts';
import { rowsOf, type Row } from './rows.ts';
import { INVALID, STRANGER, type Member } from './town.ts';

export interface AttributeWorld {
	/** Connected with person; office asked it for a relationship, which nobody decided. */
	readonly city: Member;
	readonly person: Member;
	readonly office: Member;
	/** Given names of the person: a chain of three, of which the city has the second. */
	readonly names: readonly [string, string, string];
	/** Of the person, and nobody has it. */
	readonly surname: string;
	/** Lives between person (owner) and city. */
	readonly key: string;
	/** As `key`, but the city deleted its copy. */
	readonly lostKey: string;
	/** Of office, shared with the city in the pending relationship. */
	readonly pending: string;
}

const UNKNOWN = 'ATT00000000000000000';
const value = (type: string, text: string) => ({ '@type': type, value: text });
const key = (text: string) => ({ '@type': 'ProprietaryString', title: 'Card', value: text });
const PATTERN = 'must match pattern ATT[A-Za-z0-9]{17}';
const MISSING = {
	code: 'error.runtime.recordNotFound',
	status: 404,
	says: 'LocalAttribute not found. Make sure the ID exists and the record is not expired.'
} as const;
const rows = rowsOf<AttributeWorld>();

/** Contents no own identity attribute can have, each with the code of both: creating, and asking whether one could. */
const contents: readonly (readonly [
	string,
	Row<AttributeWorld>['code'],
	(world: AttributeWorld) => object,
	(string | RegExp)?
])[] = [
	[
		'an unknown type',
		INVALID,
		() => ({ value: value('Nothing', 'x') }),
		/^Type 'Nothing' with version 1 was not found within reflection classes\./
	],
	[
		'a value of the wrong form',
		INVALID,
		() => ({ value: value('EMailAddress', 'no address') }),
		/^EMailAddress\.value:String :: /
	],
	[
		'a value without a member',
		INVALID,
		() => ({ value: { '@type': 'GivenName' } }),
		"GivenName :: must have required property 'value'"
	],
	[
		'a value with a member too many',
		INVALID,
		() => ({ value: { ...value('GivenName', 'x'), y: 1 } }),
		'GivenName :: must NOT have additional properties'
	],
	[
		'a value there is already',
		'error.runtime.attributes.cannotCreateDuplicateOwnIdentityAttribute',
		() => ({ value: value('Surname', ' Lovelace ') })
	],
	[
		'a tag that means nothing',
		'error.consumption.attributes.invalidTags',
		() => ({ value: value('Surname', 'Byron'), tags: ['nothing'] })
	]
];

const created = contents.flatMap(([name, code, content, says]): Row<AttributeWorld>[] => [
	{
		name: `${name} is created`,
		code,
		...(says !== undefined && { says }),
		call: (world) => world.person.call('POST', '/Attributes', { content: content(world) })
	},
	{
		name: `${name} could be created`,
		code,
		...(says !== undefined && { says }),
		verdict: true,
		call: (world) => world.person.call('PUT', '/Attributes/CanCreate', { content: content(world) })
	}
]);

/** `who` succeeds `of` by that. */
const succeeded = (
	name: string,
	refusal: Pick<Row<AttributeWorld>, 'code' | 'status' | 'says'>,
	who: 'city' | 'person',
	of: (world: AttributeWorld) => string,
	successorContent: object
): Row<AttributeWorld> => ({
	name,
	...refusal,
	call: (world) => world[who].call('POST', `/Attributes/${of(world)}/Succeed`, { successorContent })
});
const fault = (code: Row<AttributeWorld>['code']) => ({ code });
const surname = ({ surname: id }: AttributeWorld) => id;
const card = ({ key: id }: AttributeWorld) => id;
const successions = [
	succeeded(
		'nobody’s attribute is succeeded',
		{ code: MISSING.code, status: 404, says: `Predecessor attribute '${UNKNOWN}' not found.` },
		'person',
		() => UNKNOWN,
		{ value: value('Surname', 'x') }
	),
	succeeded(
		'what has no id is succeeded',
		{ code: MISSING.code, status: 404, says: "Predecessor attribute 'nonsense' not found." },
		'person',
		() => 'nonsense',
		{ value: value('Surname', 'x') }
	),
	succeeded(
		'the identity attribute of a peer is succeeded',
		fault('error.runtime.attributes.isNotOwnIdentityAttribute'),
		'city',
		({ names }) => names[1],
		{ value: value('GivenName', 'x') }
	),
	succeeded(
		'the relationship attribute of a peer is succeeded',
		fault('error.runtime.attributes.isNotOwnRelationshipAttribute'),
		'city',
		card,
		{ value: key('x') }
	),
	succeeded('a relationship attribute gets tags', fault(INVALID), 'person', card, { value: key('x'), tags: ['x:a'] }),
	succeeded(
		'an attribute is succeeded by itself',
		fault('error.consumption.attributes.successionMustChangeContent'),
		'person',
		surname,
		{ value: value('Surname', 'Lovelace') }
	),
	succeeded(
		'a relationship attribute is succeeded by itself',
		fault('error.consumption.attributes.successionMustChangeContent'),
		'person',
		card,
		{ value: key('7') }
	),
	succeeded(
		'an attribute with a successor gets another',
		fault('error.consumption.attributes.cannotSucceedAttributesWithASuccessor'),
		'person',
		({ names }) => names[0],
		{ value: value('GivenName', 'x') }
	),
	succeeded(
		'a name is succeeded by an address',
		fault('error.consumption.attributes.successionMustNotChangeValueType'),
		'person',
		surname,
		{ value: value('EMailAddress', 'a@b.example') }
	),
	succeeded(
		'a text is succeeded by a number',
		fault('error.consumption.attributes.successionMustNotChangeValueType'),
		'person',
		card,
		{ value: { '@type': 'ProprietaryInteger', title: 'Card', value: 7 } }
	),
	succeeded(
		'a value that is none succeeds',
		fault('error.consumption.attributes.successorIsNotAValidAttribute'),
		'person',
		surname,
		{ value: value('Surname', 'x'.repeat(101)) }
	),
	succeeded(
		'a name of forbidden characters succeeds',
		fault('error.consumption.attributes.forbiddenCharactersInAttribute'),
		'person',
		surname,
		{ value: value('Surname', 'Love\u202elace') }
	),
	succeeded(
		'a tag that means nothing succeeds',
		fault('error.consumption.attributes.invalidTags'),
		'person',
		surname,
		{ value: value('Surname', 'Byron'), tags: ['nothing'] }
	),
	// Which of two faults is told: tags before the content, a successor before both contents and types.
	succeeded(
		'an attribute is succeeded by itself and a tag that means nothing',
		fault('error.consumption.attributes.invalidTags'),
		'person',
		surname,
		{ value: value('Surname', 'Lovelace'), tags: ['nothing'] }
	),
	succeeded(
		'an attribute with a successor is succeeded by itself',
		fault('error.consumption.attributes.cannotSucceedAttributesWithASuccessor'),
		'person',
		({ names }) => names[0],
		{ value: value('GivenName', 'Ada') }
	),
	succeeded(
		'an attribute with a successor is succeeded by another type',
		fault('error.consumption.attributes.cannotSucceedAttributesWithASuccessor'),
		'person',
		({ names }) => names[0],
		{ value: value('Surname', 'Ada') }
	),
	succeeded(
		'what the peer deleted is succeeded',
		fault('error.consumption.attributes.cannotSucceedSharedAttributesDeletedByPeer'),
		'person',
		({ lostKey }) => lostKey,
		{ value: key('x') }
	)
];

/** The person tells `peer` that this succeeded what it has. */
const told = (
	name: string,
	refusal: Pick<Row<AttributeWorld>, 'code' | 'status' | 'says'>,
	of: (world: AttributeWorld) => string,
	peer: (world: AttributeWorld) => string = ({ city }) => city.address,
	who: 'city' | 'person' = 'person'
): Row<AttributeWorld> => ({
	name,
	...refusal,
	call: (world) => world[who].call('POST', `/Attributes/${of(world)}/NotifyPeer`, { peer: peer(world) })
});
const notices = [
	told('a peer is told of nobody’s attribute', MISSING, () => UNKNOWN),
	told('a peer is told of what has no id', { code: INVALID, says: `attributeId ${PATTERN}` }, () => 'nonsense'),
	told('nobody is told', fault(INVALID), surname, () => 'nobody'),
	told(
		'a peer is told of a relationship attribute',
		fault('error.runtime.attributes.isNotOwnIdentityAttribute'),
		card
	),
	told(
		'a peer is told of its own attribute',
		fault('error.runtime.attributes.isNotOwnIdentityAttribute'),
		({ names }) => names[1],
		({ person }) => person.address,
		'city'
	),
	told(
		'a peer is told of what it has no version of',
		fault('error.runtime.attributes.peerHasNoPreviousVersionOfAttribute'),
		surname
	),
	told(
		'a peer is told of the version it has',
		fault('error.runtime.attributes.ownIdentityAttributeHasAlreadyBeenSharedWithPeer'),
		({ names }) => names[1]
	),
	told(
		'a peer is told of an older version than it has',
		fault('error.runtime.attributes.successorOfOwnIdentityAttributeHasAlreadyBeenSharedWithPeer'),
		({ names }) => names[0]
	)
];

/** Paths below one attribute, with the name their parameter has. */
const lookUps = (
	[
		['GET', '', 'id'],
		['DELETE', '', 'attributeId'],
		['GET', '/ForwardingDetails', 'attributeId'],
		['GET', '/Versions', 'attributeId'],
		['GET', `/Versions/Shared?peer=${STRANGER}`, 'attributeId']
	] as const
).flatMap(([method, path, parameter]): Row<AttributeWorld>[] => [
	{
		name: `${method} of nobody’s attribute${path.split('?')[0]}`,
		...MISSING,
		call: ({ person }) => person.call(method, `/Attributes/${UNKNOWN}${path}`)
	},
	{
		name: `${method} of what has no id${path.split('?')[0]}`,
		code: INVALID,
		says: `${parameter} ${PATTERN}`,
		call: ({ person }) => person.call(method, `/Attributes/nonsense${path}`)
	}
]);

const execute = (type: string, query: unknown) => (world: AttributeWorld) =>
	world.person.call('POST', `/Attributes/Execute${type}`, { query });
const hints = { title: 'Card', valueType: 'ProprietaryString', confidentiality: 'public' };
const queries = rows(
	...[
		['IdentityAttributeQuery', { valueType: 7 }],
		['RelationshipAttributeQuery', { key: 'card', owner: '' }],
		['ThirdPartyRelationshipAttributeQuery', { key: 'card', owner: 'nobody', thirdParty: [] }],
		['IQLQuery', {}]
	].map(([type, query]): Row<AttributeWorld> => ({
		name: `a ${type as string} of the wrong form is asked`,
		code: 'error.runtime.requestDeserialization',
		says: new RegExp(`^${type as string}[.\\w]*(:\\w+)? :: .+`),
		call: execute(type as string, query)
	})),
	{
		name: 'an IQL query that cannot be read is asked',
		code: 'error.runtime.requestDeserialization',
		says: /^IQLQuery\.queryString:String :: invalid IQL query at character offset \d+$/,
		call: execute('IQLQuery', { queryString: 'GivenName &&' })
	},
	{
		name: 'a relationship attribute nobody has is asked for',
		code: MISSING.code,
		status: 404,
		says: 'RelationshipAttribute not found. Make sure the ID exists and the record is not expired.',
		call: execute('RelationshipAttributeQuery', { key: 'none', owner: '', attributeCreationHints: hints })
	},
	{
		name: 'shared versions with nobody in particular',
		code: INVALID,
		says: "must have required property 'peer'",
		call: ({ person, surname: id }) => person.call('GET', `/Attributes/${id}/Versions/Shared`)
	},
	{
		name: 'shared versions of what a peer gave',
		code: INVALID,
		call: ({ city, names }) => city.call('GET', `/Attributes/${names[1]}/Versions/Shared?peer=${STRANGER}`)
	},
	{
		name: 'what a nobody shared',
		code: INVALID,
		says: /^peer must match pattern did:e:/,
		call: ({ person }) => person.call('GET', '/Attributes/Peer/nobody')
	}
);

export const attributeRows: readonly Row<AttributeWorld>[] = rows(
	...created,
	...['POST /Attributes', 'PUT /Attributes/CanCreate'].map((call): Row<AttributeWorld> => {
		const [method = '', path = ''] = call.split(' ');
		return {
			name: `${call} without content`,
			code: INVALID,
			says: "must have required property 'content'",
			call: ({ person }) => person.call(method, path, {})
		};
	}),
	{
		name: 'an attribute with a member nobody knows',
		code: INVALID,
		says: 'content must NOT have additional properties',
		call: ({ person }) =>
			person.call('POST', '/Attributes', { content: { value: value('Surname', 'x'), owner: STRANGER } })
	},
	{
		name: 'a name of forbidden characters is created',
		code: 'error.consumption.attributes.forbiddenCharactersInAttribute',
		call: ({ person }) => person.call('POST', '/Attributes', { content: { value: value('Surname', 'a\u202eb') } })
	},
	...successions,
	...notices,
	...lookUps,
	...queries,
	{
		name: 'what is shared in a pending relationship is deleted',
		code: 'error.runtime.attributes.cannotDeleteSharedAttributeWhileRelationshipIsPending',
		call: ({ office, pending }) => office.call('DELETE', `/Attributes/${pending}`)
	},
	...metadataRows
);

/** Creates an own identity attribute. */
export const own = async (who: Member, type: string, text: string): Promise<string> =>
	(await must<Shape>(who.call('POST', '/Attributes', { content: { value: value(type, text) } }), 201)).id;
