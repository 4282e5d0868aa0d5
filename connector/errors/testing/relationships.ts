/** Refusals of relationships (connector-api.md §2.9, order of §14): every action in every state, and opening one. */
import { consent, createTemplate, must, sync, type Party, type Shape } from '../../testing/party.ts';
import { rowsOf, type Row } from './rows.ts';
import { asked, INVALID, type Member } from './town.ts';

export interface RelationshipWorld {
	/** Templator; the side that is asked. */
	readonly city: Member;
	/** Requestor; the author of every relationship, of its reactivation and of its end. */
	readonly person: Member;
	/** Loaded templates of the city and has nothing to do with it. */
	readonly guest: Member;
	/** Of the city, with a request in it, known to the guest. */
	readonly template: string;
	/** The same without a request. */
	readonly arbitrary: string;
	/** Own template of the guest. */
	readonly own: string;
	/** How far the relationship of city and person has come, and which it is. */
	readonly course: { at: number; id: string };
}
const rows = rowsOf<RelationshipWorld>();
const ARBITRARY = { '@type': 'ArbitraryRelationshipCreationContent', value: 1 };
const UNKNOWN = 'REL00000000000000000';
const MISSING = {
	code: 'error.runtime.recordNotFound',
	status: 404,
	says: 'Relationship not found. Make sure the ID exists and the record is not expired.'
} as const;

// ------------------------------------------------------------------------------ every action in every state

/** A relationship nobody decided. */
async function begin({ city, person, course }: RelationshipWorld): Promise<void> {
	course.id = await asked(city, person, [consent('ok')], [{ accept: true }]);
}
const put = (who: Party, { course }: RelationshipWorld, path: string) =>
	must(who.call('PUT', `/Relationships/${course.id}${path}`));

/** States in the order one relationship after the other comes through them, and how it gets from one to the next. */
const STATES: readonly (readonly [string, (world: RelationshipWorld) => Promise<unknown>])[] = [
	['Pending', begin],
	['Rejected', async (world) => (await put(world.city, world, '/Reject'), sync(world.person))],
	['Revoked', async (world) => (await begin(world), await put(world.person, world, '/Revoke'), sync(world.city))],
	['Active', async (world) => (await begin(world), await put(world.city, world, '/Accept'), sync(world.person))],
	['Terminated', async (world) => (await put(world.person, world, '/Terminate'), sync(world.city))],
	[
		'Terminated, asked to take it up again',
		async (world) => (await put(world.person, world, '/Reactivate'), sync(world.city))
	],
	[
		'ended by the other side',
		async ({ city, person, course }) => {
			await must(person.call('DELETE', `/Relationships/${course.id}`), 204);
			await sync(city);
		}
	]
];
async function reach(world: RelationshipWorld, state: number): Promise<string> {
	while (world.course.at < state) {
		world.course.at++;
		await STATES[world.course.at]![1](world);
	}
	return '';
}

const CODES = {
	S: { code: 'error.transport.relationships.wrongRelationshipStatus' },
	P: { code: 'error.transport.relationships.operationOnlyAllowedForPeer' },
	N: { code: 'error.transport.relationships.reactivationNotRequested' },
	A: { code: 'error.transport.relationships.reactivationAlreadyRequested' },
	'4': MISSING
} as const;
/** A letter per state, for the author and for the other side; `.` is allowed. */
const MATRIX: Readonly<Record<string, readonly [author: string, peer: string]>> = {
	'PUT /Accept': ['PSSSSS4', '.SSSSSS'],
	'PUT /Reject': ['PSSSSS4', '.SSSSSS'],
	'PUT /Revoke': ['.SSSSS4', 'PSSSSSS'],
	'PUT /Terminate': ['SSS.SS4', 'SSS.SSS'],
	'PUT /Reactivate': ['SSSS.A4', 'SSSS.AS'],
	'PUT /Reactivate/Accept': ['SSSSNP4', 'SSSSN.S'],
	'PUT /Reactivate/Reject': ['SSSSNP4', 'SSSSN.S'],
	'PUT /Reactivate/Revoke': ['SSSSN.4', 'SSSSNPS'],
	DELETE: ['SSSS..4', 'SSSS...']
};
const matrixRows: readonly Row<RelationshipWorld>[] = STATES.flatMap(([state], at) =>
	Object.entries(MATRIX).flatMap(([action, [author, peer]]) =>
		(
			[
				['author', 'person', author],
				['other side', 'city', peer]
			] as const
		).flatMap(([side, who, letters]): Row<RelationshipWorld>[] => {
			const letter = letters[at] as keyof typeof CODES | '.';
			if (letter === '.') return [];
			const [method = '', path = ''] = action.split(' ');
			return [
				{
					name: `${state}: ${action} by the ${side}`,
					...CODES[letter],
					given: (world) => reach(world, at),
					call: (world) => world[who].call(method, `/Relationships/${world.course.id}${path}`)
				}
			];
		})
	)
);

// ------------------------------------------------------------------------------------------- looking up

const lookUpRows: readonly Row<RelationshipWorld>[] = (
	[
		...Object.keys(MATRIX).map((action) => [...action.split(' '), ''] as [string, string]),
		['GET', ''],
		['GET', '/Attributes']
	] as readonly (readonly [string, string])[]
).flatMap(([method, path]): Row<RelationshipWorld>[] => [
	{
		name: `${method} of nobody’s relationship${path}`,
		...MISSING,
		call: ({ guest }) => guest.call(method, `/Relationships/${UNKNOWN}${path}`)
	},
	{
		name: `${method} of what has no id${path}`,
		code: INVALID,
		says: `${method === 'GET' ? 'id' : 'relationshipId'} must match pattern REL[A-Za-z0-9]{17}`,
		call: ({ guest }) => guest.call(method, `/Relationships/nonsense${path}`)
	}
]);

