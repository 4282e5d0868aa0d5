/** Content of every type as it stands on the wire when nothing is left to be normalised: what is read equals it. */
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { identityValueTypes, relationshipValueTypes } from '../values.ts';
import { fileReference, identityValues, relationshipValues } from './samples.ts';

type Content = Arbitrary<Record<string, unknown>>;

const peer = 'did:e:relay.example:dids:9f8e7d6c5b4a30211203fe';
const words = (maxLength: number, minLength = 0) => fc.string({ minLength, maxLength: Math.min(maxLength, 30) });
const address = fc.constantFrom(peer, 'did:e:localhost:dids:0123456789abcdef012345');
const owner = fc.oneof(address, fc.constant(''));
const id = fc.stringMatching(/^[A-Z]{3}[A-Za-z0-9]{17}$/);
const date = fc
	.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') })
	.map((d) => d.toISOString());
const metadata = fc
	.dictionary(words(10), fc.oneof(words(10), fc.integer(), fc.boolean(), fc.constant(null)))
	.map((object) => Object.fromEntries(Object.entries(object)));
const tags = fc.uniqueArray(words(250), { maxLength: 5 });

/** A record whose members after `required` may be missing. */
const record = (
	type: string,
	required: Record<string, Arbitrary<unknown>>,
	optional: Record<string, Arbitrary<unknown>> = {}
): Content =>
	fc.record({ '@type': fc.constant(type), ...required, ...optional } as Record<string, Arbitrary<unknown>>, {
		requiredKeys: ['@type', ...Object.keys(required)]
	});
/** As it comes out of a parser: JSON knows no -0. */
const anyJson = fc.jsonValue({ maxDepth: 4 }).map((x): unknown => JSON.parse(JSON.stringify(x)));
const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : x));

const optionalMembers = [
	'state',
	'role',
	'unit',
	'bic',
	'schemaURL',
	'description',
	'valueHintsOverride',
	'phoneNumber'
];
/** A sample as it is, or without some of its optional members. */
const valueOf = (type: string, sample: Record<string, unknown>): Content =>
	fc.subarray(optionalMembers).map((missing) => {
		const kept = Object.entries(sample).filter(([member]) => !missing.includes(member));
		return { '@type': type, ...Object.fromEntries(kept) };
	});
const json = anyJson.filter((x) => x !== null && JSON.stringify(x).length <= 4096);

const identityValue: Content = fc.oneof(
	...identityValueTypes.map((type) => valueOf(type, identityValues[type])),
	record('GivenName', { value: words(100) }),
	record('SchematizedJSON', { value: json })
);
const relationshipValue: Content = fc.oneof(
	...relationshipValueTypes.map((type) => valueOf(type, relationshipValues[type])),
	record('ProprietaryString', { title: words(100), value: words(100) }, { description: words(1000) }),
	record('ProprietaryJSON', { title: words(100), value: json }),
	record('ProprietaryInteger', { title: words(100), value: fc.integer() }),
	record('ProprietaryFloat', { title: words(100), value: double })
);

const confidentiality = fc.constantFrom('public', 'protected', 'private');
export const identityAttribute = record('IdentityAttribute', { owner, value: identityValue }, { tags });
export const relationshipAttribute = record('RelationshipAttribute', {
	owner,
	value: relationshipValue,
	key: words(100),
	isTechnical: fc.boolean(),
	confidentiality
});
const attribute = fc.oneof(identityAttribute, relationshipAttribute);

const valueHints: Content = record(
	'ValueHints',
	{ propertyHints: fc.constant({}) },
	{
		editHelp: words(500),
		min: fc.integer(),
		max: fc.integer(),
		pattern: words(1000),
		values: fc.array(fc.record({ key: fc.oneof(words(100), fc.integer(), fc.boolean()), displayName: words(100) })),
		defaultValue: fc.oneof(words(100), fc.integer(), fc.boolean())
	}
);

const identityType = fc.constantFrom(...identityValueTypes);
const relationshipType = fc.constantFrom(...relationshipValueTypes);
const hints = fc.record(
	{ title: words(100), valueType: relationshipType, confidentiality, description: words(1000), valueHints },
	{ requiredKeys: ['title', 'valueType', 'confidentiality'] }
);
const iqlHints = fc.record({ valueType: identityType, tags }, { requiredKeys: ['valueType'] });
const iqlText = fc.constantFrom('GivenName', "#x:a && !GivenName='A B'", '( BirthDate.year? ) || #b');
export const queries = {
	identity: record('IdentityAttributeQuery', { valueType: identityType }, { tags }),
	relationship: record('RelationshipAttributeQuery', { key: words(100), owner, attributeCreationHints: hints }),
	thirdParty: record('ThirdPartyRelationshipAttributeQuery', {
		key: words(100),
		owner: fc.constantFrom('recipient', 'thirdParty', ''),
		thirdParty: fc.array(owner, { minLength: 1, maxLength: 3 })
	}),
	iql: record('IQLQuery', { queryString: iqlText }, { attributeCreationHints: iqlHints })
};
const query = fc.oneof(...Object.values(queries));

