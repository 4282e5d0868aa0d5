/** What is asked and answered in a simulated world: one row per kind of item, told to the model before it can leave. */
import type { DecideItem, DecideParameters, JsonObject, RequestRow } from '../index.ts';
import type { Device } from './device.ts';
import type { World } from './world.ts';

export const NAMES = ['GivenName', 'Surname', 'DisplayName', 'Pseudonym', 'JobTitle'] as const;
export const nameOf = (type: string, value: string): JsonObject => ({ '@type': type, value });
/** Few keys, so that they meet. */
const KEYS = ['card', 'seat', 'desk'] as const;
const MARKER = /Kanari\d+x[0-9a-f]+z/g;

/** The texts in a value that only some may read. */
export const markersIn = (value: unknown): string[] => JSON.stringify(value).match(MARKER) ?? [];

/** From now on that identity may hold these texts. */
export function mayRead(world: World, value: unknown, reader: number): void {
	for (const text of markersIn(value)) world.model.markers.get(text)?.readers?.add(reader);
}

export const relationshipValue = (text: string): JsonObject => ({
	'@type': 'ProprietaryString',
	title: 'entry',
	value: text
});

/** Who asks; `peer` is unknown in a template. */
interface Asker {
	readonly world: World;
	readonly device: Device;
	readonly peer: string | undefined;
}

export const isForAnybody = undefined;

const items: readonly ((asker: Asker) => JsonObject | undefined)[] = [
	({ world: { random } }) => ({
		'@type': 'ReadAttributeRequestItem',
		mustBeAccepted: random.chance(0.6),
		query: { '@type': 'IdentityAttributeQuery', valueType: random.pick(NAMES) }
	}),
	({ world: { random, model }, device }) => ({
		'@type': 'ConsentRequestItem',
		mustBeAccepted: random.chance(0.3),
		consent: model.marker(device.owner, isForAnybody)
	}),
	({ world: { random, model }, device }) => ({
		'@type': 'CreateAttributeRequestItem',
		mustBeAccepted: random.chance(0.3),
		attribute: {
			'@type': 'IdentityAttribute',
			owner: '',
			value: nameOf(random.pick(NAMES), model.marker(device.owner, isForAnybody))
		}
	}),
	({ world: { random, model }, device }) => ({
		'@type': 'CreateAttributeRequestItem',
		mustBeAccepted: random.chance(0.3),
		attribute: {
			'@type': 'RelationshipAttribute',
			owner: random.chance(0.5) ? '' : model.identities[device.owner]!.address,
			key: random.pick(KEYS),
			confidentiality: random.pick(['public', 'private', 'protected']),
			value: relationshipValue(model.marker(device.owner, isForAnybody))
		}
	}),
	({ world: { random, model }, device }) => ({
		'@type': 'ReadAttributeRequestItem',
		mustBeAccepted: random.chance(0.3),
		query: {
			'@type': 'RelationshipAttributeQuery',
			owner: random.chance(0.5) ? '' : model.identities[device.owner]!.address,
			key: random.pick(KEYS),
			attributeCreationHints: { title: 'entry', valueType: 'ProprietaryString', confidentiality: 'public' }
		}
	}),
	({ world: { random } }) => ({
		'@type': 'ReadAttributeRequestItem',
		mustBeAccepted: random.chance(0.3),
		query: { '@type': 'IQLQuery', queryString: 'GivenName || Surname' }
	}),
	({ world: { random } }) => ({
		'@type': 'ReadAttributeRequestItem',
		mustBeAccepted: random.chance(0.2),
		query: {
			'@type': 'ThirdPartyRelationshipAttributeQuery',
			key: random.pick(KEYS),
			owner: random.pick(['recipient', 'thirdParty', '']),
			thirdParty: ['']
		}
	}),
	({ world: { random, model }, device }) => {
		const valueType = random.pick(NAMES);
		return {
			'@type': 'ProposeAttributeRequestItem',
			mustBeAccepted: random.chance(0.3),
			query: { '@type': 'IdentityAttributeQuery', valueType },
			attribute: {
				'@type': 'IdentityAttribute',
				owner: '',
				value: nameOf(valueType, model.marker(device.owner, isForAnybody))
			}
		};
	},
	({ world: { random } }) => ({
		'@type': 'FormFieldRequestItem',
		mustBeAccepted: random.chance(0.3),
		title: 'how many',
		settings: { '@type': 'IntegerFormFieldSettings', min: 1, max: 9 }
	}),
	({ world: { random } }) => ({
		'@type': 'AuthenticationRequestItem',
		mustBeAccepted: random.chance(0.3),
		title: 'is it you'
	}),
	({ world, device, peer }) => {
		const own = device.engine!.attributes.ownIdentity();
		if (peer === undefined || own.length === 0) return undefined;
		const row = world.random.pick(own);
		mayRead(world, row.content, world.model.ownerOf(peer)!);
		return {
			'@type': 'ShareAttributeRequestItem',
			mustBeAccepted: true,
			attributeId: row.id,
			attribute: row.content
		};
	},
	({ world: { random }, device, peer }) => {
		if (peer === undefined) return undefined;
		const shared = device.engine!.attributes.ownShared(peer);
		return shared.length === 0
			? undefined
			: {
					'@type': 'DeleteAttributeRequestItem',
					mustBeAccepted: random.chance(0.5),
					attributeId: random.pick(shared).id
				};
	}
];

