/**
 * What answers look like (connector-api.md §3), one JSON schema each, strict: a member that is not here is a fault of ours, and
 * a test holds every answer to them. What people wrote (contents, values) is open.
 */

export type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const integer: Schema = { type: 'integer' };
const yes: Schema = { const: true };
const anything: Schema = {};
/** ISO-8601, UTC, milliseconds. */
const iso: Schema = { type: 'string', format: 'date-time' };
const address: Schema = { type: 'string', pattern: '^did:e:.+:dids:[0-9a-f]{22}$' };
const id = (...prefixes: string[]): Schema => ({
	type: 'string',
	pattern: `^(${prefixes.join('|')})[A-Za-z0-9]{17}$`
});
const oneOf = (...values: (string | number)[]): Schema => ({ enum: values });
export const list = (items: Schema): Schema => ({ type: 'array', items });
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const mapOf = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });

/** An object with these members and no others; a name that ends with `?` may be missing. */
function shape(members: Readonly<Record<string, Schema>>): Schema {
	const names = Object.keys(members);
	return {
		type: 'object',
		properties: Object.fromEntries(names.map((name) => [name.replace(/\?$/, ''), members[name]])),
		required: names.filter((name) => !name.endsWith('?')),
		additionalProperties: false
	};
}

/** What people say: its type is known, the rest is theirs. */
const content: Schema = { type: 'object', required: ['@type'], properties: { '@type': text } };
const open: Schema = { type: 'object' };

const object = {
	isOwn: flag,
	createdAt: iso,
	createdBy: address,
	createdByDevice: id('DVC'),
	reference: ref('Reference'),
	'forIdentity?': address,
	'passwordProtection?': ref('PasswordProtection')
};

const attribute = {
	id: id('ATT'),
	createdAt: iso,
	content,
	'succeeds?': id('ATT'),
	'succeededBy?': id('ATT'),
	'wasViewedAt?': iso
};
const received = { peer: address, sourceReference: id('REQ', 'NOT'), 'deletionInfo?': ref('DeletionInfo') };
const kind = (name: string, more: Readonly<Record<string, Schema>>) =>
	shape({ '@type': { const: name }, ...attribute, ...more });

const message = {
	id: id('MSG'),
	isOwn: flag,
	content,
	createdBy: address,
	createdByDevice: id('DVC'),
	recipients: list(ref('Recipient')),
	createdAt: iso,
	'wasReadAt?': iso
};

