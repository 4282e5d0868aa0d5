/**
 * Bodies that no schema of a route judges (connector-api.md §2.3, §2.5, §2.11: the engine does, by their content), described for
 * those who write them; by method and path without the names of its parameters.
 */
import { unnamed } from './results.ts';
import { list, ref, type Schema } from './shapes.ts';

const text: Schema = { type: 'string' };
const object = (properties: Readonly<Record<string, Schema>>, required = Object.keys(properties)): Schema => ({
	type: 'object',
	properties,
	required
});
const query = (members: Readonly<Record<string, Schema>>, required: readonly string[]): Schema =>
	object({ query: { ...object({ '@type': text, ...members }), required } });

/** The items of a request, decided one by one, groups as groups; an item takes more members by its kind. */
const decision: Schema = {
	...object({ items: list({ anyOf: [ref('DecideItem'), object({ items: list(ref('DecideItem')) })] }) }),
	additionalProperties: false
};
const DECIDE = ['CanAccept', 'Accept', 'CanReject', 'Reject'];

const BODIES: Readonly<Record<string, Schema>> = {
	...Object.fromEntries(DECIDE.map((action) => [`PUT /Requests/Incoming/{}/${action}`, decision])),
	'POST /Attributes/ExecuteIdentityAttributeQuery': query({ valueType: text, tags: list(text) }, ['valueType']),
	'POST /Attributes/ExecuteRelationshipAttributeQuery': query(
		{
			key: text,
			owner: text,
			attributeCreationHints: object({ title: text, valueType: text, confidentiality: text })
		},
		['key', 'owner', 'attributeCreationHints']
	),
	'POST /Attributes/ExecuteThirdPartyRelationshipAttributeQuery': query(
		{ key: text, owner: { enum: ['thirdParty', 'recipient', ''] }, thirdParty: list(text) },
		['key', 'owner', 'thirdParty']
	),
	'POST /Attributes/ExecuteIQLQuery': query({ queryString: text }, ['queryString']),
	'POST /Challenges': {
		anyOf: [
			object({ challengeType: { enum: ['Identity', 'Device'] } }),
			object({ challengeType: { const: 'Relationship' }, relationship: text })
		]
	}
};

/** The body of an operation that has one here. */
export function bodyOf(method: string, path: string): Schema | undefined {
	const place = `${method} ${unnamed(path)}`;
	return Object.hasOwn(BODIES, place) ? BODIES[place] : undefined;
}