// --------------------------------------------------------------------------------------------- opening

interface Opening {
	readonly templateId?: unknown;
	readonly creationContent?: object;
}
const accepting = (requestId: string) => ({
	'@type': 'RelationshipCreationContent',
	response: {
		'@type': 'Response',
		result: 'Accepted',
		requestId,
		items: [{ '@type': 'AcceptResponseItem', result: 'Accepted' }]
	}
});
const REQUEST = 'REQ00000000000000000';

/** Refused when it is done, and foretold when it is asked whether it could be. */
const both = (
	name: string,
	refusal: Pick<Row<RelationshipWorld>, 'code' | 'status' | 'says' | 'given'>,
	body: (world: RelationshipWorld, given: string) => Opening,
	who: 'guest' | 'person' = 'guest'
): Row<RelationshipWorld>[] => {
	const { status: _status, ...foretold } = refusal;
	return [
		{ name, ...refusal, call: (world, given) => world[who].call('POST', '/Relationships', body(world, given)) },
		{
			name: `foretold: ${name}`,
			...foretold,
			verdict: true,
			call: (world, given) => world[who].call('PUT', '/Relationships/CanCreate', body(world, given))
		}
	];
};
/** What cannot be read is refused by both. */
const unreadable = (
	name: string,
	refusal: Pick<Row<RelationshipWorld>, 'code' | 'says'>,
	body: (world: RelationshipWorld) => Opening
): Row<RelationshipWorld>[] =>
	(
		[
			['POST', ''],
			['PUT', '/CanCreate']
		] as const
	).map(([method, path]) => ({
		name: `${method} ${name}`,
		...refusal,
		call: (world) => world.guest.call(method, `/Relationships${path}`, body(world))
	}));

/** The person loads a fresh template of the city. */
const fresh = async ({ city, person }: RelationshipWorld): Promise<string> => {
	const { id, reference } = await createTemplate(city, [], {
		content: { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 }
	});
	await must(person.call('POST', '/RelationshipTemplates/Peer', { reference: reference.url }), 201);
	return id;
};

/** Before the relationship of city and person comes to an end. */
const openRows: readonly Row<RelationshipWorld>[] = [
	...both(
		'with a template nobody knows',
		{
			code: MISSING.code,
			status: 404,
			says: 'RelationshipTemplate not found. Make sure the ID exists and the record is not expired.'
		},
		() => ({ templateId: 'RLT00000000000000000', creationContent: ARBITRARY })
	),
	...both(
		'with oneself',
		{ code: 'error.platform.validation.relationship.cannotCreateRelationshipWithYourself', status: 500 },
		({ own }) => ({ templateId: own, creationContent: ARBITRARY })
	),
	...both('arbitrary, where a request stands in the template', { code: INVALID }, ({ template }) => ({
		templateId: template,
		creationContent: ARBITRARY
	})),
	...both('with an answer, where nothing was asked', { code: INVALID }, ({ arbitrary }) => ({
		templateId: arbitrary,
		creationContent: accepting(REQUEST)
	})),
	...both(
		'with an answer to a request that was not accepted',
		{ code: 'error.runtime.relationships.noAcceptedIncomingRequest' },
		({ template }) => ({ templateId: template, creationContent: accepting(REQUEST) })
	),
	...both(
		'with somebody one has a relationship with',
		{
			code: 'error.transport.relationships.relationshipCurrentlyExists',
			given: async (world) => (await reach(world, 0), fresh(world))
		},
		(_, templateId) => ({ templateId, creationContent: ARBITRARY }),
		'person'
	),
	...unreadable('with content of no type', { code: 'error.runtime.unknownType' }, ({ arbitrary }) => ({
		templateId: arbitrary,
		creationContent: { '@type': 'Nothing' }
	})),
	...unreadable(
		'with an answer without response',
		{ code: 'error.runtime.requestDeserialization' },
		({ template }) => ({
			templateId: template,
			creationContent: { '@type': 'RelationshipCreationContent' }
		})
	),
	...unreadable(
		'with what has no id',
		{ code: INVALID, says: 'templateId must match pattern RLT[A-Za-z0-9]{17}' },
		() => ({ templateId: 'nonsense', creationContent: ARBITRARY })
	),
	...unreadable('with nothing', { code: INVALID, says: "must have required property 'templateId'" }, () => ({})),
	...rows({
		name: 'without content',
		code: INVALID,
		says: "must have required property 'creationContent'",
		call: ({ guest, arbitrary }) => guest.call('POST', '/Relationships', { templateId: arbitrary })
	})
];

/** When the person ended it and the city did not yet. */
const endedRows: readonly Row<RelationshipWorld>[] = both(
	'with somebody who has not ended the earlier one yet',
	{
		code: 'error.transport.relationships.relationshipNotYetDecomposedByPeer',
		given: async (world) => (await reach(world, STATES.length - 1), fresh(world))
	},
	(_, templateId) => ({ templateId, creationContent: ARBITRARY }),
	'person'
);

/** In this order: the relationship of city and person goes on while they are asked. */
export const relationshipRows = [...lookUpRows, ...openRows, ...matrixRows, ...endedRows];

/** A template of `by`, loaded by `who`. */
export async function loaded(by: Party, who: Party, items: readonly unknown[], more: object = {}): Promise<string> {
	const template = await createTemplate(by, items, more);
	await must<Shape>(who.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }), 201);
	return template.id;
}