export const SHAPES: Readonly<Record<string, Schema>> = {
	Error: shape({
		error: shape({
			id: { type: 'string', pattern: '^ERR[A-HJ-NP-Z2-9]{17}$' },
			code: { type: 'string', pattern: '^error\\..+' },
			message: text,
			docs: text,
			time: iso,
			'details?': text,
			'stacktrace?': list(text)
		})
	}),

	IdentityInfo: shape({ address, publicKey: text }),
	SyncInfo: shape({ 'lastSyncRun?': shape({ completedAt: iso }) }),
	Announcement: shape({
		id: id('ANC'),
		createdAt: iso,
		'expiresAt?': iso,
		severity: oneOf('Low', 'Medium', 'High'),
		title: text,
		body: text,
		actions: list(shape({ displayName: text, link: text }))
	}),
	Challenge: shape({
		id: id('CHL'),
		expiresAt: iso,
		'createdBy?': address,
		'createdByDevice?': id('DVC'),
		type: oneOf('Identity', 'Device', 'Relationship'),
		signature: text,
		challengeString: text
	}),
	ChallengeValidationResult: shape({ isValid: flag, 'correspondingRelationship?': ref('Relationship') }),
	IdentityMetadata: shape({ reference: address, 'key?': text, value: anything }),
	IdentityDeletionProcess: shape({
		id: id('IDP'),
		status: oneOf('Active', 'Cancelled'),
		'createdAt?': iso,
		'createdByDevice?': id('DVC'),
		'gracePeriodEndsAt?': iso,
		'cancelledAt?': iso,
		'cancelledByDevice?': id('DVC')
	}),
	CheckResult: shape({ isSuccess: flag, 'code?': text, 'message?': text }),
	ValidationResult: shape({
		isSuccess: flag,
		'code?': text,
		'message?': text,
		items: list(ref('ValidationResult'))
	}),

	Health: shape({
		isHealthy: flag,
		services: shape({
			database: oneOf('healthy', 'unhealthy'),
			backboneConnection: oneOf('healthy', 'unhealthy'),
			backboneAuthentication: oneOf('healthy', 'unhealthy')
		})
	}),
	VersionInfo: shape({
		version: text,
		build: text,
		date: text,
		commit: text,
		runtimeVersion: text,
		modules: mapOf(shape({ version: text, build: text, date: text, commit: text }))
	}),
	RequestCount: shape({ since: iso, requestCount: integer, requestCountByStatus: mapOf(integer) }),
	SupportInformation: shape({
		version: ref('VersionInfo'),
		health: ref('Health'),
		configuration: open,
		identityInfo: { anyOf: [ref('IdentityInfo'), shape({ error: text })] }
	}),
	DeadLetter: shape({
		id: text,
		target: text,
		trigger: text,
		eventId: text,
		createdAt: iso,
		lastAttemptAt: iso,
		attempts: integer,
		reason: text
	}),

	Reference: shape({ truncated: text, url: text }),
	PasswordProtection: shape({
		password: text,
		'passwordIsPin?': yes,
		'passwordLocationIndicator?': {
			anyOf: [
				oneOf('RecoveryKit', 'Self', 'Letter', 'RegistrationLetter', 'Email', 'SMS', 'Website'),
				{ type: 'integer', minimum: 50, maximum: 99 }
			]
		}
	}),
	File: shape({
		id: id('FIL'),
		isOwn: flag,
		filename: text,
		'tags?': list(text),
		filesize: integer,
		createdAt: iso,
		createdBy: address,
		createdByDevice: id('DVC'),
		expiresAt: iso,
		mimetype: text,
		'title?': text,
		'description?': text,
		reference: ref('Reference'),
		owner: address,
		'ownershipToken?': text,
		'ownershipIsLocked?': yes
	}),
	Token: shape({ id: id('TOK'), ...object, content: open, expiresAt: iso, isEphemeral: flag }),
	RelationshipTemplate: shape({
		id: id('RLT'),
		...object,
		content,
		'expiresAt?': iso,
		'maxNumberOfAllocations?': integer
	}),

	Recipient: shape({
		address,
		'relationshipId?': id('REL'),
		'receivedAt?': iso,
		'receivedByDevice?': id('DVC')
	}),
	Message: shape({ ...message, attachments: list(id('FIL')) }),
	MessageWithAttachments: shape({ ...message, attachments: list(ref('File')) }),
	RelationshipStatus: oneOf('Pending', 'Active', 'Rejected', 'Revoked', 'Terminated', 'DeletionProposed'),
	AuditEntry: shape({
		createdAt: iso,
		createdBy: address,
		'createdByDevice?': id('DVC'),
		reason: oneOf(
			'Creation',
			'AcceptanceOfCreation',
			'RejectionOfCreation',
			'RevocationOfCreation',
			'Termination',
			'ReactivationRequested',
			'AcceptanceOfReactivation',
			'RejectionOfReactivation',
			'RevocationOfReactivation',
			'Decomposition',
			'DecompositionDueToIdentityDeletion'
		),
		'oldStatus?': ref('RelationshipStatus'),
		newStatus: ref('RelationshipStatus')
	}),
	Relationship: shape({
		id: id('REL'),
		templateId: id('RLT'),
		status: ref('RelationshipStatus'),
		peer: address,
		peerIdentity: shape({ address, publicKey: text }),
		'peerDeletionInfo?': shape({ deletionStatus: oneOf('ToBeDeleted', 'Deleted'), deletionDate: iso }),
		creationContent: content,
		auditLog: list(ref('AuditEntry'))
	}),
	DecideItem: { type: 'object', properties: { accept: flag }, required: ['accept'] },
	LocalRequest: shape({
		id: id('REQ'),
		isOwn: flag,
		peer: address,
		createdAt: iso,
		status: oneOf('Draft', 'Open', 'DecisionRequired', 'ManualDecisionRequired', 'Decided', 'Completed', 'Expired'),
		content,
		'source?': shape({ type: oneOf('Message', 'RelationshipTemplate'), reference: id('MSG', 'RLT') }),
		'response?': shape({
			createdAt: iso,
			content: open,
			'source?': shape({ type: oneOf('Message', 'Relationship'), reference: id('MSG', 'REL') })
		}),
		'wasAutomaticallyDecided?': yes
	}),

	DeletionInfo: shape({
		deletionStatus: oneOf(
			'DeletionRequestSent',
			'DeletionRequestRejected',
			'ToBeDeleted',
			'ToBeDeletedByRecipient',
			'DeletedByRecipient',
			'DeletedByEmitter'
		),
		deletionDate: iso
	}),
	OwnIdentityAttribute: kind('OwnIdentityAttribute', { numberOfForwards: integer, 'isDefault?': yes }),
	PeerIdentityAttribute: kind('PeerIdentityAttribute', received),
	OwnRelationshipAttribute: kind('OwnRelationshipAttribute', { ...received, numberOfForwards: integer }),
	PeerRelationshipAttribute: kind('PeerRelationshipAttribute', { ...received, numberOfForwards: integer }),
	ThirdPartyRelationshipAttribute: kind('ThirdPartyRelationshipAttribute', {
		...received,
		initialAttributePeer: address
	}),
	LocalAttribute: {
		anyOf: ['OwnIdentity', 'PeerIdentity', 'OwnRelationship', 'PeerRelationship', 'ThirdPartyRelationship'].map(
			(name) => ref(`${name}Attribute`)
		)
	},
	ForwardingDetails: shape({
		peer: address,
		sourceReference: id('REQ', 'NOT'),
		sharedAt: iso,
		'deletionInfo?': ref('DeletionInfo')
	}),
	AttributeSuccession: shape({
		predecessor: ref('LocalAttribute'),
		successor: ref('LocalAttribute'),
		'notificationId?': id('NOT')
	}),
	AttributeDeletion: shape({ notificationIds: list(id('NOT')) }),
	Tag: shape({ displayNames: mapOf(text), 'children?': mapOf(ref('Tag')) }),
	AttributeTagCollection: shape({
		supportedLanguages: list(text),
		tagsForAttributeValueTypes: mapOf(mapOf(ref('Tag')))
	}),
	IqlValidation: shape({
		isValid: flag,
		'error?': shape({
			message: text,
			location: shape({
				start: shape({ offset: integer, line: integer, column: integer }),
				end: shape({ offset: integer, line: integer, column: integer })
			})
		})
	})
};
