/**
 * Every error code clients may know (connector-api.md §6.3, expanded by content-model.md §9 and transport-backbone.md §2.14),
 * and for each either that a call provokes it here, or why none can. catalogue.test.ts holds it against the suites.
 */

/** Held by a row of a suite. */
const answered = 'answered';

// Why there is no call.
const noRoute = 'no REST route leads there: a use case only programs inside the original have';
const lifecycle = 'life cycle of the original runtime: ours is started or it is not running';
const folded = 'judged when a message is folded: what is refused never becomes a record, and nobody is answered';
const noDatawallet = 'mechanism gone: there is no datawallet';
const noDevices = 'no REST route: devices are linked by command, and its texts are its own';
const ownIds = 'ids are made here, so callers cannot name one that is taken';
const configuration = 'start-up: the check of the configuration says it, one line per fault, before anything is begun';
const older = 'version 6.7.0 only';
const network = 'the relay is reached by one line: whatever keeps it away is error.transport.request.unknown';
const goneWithIt = 'the relationship with who is deleted is DeletionProposed, and its status is looked at first (§14)';
const keptShape = 'cannot differ over REST: the successor takes over what the caller has no member for';

export const CATALOGUE = {
	'error.connector.unauthorized': answered,
	'error.connector.forbidden': answered,
	'error.connector.unexpected': answered,
	'error.connector.errorInErrorHandler': 'only a fault in the handler of faults itself',
	'error.connector.http.routeDoesNotExist': answered,
	'error.connector.http.methodNotAllowed': answered,
	'error.connector.http.notAcceptable': answered,
	'error.connector.validation.invalidJsonInPayload': answered,
	'error.connector.incomingRequests.decidedByAutomation': answered,

	'error.runtime.recordNotFound': answered,
	'error.runtime.validation.invalidPropertyValue': answered,
	'error.runtime.validation.invalidPayload': answered,
	'error.runtime.notSupported': answered,
	'error.runtime.invalidTokenContent': answered,
	'error.runtime.invalidReference': answered,
	'error.runtime.unknown': answered,
	'error.runtime.unknownType': answered,
	'error.runtime.requestDeserialization': answered,
	'error.runtime.servalError':
		'one parser reads all contents, and its refusals are requestDeserialization or unknownType',
	'error.runtime.alreadyInitialized': answered,
	'error.runtime.notInitialized': lifecycle,
	'error.runtime.alreadyStarted': lifecycle,
	'error.runtime.notStarted': lifecycle,
	'error.runtime.startup.noActiveAccount': lifecycle,
	'error.runtime.startup.noActiveConsumptionController': lifecycle,
	'error.runtime.startup.noActiveExpander': lifecycle,

	'error.runtime.attributes.isNotOwnIdentityAttribute': answered,
	'error.runtime.attributes.isNotOwnRelationshipAttribute': answered,
	'error.runtime.attributes.hasSuccessor': noRoute,
	'error.runtime.attributes.cannotCreateDuplicateOwnIdentityAttribute': answered,
	'error.runtime.attributes.ownIdentityAttributeHasAlreadyBeenSharedWithPeer': answered,
	'error.runtime.attributes.successorOfOwnIdentityAttributeHasAlreadyBeenSharedWithPeer': answered,
	'error.runtime.attributes.peerHasNoPreviousVersionOfAttribute': answered,
	'error.runtime.attributes.cannotDeleteSharedAttributeWhileRelationshipIsPending': answered,
	'error.runtime.attributes.setDefaultOwnIdentityAttributesIsDisabled': noRoute,

	'error.runtime.challenges.invalidSignature': 'what is no signature is invalidPropertyValue (§2.5)',
	'error.runtime.challenges.invalidChallengeString': 'what is no challenge is invalidPropertyValue (§2.5)',
	'error.runtime.files.notOwnedByYou': answered,
	'error.runtime.identityMetadata.notFound': answered,
	'error.runtime.identityMetadata.unfamiliarReferencedIdentity': answered,
	'error.runtime.identityDeletionProcess.noActiveIdentityDeletionProcess': answered,
	'error.runtime.identityDeletionProcess.activeIdentityDeletionProcessAlreadyExists': answered,
	'error.runtime.identityRecoveryKits.datawalletDisabled': noRoute,
	'error.runtime.devices.referenceNotPointingToAnEmptyToken': noRoute,
	'error.runtime.messages.hasNoActiveRelationship': answered,
	'error.runtime.messages.peerIsInDeletion': answered,
	'error.runtime.messages.cannotSendMessageWithExpiredRequest': answered,
	'error.runtime.messages.cannotSendRequestThatWasAlreadySent': answered,
	'error.runtime.messages.fileNotFoundInMessage': answered,
	'error.runtime.notifications.cannotReceiveNotificationFromOwnMessage': noRoute,
	'error.runtime.notifications.cannotSaveSentNotificationFromPeerMessage': noRoute,
	'error.runtime.notifications.messageDoesNotContainNotification': noRoute,
	'error.runtime.relationships.noAcceptedIncomingRequest': answered,
	'error.runtime.relationships.wrongResponseProvidedAsCreationContent': answered,
	'error.runtime.relationships.isNeitherRejectedNorRevoked': noRoute,
	'error.runtime.relationshipTemplates.cannotCreateTokenForPeerTemplate': answered,
	'error.runtime.relationshipTemplates.personalizationMustBeInherited': answered,
	'error.runtime.relationshipTemplates.passwordProtectionMustBeInherited': answered,
	'error.runtime.relationshipTemplates.requestCannotExpireAfterRelationshipTemplate': answered,
	'error.runtime.decide.requestConfigDoesNotMatchResponseConfig': answered,
	'error.runtime.modules.webhooks.invalidTargetReference': answered,
	'error.runtime.modules.webhooks.invalidUrlFormat': answered,
	'error.runtime.modules.webhooks.invalidAuthenticationConfig': answered,
	'error.runtime.openid4vc.oauth': 'verifiable credentials cannot be accepted yet, so no issuer is asked',

	'error.consumption.attributes.alreadyForwarded': noRoute,
	'error.consumption.attributes.successorIsNotAValidAttribute': answered,
	'error.consumption.attributes.successionMustNotChangeKey': keptShape,
	'error.consumption.attributes.successionPeerIsNotOwner': folded,
	'error.consumption.attributes.successorMustNotYetExist': ownIds,
	'error.consumption.attributes.predecessorDoesNotExist': 'an unknown predecessor is recordNotFound (§13 row 11)',
	'error.consumption.attributes.successorDoesNotExist':
		'a successor is deleted with its predecessors, so none is missing',
	'error.consumption.attributes.successionMustChangeContent': answered,
	'error.consumption.attributes.successionMustNotChangeOwner': keptShape,
	'error.consumption.attributes.successionMustNotChangeValueType': answered,
	'error.consumption.attributes.successionMustNotChangeContentType': keptShape,
	'error.consumption.attributes.cannotSucceedAttributesWithASuccessor': answered,
	'error.consumption.attributes.cannotSucceedSharedAttributesDeletedByPeer': answered,
	'error.consumption.attributes.cannotSetAttributeDeletionInfo': folded,
	'error.consumption.attributes.cannotSetForwardingDetailsForPeer': 'defined and unused in the original',
	'error.consumption.attributes.wrongRelationshipStatusToSetDeletionInfo': folded,
	'error.consumption.attributes.wrongOwnerOfAttribute': folded,
	'error.consumption.attributes.wrongTypeOfAttribute': folded,
	'error.consumption.attributes.senderIsNotPeerOfSharedAttribute': folded,
	'error.consumption.attributes.setDefaultOwnIdentityAttributesIsDisabled': noRoute,
	'error.consumption.attributes.invalidTags': answered,
	'error.consumption.attributes.forbiddenCharactersInAttribute': answered,

	'error.consumption.requests.unexpectedErrorDuringRequestItemProcessing': answered,
	'error.consumption.requests.servalErrorDuringRequestItemProcessing': answered,
	'error.consumption.requests.invalidAcceptParameters': answered,
	'error.consumption.requests.invalidRequestItem': answered,
	'error.consumption.requests.attributeQueryMismatch': answered,
	'error.consumption.requests.cannotShareRelationshipAttributeOfPendingRelationship': answered,
	'error.consumption.requests.wrongRelationshipStatus': answered,
	'error.consumption.requests.missingRelationship': answered,
	'error.consumption.requests.peerIsDeleted': goneWithIt,
	'error.consumption.requests.peerIsInDeletion': answered,
	'error.consumption.requests.violatedKeyUniquenessOfRelationshipAttributes': answered,
	'error.consumption.requests.validation.inheritedFromItem': answered,
	'error.consumption.requests.cannotShareRequestWithYourself': answered,
	'error.consumption.requests.cannotCreateRequestWithExpirationDateInPast': answered,
	'error.consumption.requests.cannotCreateRequestWithDuplicateId': ownIds,
	'error.consumption.requests.canOnlyDeleteIncomingRequestThatIsExpired': noRoute,
	'error.consumption.requests.decide.validation.invalidNumberOfItems': answered,
	'error.consumption.requests.decide.validation.itemAcceptedButRequestNotAccepted': answered,
	'error.consumption.requests.decide.validation.mustBeAcceptedItemNotAccepted': answered,
	'error.consumption.requests.decide.validation.requestItemAnsweredAsRequestItemGroup': answered,
	'error.consumption.requests.decide.validation.requestItemGroupAnsweredAsRequestItem': answered,

	'error.transport.recordNotFound': answered,
	'error.transport.notSupported': noRoute,
	'error.transport.noPasswordProvided': answered,
	'error.transport.signatureNotValid': answered,
	'error.transport.accountControllerInitialSyncFailed': 'a first sync that fails is said with its own cause',
	'error.transport.general.notIntendedForYou': answered,
	'error.transport.general.noIdentityFound': answered,
	'error.transport.general.baseUrlNotSet': configuration,
	'error.transport.general.invalidBaseUrl': configuration,
	'error.transport.general.platformClientIdNotSet': configuration,
	'error.transport.general.platformClientSecretNotSet': configuration,
	'error.transport.general.platformClientInvalid': answered,
	'error.transport.relationships.operationOnlyAllowedForPeer': answered,
	'error.transport.relationships.wrongRelationshipStatus': answered,
	'error.transport.relationships.relationshipCurrentlyExists': answered,
	'error.transport.relationships.relationshipTemplateIsExpired': answered,
	'error.transport.relationships.relationshipNotYetDecomposedByPeer': answered,
	'error.transport.relationships.reactivationNotRequested': answered,
	'error.transport.relationships.reactivationAlreadyRequested': answered,
	'error.transport.relationships.deletedOwnerOfRelationshipTemplate': answered,
	'error.transport.relationships.activeIdentityDeletionProcessOfOwnerOfRelationshipTemplate': answered,
	'error.transport.messages.plaintextMismatch': folded,
	'error.transport.messages.signatureListMismatch': folded,
	'error.transport.messages.signatureNotValid': folded,
	'error.transport.messages.ownAddressNotInList': folded,
	'error.transport.messages.hasNeitherActiveNorTerminatedRelationship': answered,
	'error.transport.messages.peerIsDeleted': goneWithIt,
	'error.transport.challenges.challengeTypeRequiresActiveRelationship': answered,
	'error.transport.files.plaintextHashMismatch':
		'pieces of a file are authenticated one by one: what was changed is cipherMismatch',
	'error.transport.files.cipherMismatch': answered,
	'error.transport.files.invalidMetadata':
		'needs a relay that changes bytes; shown in crdt/sync/operations/file-ownership.test.ts',
	'error.transport.files.maxFileSizeExceeded':
		"a file over the limit is invalidPropertyValue, 'content' is too large (§2.6)",
	'error.transport.tokens.invalidTokenContent':
		'a token that holds something else is error.runtime.invalidTokenContent',
	'error.transport.tokens.emptyToken':
		'no REST route makes an empty token; shown in crdt/sync/operations/tokens.test.ts',
	'error.transport.backboneNotifications.atLeastOneRecipientRequired': answered,
	'error.transport.backboneNotifications.codeMustNotBeEmpty': answered,
	'error.transport.backboneNotifications.noActiveRelationshipFoundForRecipients': answered,
	'error.transport.secrets.secretNotFound': 'mechanism gone: keys stand in the log, not in a store of secrets',
	'error.transport.secrets.wrongSecretType': 'mechanism gone: keys stand in the log, not in a store of secrets',
	'error.transport.devices.alreadyOnboarded': noDevices,
	'error.transport.devices.couldNotDeleteDevice': noDevices,
	'error.transport.datawallet.currentBiggerThanTarget': noDatawallet,
	'error.transport.datawallet.insufficientSupportedDatawalletVersion': noDatawallet,
	'error.transport.request.unknown': answered,
	'error.transport.request.network': network,
	'error.transport.request.addressNotFound': network,
	'error.transport.request.aborted': network,
	'error.transport.request.bodyLengthExceeded': answered,
	'error.transport.request.notFound': network,
	'error.transport.request.badRequest': network,
	'error.transport.request.resultUndefined': network,
	'error.transport.request.noAuthGrant': 'no grants are asked for: a line is signed in with the key of the device',

	'error.platform.unexpected': answered,
	'error.platform.unauthorized': 'a line is signed in before anything is asked; one that cannot be is out of reach',
	'error.platform.forbidden':
		'only for a device whose signature is not its own; shown in crdt/sync/operations/files.test.ts',
	'error.platform.recordNotFound': 'translated to error.runtime.recordNotFound (§6.2)',
	'error.platform.quotaExhausted': 'passed on as 429 error.platform.unexpected (§13 row 4)',
	'error.platform.inputCannotBeParsed':
		'the Connector speaks first what the relay would refuse: invalidPropertyValue',
	'error.platform.requestBodyTooLarge': 'what is sent is measured before it is sent',
	'error.platform.token.tooManyFailedPasswordAttempts': answered,
	'error.platform.token.contentUpdateNotPossibleBecauseContentAlreadyExists': noRoute,
	'error.platform.datawallet.datawalletVersionOfModificationTooHigh': noDatawallet,
	'error.platform.datawallet.cannotDowngrade': noDatawallet,
	'error.platform.validation.pagination.invalidPageSize': 'the relay has no pages',
	'error.platform.validation.notification.codeDoesNotExist': answered,
	'error.platform.validation.relationship.cannotCreateRelationshipWithYourself': answered,
	'error.platform.validation.relationshipTemplate.maxNumberOfAllocationsExhausted': answered,
	'error.platform.validation.device.gracePeriodHasAlreadyExpired': answered,
	'error.platform.validation.file.cannotClaimOwnershipOfOwnFile':
		'refused before: an own file is not accepted as an offer (invalidRequestItem)',

	'error.core-types.invalidTruncatedReference': 'a reference that cannot be read is invalidPropertyValue (§2.6)',
	'error.core-types.missingBackboneBaseUrl': 'a reference without address is redeemed at the own relay',

	'error.runtime.attributes.isNotRepositoryAttribute': older,
	'error.runtime.attributes.isNotOwnSharedAttribute': older,
	'error.runtime.attributes.isNotPeerSharedAttribute': older,
	'error.runtime.attributes.isNotThirdPartyRelationshipAttribute': older,
	'error.runtime.attributes.repositoryAttributeHasAlreadyBeenSharedWithPeer': older,
	'error.runtime.attributes.noPreviousVersionOfRepositoryAttributeHasBeenSharedWithPeerBefore': older,
	'error.runtime.attributes.cannotSeparatelyDeleteChildOfComplexAttribute': older,
	'error.runtime.attributes.setDefaultRepositoryAttributesIsDisabled': older,
	'error.runtime.cacheEmpty': older,
	'error.runtime.challenges.invalidChallenge': older,
	'error.runtime.files.invalidReference': older,
	'error.runtime.relationshipTemplates.invalidReference': older,
	'error.runtime.relationshipTemplates.cannotCreateQRCodeForPeerTemplate': older,
	'error.runtime.identityDeletionProcess.noApprovedIdentityDeletionProcess': older,
	'error.runtime.identityDeletionProcess.noWaitingForApprovalIdentityDeletionProcess': older,
	'error.transport.messages.missingOrInactiveRelationship': older,

	// Ours, where the original has no code.
	'error.connector.startup': answered,
	'error.connector.database': answered,
	'error.connector.deadLetters.targetRemoved':
		'below /Monitoring, after a change of the configuration; shown in connector/modules/webhooks.test.ts',
	'error.runtime.modules.webhooks.invalidConfiguration': answered,
	'error.runtime.modules.messageBrokerPublisher.invalidConfiguration': answered,
	'error.connector.modules.sync.invalidInterval': answered,
	'error.connector.modules.invalid': answered
} as const satisfies Readonly<Record<string, string>>;

export type Code = keyof typeof CATALOGUE;

const isAnswered = (code: Code) => CATALOGUE[code] === answered;
const codes = Object.keys(CATALOGUE) as Code[];
/** Codes some row provokes. */
export const ANSWERED = codes.filter(isAnswered);
/** Codes no row provokes; the reason is their value. */
export const UNANSWERED = codes.filter((code) => !isAnswered(code));
