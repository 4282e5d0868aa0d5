/**
 * Every operation of the Connector's API, version 7 (`/api/core/v1`). Rows of one path
 * stand together; where a fixed segment and a parameter compete, the fixed one wins.
 */
import * as account from './account.ts';
import * as announcements from './announcements.ts';
import * as attributes from './attributes.ts';
import * as challenges from './challenges.ts';
import * as deletion from './deletion.ts';
import * as files from './files.ts';
import * as messages from './messages.ts';
import * as metadata from './metadata.ts';
import * as notifications from './notifications.ts';
import * as relationships from './relationships.ts';
import * as requests from './requests.ts';
import { del, get, patch, post, put, type Route } from './route.ts';
import * as templates from './templates.ts';
import * as tokens from './tokens.ts';

const core = (resource: string) => [`core:${resource}`];
const ACCOUNT = core('account');
const ATTRIBUTES = core('attributes');
const FILES = core('files');
const METADATA = core('identityMetadata');
const MESSAGES = core('messages');
const RELATIONSHIPS = core('relationships');
const TEMPLATES = core('relationshipTemplates');
const TOKENS = core('tokens');
const INCOMING = ['core:requests', 'core:requests:incoming'];
const OUTGOING = ['core:requests', 'core:requests:outgoing'];

export const PREFIX = '/api/core/v1';

