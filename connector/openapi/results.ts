/**
 * Which operation answers with what: a name of shapes.ts, `[]` for a list of them, `bytes` for a file, `text`; by method and
 * path without the names of its parameters. Operations that are not here answer with any JSON (204: nothing).
 */
import { list, ref, type Schema } from './shapes.ts';

const RESULTS: Readonly<Record<string, string>> = {
	'GET /Account/IdentityInfo': 'IdentityInfo',
	'GET /Account/SyncInfo': 'SyncInfo',
	'GET /Announcements': 'Announcement[]',

	'PUT /Attributes/CanCreate': 'CheckResult',
	'GET /Attributes/Own/Identity': 'LocalAttribute[]',
	'GET /Attributes/Own/Shared/{}': 'LocalAttribute[]',
	'GET /Attributes/Peer/{}': 'LocalAttribute[]',
	'GET /Attributes/TagCollection': 'AttributeTagCollection',
	'POST /Attributes/ExecuteIdentityAttributeQuery': 'LocalAttribute[]',
	'POST /Attributes/ExecuteRelationshipAttributeQuery': 'LocalAttribute',
	'POST /Attributes/ExecuteThirdPartyRelationshipAttributeQuery': 'LocalAttribute[]',
	'POST /Attributes/ExecuteIQLQuery': 'LocalAttribute[]',
	'POST /Attributes/ValidateIQLQuery': 'IqlValidation',
	'GET /Attributes': 'LocalAttribute[]',
	'POST /Attributes': 'LocalAttribute',
	'POST /Attributes/{}/Succeed': 'AttributeSuccession',
	'POST /Attributes/{}/NotifyPeer': 'AttributeSuccession',
	'GET /Attributes/{}/ForwardingDetails': 'ForwardingDetails[]',
	'GET /Attributes/{}/Versions': 'LocalAttribute[]',
	'GET /Attributes/{}/Versions/Shared': 'LocalAttribute[]',
	'GET /Attributes/{}': 'LocalAttribute',
	'DELETE /Attributes/{}': 'AttributeDeletion',

	'POST /Challenges': 'Challenge',
	'POST /Challenges/Validate': 'ChallengeValidationResult',

	'GET /Files': 'File[]',
	'GET /Files/Own': 'File[]',
	'POST /Files/Own': 'File',
	'GET /Files/Peer': 'File[]',
	'POST /Files/Peer': 'File',
	'GET /Files/{}': 'File',
	'GET /Files/{}/Download': 'bytes',
	'POST /Files/{}/Token': 'Token',
	'PATCH /Files/{}/RegenerateOwnershipToken': 'File',

	'PUT /IdentityMetadata': 'IdentityMetadata',
	'GET /IdentityMetadata': 'IdentityMetadata',

	'POST /Messages': 'Message',
	'GET /Messages': 'Message[]',
	'GET /Messages/{}': 'MessageWithAttachments',
	'GET /Messages/{}/Attachments/{}': 'File',
	'GET /Messages/{}/Attachments/{}/Download': 'bytes',

	'PUT /Relationships/CanCreate': 'CheckResult',
	'POST /Relationships': 'Relationship',
	'GET /Relationships': 'Relationship[]',
	'GET /Relationships/{}': 'Relationship',
	'GET /Relationships/{}/Attributes': 'LocalAttribute[]',
	'PUT /Relationships/{}/Accept': 'Relationship',
	'PUT /Relationships/{}/Reject': 'Relationship',
	'PUT /Relationships/{}/Revoke': 'Relationship',
	'PUT /Relationships/{}/Terminate': 'Relationship',
	'PUT /Relationships/{}/Reactivate': 'Relationship',
	'PUT /Relationships/{}/Reactivate/Accept': 'Relationship',
	'PUT /Relationships/{}/Reactivate/Reject': 'Relationship',
	'PUT /Relationships/{}/Reactivate/Revoke': 'Relationship',

	'GET /RelationshipTemplates': 'RelationshipTemplate[]',
	'GET /RelationshipTemplates/Own': 'RelationshipTemplate[]',
	'POST /RelationshipTemplates/Own': 'RelationshipTemplate',
	'GET /RelationshipTemplates/Peer': 'RelationshipTemplate[]',
	'POST /RelationshipTemplates/Peer': 'RelationshipTemplate',
	'POST /RelationshipTemplates/Own/{}/Token': 'Token',
	'GET /RelationshipTemplates/{}': 'RelationshipTemplate',

	'GET /Requests/Incoming': 'LocalRequest[]',
	'GET /Requests/Incoming/{}': 'LocalRequest',
	'PUT /Requests/Incoming/{}/CanAccept': 'ValidationResult',
	'PUT /Requests/Incoming/{}/Accept': 'LocalRequest',
	'PUT /Requests/Incoming/{}/CanReject': 'ValidationResult',
	'PUT /Requests/Incoming/{}/Reject': 'LocalRequest',
	'GET /Requests/Outgoing': 'LocalRequest[]',
	'POST /Requests/Outgoing': 'LocalRequest',
	'POST /Requests/Outgoing/Validate': 'ValidationResult',
	'GET /Requests/Outgoing/{}': 'LocalRequest',

	'GET /Tokens/Own': 'Token[]',
	'POST /Tokens/Own': 'Token',
	'GET /Tokens/Peer': 'Token[]',
	'POST /Tokens/Peer': 'Token',
	'GET /Tokens/{}': 'Token',

	'POST /IdentityDeletionProcess': 'IdentityDeletionProcess',
	'GET /IdentityDeletionProcess': 'IdentityDeletionProcess',
	'DELETE /IdentityDeletionProcess': 'IdentityDeletionProcess',

	'GET /health': 'Health',
	'GET /Monitoring/Version': 'VersionInfo',
	'GET /Monitoring/Requests': 'RequestCount',
	'GET /Monitoring/Support': 'SupportInformation',
	'GET /Monitoring/Metrics': 'text',
	'GET /Monitoring/DeadLetters': 'DeadLetter[]'
};

/** `/A/{id}` and `/A/{templateId}` are one path. */
export const unnamed = (path: string): string => path.replaceAll(/\{\w+\}/g, '{}');

export const resultName = (method: string, path: string): string | undefined => {
	const place = `${method} ${unnamed(path)}`;
	return Object.hasOwn(RESULTS, place) ? RESULTS[place] : undefined;
};

export const isList = (method: string, path: string): boolean => resultName(method, path)?.endsWith('[]') === true;

/** The schema of an operation's value. */
export function resultOf(method: string, path: string): Schema {
	const name = resultName(method, path);
	if (name === undefined) return {};
	return name.endsWith('[]') ? list(ref(name.slice(0, -2))) : ref(name);
}

/** Every operation that has a row here. */
export const DESCRIBED: readonly string[] = Object.keys(RESULTS);