const described = { description: words(500), metadata };
const item = (
	type: string,
	required: Record<string, Arbitrary<unknown>>,
	optional: Record<string, Arbitrary<unknown>> = {}
) => record(type, { mustBeAccepted: fc.boolean(), ...required }, { ...described, ...optional });

/** An attribute with a query it fits. */
const proposal = fc.oneof(
	identityAttribute.chain((attribute) => {
		const { '@type': valueType } = attribute['value'] as { '@type': string };
		return fc.record({
			attribute: fc.constant(attribute),
			query: fc.oneof(
				record('IdentityAttributeQuery', { valueType: fc.constant(valueType) }, { tags }),
				record('IQLQuery', { queryString: iqlText })
			)
		});
	}),
	relationshipAttribute.chain((attribute) => {
		const { '@type': valueType } = attribute['value'] as { '@type': string };
		const fitting = hints.map((any) => ({ ...any, valueType }));
		return fc.record({
			attribute: fc.constant(attribute),
			query: record('RelationshipAttributeQuery', { key: words(100), owner, attributeCreationHints: fitting })
		});
	})
);

const bounds = { min: fc.integer({ min: 0, max: 4096 }), max: fc.integer({ min: 0, max: 4096 }) };
const formFieldSettings = fc.oneof(
	record('StringFormFieldSettings', {}, { allowNewlines: fc.constant(true), ...bounds }),
	record('IntegerFormFieldSettings', {}, { unit: words(10), min: fc.integer(), max: fc.integer() }),
	record('DoubleFormFieldSettings', {}, { unit: words(10), min: double }),
	record('BooleanFormFieldSettings', {}),
	record('DateFormFieldSettings', {}),
	record('RatingFormFieldSettings', { maxRating: fc.integer({ min: 5, max: 10 }) }),
	record(
		'SelectionFormFieldSettings',
		{ options: fc.array(words(4096, 1), { maxLength: 4 }) },
		{ allowMultipleSelection: fc.constant(true) }
	)
);

export const requestItems: Record<string, Content> = {
	read: item('ReadAttributeRequestItem', { query }),
	create: item('CreateAttributeRequestItem', { attribute }),
	share: item('ShareAttributeRequestItem', { attribute, attributeId: id }, { initialAttributePeer: address }),
	propose: item('ProposeAttributeRequestItem', {}).chain((base) => proposal.map((pair) => ({ ...base, ...pair }))),
	delete: item('DeleteAttributeRequestItem', { attributeId: id }),
	consent: item(
		'ConsentRequestItem',
		{ consent: words(10_000) },
		{ link: fc.constant('https://library.example/rules'), requiresInteraction: fc.boolean() }
	),
	authentication: item('AuthenticationRequestItem', { title: words(200) }),
	formField: item('FormFieldRequestItem', { title: words(200), settings: formFieldSettings }),
	transfer: item('TransferFileOwnershipRequestItem', {
		fileReference: fc.constant(fileReference),
		ownershipToken: words(20)
	}),
	credentialOffer: item('ShareCredentialOfferRequestItem', { credentialOfferUrl: words(100) }),
	authorization: item('ShareAuthorizationRequestRequestItem', { authorizationRequestUrl: words(100) })
};
const requestItem = fc.oneof(...Object.values(requestItems));
const groupOf = (type: string, member: Content, optional: Record<string, Arbitrary<unknown>> = {}) =>
	record(type, { items: fc.array(member, { minLength: 1, maxLength: 3 }) }, optional);
const requestBody = fc.record(
	{
		items: fc.array(
			fc.oneof(requestItem, groupOf('RequestItemGroup', requestItem, { title: words(200), ...described })),
			{ minLength: 1, maxLength: 4 }
		),
		id,
		expiresAt: date,
		title: words(200),
		...described
	},
	{ requiredKeys: ['items'] }
);
const request = requestBody.map((body) => ({ '@type': 'Request', ...body }));

const accepted = (type: string, members: Record<string, Arbitrary<unknown>>, optional = {}) =>
	record(type, { result: fc.constant('Accepted'), ...members }, optional);