export const ROUTES: readonly Route[] = [
	get('/Account/IdentityInfo', ACCOUNT, account.identityInfo),
	post('/Account/Sync', ACCOUNT, account.sync, 204),
	get('/Account/SyncInfo', ACCOUNT, account.syncInfo),

	get('/Announcements', core('announcements'), announcements.list),

	put('/Attributes/CanCreate', ATTRIBUTES, attributes.canCreate),
	get('/Attributes/Own/Identity', ATTRIBUTES, attributes.ownIdentity),
	get('/Attributes/Own/Shared/{peer}', ATTRIBUTES, attributes.ownShared),
	get('/Attributes/Peer/{peer}', ATTRIBUTES, attributes.peer),
	get('/Attributes/TagCollection', ATTRIBUTES, attributes.tagCollection),
	post('/Attributes/ExecuteIdentityAttributeQuery', ATTRIBUTES, attributes.executeIdentity, 200),
	post('/Attributes/ExecuteRelationshipAttributeQuery', ATTRIBUTES, attributes.executeRelationship, 200),
	post('/Attributes/ExecuteThirdPartyRelationshipAttributeQuery', ATTRIBUTES, attributes.executeThirdParty, 200),
	post('/Attributes/ExecuteIQLQuery', ATTRIBUTES, attributes.executeIql, 200),
	post('/Attributes/ValidateIQLQuery', ATTRIBUTES, attributes.validateIql, 200),
	get('/Attributes', ATTRIBUTES, attributes.list),
	post('/Attributes', ATTRIBUTES, attributes.create),
	post('/Attributes/{id}/Succeed', ATTRIBUTES, attributes.succeed),
	post('/Attributes/{attributeId}/NotifyPeer', ATTRIBUTES, attributes.notifyPeer),
	get('/Attributes/{attributeId}/ForwardingDetails', ATTRIBUTES, attributes.forwardingDetails),
	get('/Attributes/{attributeId}/Versions', ATTRIBUTES, attributes.versions),
	get('/Attributes/{attributeId}/Versions/Shared', ATTRIBUTES, attributes.sharedVersions),
	get('/Attributes/{id}', ATTRIBUTES, attributes.one),
	del('/Attributes/{attributeId}', ATTRIBUTES, attributes.remove, 200),

	post('/BackboneNotifications', core('backboneNotifications'), notifications.send, 204),

	post('/Challenges', core('challenges'), challenges.create),
	post('/Challenges/Validate', core('challenges'), challenges.validate, 200),

	get('/Files', FILES, files.list),
	get('/Files/Own', FILES, files.own),
	post('/Files/Own', FILES, files.create),
	get('/Files/Peer', FILES, files.peer),
	post('/Files/Peer', FILES, files.load),
	get('/Files/{id}', FILES, files.one),
	del('/Files/{fileId}', FILES, files.remove),
	get('/Files/{id}/Download', FILES, files.download),
	post('/Files/{id}/Token', FILES, files.createToken),
	patch('/Files/{id}/RegenerateOwnershipToken', FILES, files.regenerateOwnershipToken),

	put('/IdentityMetadata', METADATA, metadata.put),
	get('/IdentityMetadata', METADATA, metadata.get),
	del('/IdentityMetadata', METADATA, metadata.remove),

	post('/Messages', MESSAGES, messages.send),
	get('/Messages', MESSAGES, messages.list),
	get('/Messages/{id}', MESSAGES, messages.one),
	get('/Messages/{id}/Attachments/{fileId}', MESSAGES, messages.attachment),
	get('/Messages/{id}/Attachments/{fileId}/Download', MESSAGES, messages.downloadAttachment),

	put('/Relationships/CanCreate', RELATIONSHIPS, relationships.canCreate),
	post('/Relationships', RELATIONSHIPS, relationships.create),
	get('/Relationships', RELATIONSHIPS, relationships.list),
	get('/Relationships/{id}', RELATIONSHIPS, relationships.one),
	get('/Relationships/{id}/Attributes', RELATIONSHIPS, relationships.attributes),
	put('/Relationships/{relationshipId}/Accept', RELATIONSHIPS, relationships.act('accept', 'Accept a relationship')),
	put('/Relationships/{relationshipId}/Reject', RELATIONSHIPS, relationships.act('reject', 'Reject a relationship')),
	put(
		'/Relationships/{relationshipId}/Revoke',
		RELATIONSHIPS,
		relationships.act('revoke', 'Withdraw an own request')
	),
	put(
		'/Relationships/{relationshipId}/Terminate',
		RELATIONSHIPS,
		relationships.act('terminate', 'End a relationship')
	),
	put(
		'/Relationships/{relationshipId}/Reactivate',
		RELATIONSHIPS,
		relationships.act('reactivate', 'Ask to take up an ended relationship again')
	),
	put(
		'/Relationships/{relationshipId}/Reactivate/Accept',
		RELATIONSHIPS,
		relationships.act('acceptReactivation', 'Accept a reactivation')
	),
	put(
		'/Relationships/{relationshipId}/Reactivate/Reject',
		RELATIONSHIPS,
		relationships.act('rejectReactivation', 'Reject a reactivation')
	),
	put(
		'/Relationships/{relationshipId}/Reactivate/Revoke',
		RELATIONSHIPS,
		relationships.act('revokeReactivation', 'Withdraw an own reactivation')
	),
	del(
		'/Relationships/{relationshipId}',
		RELATIONSHIPS,
		relationships.act('decompose', 'Delete a relationship and what belongs to it')
	),

	get('/RelationshipTemplates', TEMPLATES, templates.list),
	get('/RelationshipTemplates/Own', TEMPLATES, templates.own),
	post('/RelationshipTemplates/Own', TEMPLATES, templates.create),
	get('/RelationshipTemplates/Peer', TEMPLATES, templates.peer),
	post('/RelationshipTemplates/Peer', TEMPLATES, templates.load),
	post('/RelationshipTemplates/Own/{templateId}/Token', TEMPLATES, templates.createToken),
	get('/RelationshipTemplates/{id}', TEMPLATES, templates.one),
	del('/RelationshipTemplates/{templateId}', TEMPLATES, templates.remove),

	get('/Requests/Incoming', INCOMING, requests.incomingList),
	get('/Requests/Incoming/{id}', INCOMING, requests.incoming),
	put('/Requests/Incoming/{id}/CanAccept', INCOMING, requests.canAccept),
	put('/Requests/Incoming/{id}/Accept', INCOMING, requests.accept),
	put('/Requests/Incoming/{id}/CanReject', INCOMING, requests.canReject),
	put('/Requests/Incoming/{id}/Reject', INCOMING, requests.reject),
	get('/Requests/Outgoing', OUTGOING, requests.outgoingList),
	post('/Requests/Outgoing', OUTGOING, requests.create),
	post('/Requests/Outgoing/Validate', OUTGOING, requests.validate),
	get('/Requests/Outgoing/{id}', OUTGOING, requests.outgoing),

	get('/Tokens/Own', TOKENS, tokens.own),
	post('/Tokens/Own', TOKENS, tokens.create),
	get('/Tokens/Peer', TOKENS, tokens.peer),
	post('/Tokens/Peer', TOKENS, tokens.load),
	get('/Tokens/{id}', TOKENS, tokens.one),
	del('/Tokens/{tokenId}', TOKENS, tokens.remove)
];

/** Only there in debug mode. */
export const DEBUG_ROUTES: readonly Route[] = [
	post('/IdentityDeletionProcess', ['debug:identityDeletionProcess'], deletion.initiate, 200),
	get('/IdentityDeletionProcess', ['debug:identityDeletionProcess'], deletion.active),
	del('/IdentityDeletionProcess', ['debug:identityDeletionProcess'], deletion.cancel, 200)
];