export function requestItems(world: World, device: Device, peer?: string): JsonObject[] {
	const { random } = world;
	const asked: JsonObject[] = [];
	const count = 1 + random.below(3);
	while (asked.length < count) {
		const item = random.pick(items)({ world, device, peer });
		if (item) asked.push(item);
	}
	return random.chance(0.3) ? [{ '@type': 'RequestItemGroup', title: 'group', items: asked }] : asked;
}

/** Who answers: `shared` collects what the asker will hold. */
interface Answerer {
	readonly world: World;
	readonly device: Device;
	readonly me: string;
	readonly shared: string[];
}

function readAnswer(item: JsonObject, { world, device, me, shared }: Answerer): DecideItem {
	const { random, model } = world;
	const query = item['query'] as JsonObject;
	const candidates = device.engine!.attributes.candidates(query);
	const isRelationship = query['@type'] === 'RelationshipAttributeQuery';
	if (candidates.length > 0 && !isRelationship && random.chance(0.7)) {
		const row = random.pick(candidates);
		shared.push(...markersIn(row.content));
		return { accept: true, existingAttributeId: row.id };
	}
	const text = model.marker(device.owner, new Set());
	shared.push(text);
	const newAttribute: JsonObject = isRelationship
		? {
				'@type': 'RelationshipAttribute',
				owner: (query['owner'] as string) || me,
				key: query['key']!,
				confidentiality: 'public',
				value: relationshipValue(text)
			}
		: {
				'@type': 'IdentityAttribute',
				owner: me,
				value: nameOf(String(query['valueType'] ?? random.pick(['GivenName', 'Surname'])), text)
			};
	return { accept: true, newAttribute };
}

const answers: { readonly [type: string]: (item: JsonObject, answerer: Answerer) => DecideItem } = {
	ReadAttributeRequestItem: readAnswer,
	ProposeAttributeRequestItem(item, answerer) {
		const { world, device, me, shared } = answerer;
		const candidates = device.engine!.attributes.candidates(item['query'] as JsonObject);
		if (candidates.length === 0 || world.random.chance(0.5))
			return { accept: true, attribute: { ...(item['attribute'] as JsonObject), owner: me } };
		const row = world.random.pick(candidates);
		shared.push(...markersIn(row.content));
		return { accept: true, attributeId: row.id };
	},
	DeleteAttributeRequestItem: (_item, { world }) => ({
		accept: true,
		deletionDate: new Date(world.scheduler.now() + 30 * 86_400_000).toISOString()
	}),
	FormFieldRequestItem: (_item, { world }) => ({ accept: true, response: 1 + world.random.below(9) })
};

/** A decision for every item, and the texts the asker will hold by it. */
export function decisionFor(
	world: World,
	device: Device,
	request: RequestRow,
	generous: boolean
): { decision: DecideParameters; shared: string[] } {
	const { random, model } = world;
	const answerer: Answerer = { world, device, me: model.identities[device.owner]!.address, shared: [] };
	const one = (item: JsonObject): DecideItem => {
		if (!generous && !item['mustBeAccepted'] && random.chance(0.4)) return { accept: false };
		return answers[String(item['@type'])]?.(item, answerer) ?? { accept: true };
	};
	const items = (request.content['items'] as JsonObject[]).map((node) =>
		node['@type'] === 'RequestItemGroup' ? { items: (node['items'] as JsonObject[]).map(one) } : one(node)
	);
	return { decision: { items } as DecideParameters, shared: answerer.shared };
}

export function rejectionOf(request: RequestRow): DecideParameters {
	const no = { accept: false };
	return {
		items: (request.content['items'] as JsonObject[]).map((node) =>
			node['@type'] === 'RequestItemGroup' ? { items: (node['items'] as JsonObject[]).map(() => no) } : no
		)
	};
}