export const responseItems: Record<string, Content> = {
	accept: accepted('AcceptResponseItem', {}),
	create: accepted('CreateAttributeAcceptResponseItem', { attributeId: id }),
	read: accepted(
		'ReadAttributeAcceptResponseItem',
		{ attributeId: id, attribute },
		{ initialAttributePeer: address }
	),
	propose: accepted('ProposeAttributeAcceptResponseItem', { attributeId: id, attribute }),
	delete: accepted('DeleteAttributeAcceptResponseItem', { deletionDate: date }),
	formField: accepted('FormFieldAcceptResponseItem', {
		response: fc.oneof(words(4096, 1), fc.integer(), fc.boolean(), fc.array(words(10, 1)))
	}),
	transfer: accepted('TransferFileOwnershipAcceptResponseItem', {
		attributeId: id,
		attribute: record('IdentityAttribute', {
			owner,
			value: fc.constant({ '@type': 'IdentityFileReference', value: fileReference })
		})
	}),
	alreadyShared: accepted('AttributeAlreadySharedAcceptResponseItem', { attributeId: id }),
	succession: accepted('AttributeSuccessionAcceptResponseItem', {
		predecessorId: id,
		successorId: id,
		successorContent: attribute
	}),
	reject: record(
		'RejectResponseItem',
		{ result: fc.constant('Rejected') },
		{ code: words(200), message: words(1000) }
	),
	error: record('ErrorResponseItem', { result: fc.constant('Error'), code: words(200), message: words(1000) })
};
const responseItem = fc.oneof(...Object.values(responseItems));
const responseBody = fc.record({
	result: fc.constantFrom('Accepted', 'Rejected'),
	requestId: id,
	items: fc.array(fc.oneof(responseItem, groupOf('ResponseItemGroup', responseItem)), { minLength: 1, maxLength: 4 })
});

const notificationItems: Record<string, Content> = {
	succeeded: record('PeerAttributeSucceededNotificationItem', {
		predecessorId: id,
		successorId: id,
		successorContent: attribute
	}),
	ownDeleted: record('OwnAttributeDeletedByOwnerNotificationItem', { attributeId: id }),
	peerDeleted: record('PeerRelationshipAttributeDeletedByPeerNotificationItem', { attributeId: id }),
	forwardedDeleted: record('ForwardedAttributeDeletedByPeerNotificationItem', { attributeId: id })
};

const anyValue = anyJson.filter((x) => x !== null);
const arbitraryContent = (type: string) => record(type, { value: anyValue });

export const messages = {
	mail: record('Mail', {
		to: fc.array(address, { minLength: 1, maxLength: 3 }),
		cc: fc.array(address, { maxLength: 2 }),
		subject: words(300),
		body: words(50_000),
		bodyFormat: fc.constantFrom('PlainText', 'Markdown')
	}),
	request,
	wrapper: record('ResponseWrapper', {
		requestId: id,
		requestSourceReference: id,
		requestSourceType: fc.constantFrom('RelationshipTemplate', 'Message'),
		response: responseBody
	}),
	notification: record('Notification', {
		id,
		items: fc.array(fc.oneof(...Object.values(notificationItems)), { minLength: 1, maxLength: 4 })
	}),
	free: arbitraryContent('ArbitraryMessageContent')
};
export const templateContents = {
	structured: record(
		'RelationshipTemplateContent',
		{ onNewRelationship: requestBody },
		{ onExistingRelationship: requestBody, title: words(200), metadata }
	),
	free: arbitraryContent('ArbitraryRelationshipTemplateContent')
};
export const creationContents = {
	structured: record('RelationshipCreationContent', { response: responseBody }),
	free: arbitraryContent('ArbitraryRelationshipCreationContent')
};
const object = fc.dictionary(words(10, 1), anyJson).map((x) => Object.fromEntries(Object.entries(x)));
export const tokenContents = {
	file: record('TokenContentFile', { fileReference: fc.constant(fileReference) }),
	fileByKey: record('TokenContentFile', { fileId: id, secretKey: object }),
	template: record('TokenContentRelationshipTemplate', { templateReference: fc.constant(fileReference) }),
	templateByKey: record(
		'TokenContentRelationshipTemplate',
		{ templateId: id, secretKey: words(50) },
		{ forIdentity: address, passwordProtection: object }
	),
	device: record('TokenContentDeviceSharedSecret', { sharedSecret: object }),
	presentation: record(
		'TokenContentVerifiablePresentation',
		{ value: fc.oneof(words(100), object) },
		{ type: words(20), displayInformation: fc.array(object, { maxLength: 2 }) }
	),
	unnamed: object.filter((x) => x['@type'] === undefined) as Content
};
