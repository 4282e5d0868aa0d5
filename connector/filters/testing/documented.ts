/**
 * What connector-api.md §2 says each list can be filtered by, written down from the text and not from the routes: the test
 * compares both, so that a key that was forgotten there is noticed here.
 *
 *   T text · I id · D date · B boolean · N number    all operators of §1.1
 *   X     existence only               PB    `true` or `!`                    tags, attachments, participant: their own rules
 *   exact the very text                pin   `true`: a PIN, `!`: protected by something else
 *   place name or number of where the password is found
 */
export type KeyClass =
	'T' | 'I' | 'D' | 'B' | 'N' | 'X' | 'PB' | 'tags' | 'attachments' | 'participant' | 'exact' | 'pin' | 'place';
type Keys = Readonly<Record<string, KeyClass>>;

/** A key that the list takes under another name. */
export interface Alias {
	readonly of: string;
}
export interface DocumentedList {
	readonly keys: Keys;
	readonly aliases?: Readonly<Record<string, Alias>>;
	/** Keys that cannot tell the rows of this list apart here, and why; the test holds them to it. */
	readonly alike?: Readonly<Record<string, string>>;
}

/** Keys of one class, in the words of the specification. */
const all = (type: KeyClass, names: string): Keys => Object.fromEntries(names.split(' ').map((name) => [name, type]));

const PROTECTION: Keys = {
	passwordProtection: 'X',
	'passwordProtection.password': 'exact',
	'passwordProtection.passwordIsPin': 'pin',
	'passwordProtection.passwordLocationIndicator': 'place'
};
const DELETION: Keys = {
	deletionInfo: 'X',
	'deletionInfo.deletionStatus': 'T',
	'deletionInfo.deletionDate': 'D'
};
const NO_DEFAULTS = 'a Connector keeps no defaults (§3.4)';
const ONE_SIDE = 'a list of one side';
const TECHNICAL = {
	...all('T', 'content.@type content.key content.confidentiality content.value.@type'),
	'content.isTechnical': 'B'
} as const;

const files: Keys = {
	...all('D', 'createdAt expiresAt'),
	...all('I', 'createdBy createdByDevice'),
	...all('T', 'description filename mimetype title'),
	filesize: 'N',
	isOwn: 'B',
	tags: 'tags',
	ownershipToken: 'exact',
	ownershipIsLocked: 'PB'
};
const templates: Keys = {
	isOwn: 'B',
	...all('D', 'createdAt expiresAt'),
	...all('I', 'createdBy createdByDevice forIdentity'),
	maxNumberOfAllocations: 'N',
	...PROTECTION
};
const tokens: Keys = {
	...all('D', 'createdAt expiresAt'),
	...all('I', 'createdBy createdByDevice forIdentity'),
	isOwn: 'B',
	...PROTECTION
};
const requests: Keys = {
	...all('I', 'id source.reference response.source.reference'),
	...all('D', 'createdAt content.expiresAt response.createdAt'),
	...all('T', 'peer status content.items.@type content.items.items.@type source.type response.source.type'),
	...all('T', 'response.content.result response.content.items.@type response.content.items.items.@type')
};

export const DOCUMENTED: Readonly<Record<string, DocumentedList>> = {
	'/Attributes': {
		keys: {
			...all('T', '@type succeeds succeededBy content.owner peer sourceReference initialAttributePeer'),
			...all('D', 'createdAt wasViewedAt'),
			isDefault: 'B',
			...TECHNICAL,
			'content.tags': 'tags',
			...DELETION
		},
		alike: { isDefault: NO_DEFAULTS }
	},
	'/Attributes/Own/Identity': {
		keys: {
			...all('D', 'createdAt wasViewedAt'),
			isDefault: 'B',
			'content.tags': 'tags',
			'content.value.@type': 'T'
		},
		alike: { isDefault: NO_DEFAULTS }
	},
	'/Attributes/Own/Shared/{peer}': {
		keys: {
			...all('T', '@type sourceReference'),
			...all('D', 'createdAt wasViewedAt'),
			isDefault: 'B',
			...TECHNICAL,
			'content.tags': 'tags',
			...DELETION
		},
		alike: { isDefault: NO_DEFAULTS }
	},
	'/Attributes/Peer/{peer}': {
		keys: {
			...all('T', 'sourceReference initialAttributePeer'),
			...all('D', 'createdAt wasViewedAt'),
			...TECHNICAL,
			'content.tags': 'tags',
			...DELETION
		}
	},
	'/Attributes/{attributeId}/ForwardingDetails': {
		keys: { ...all('T', 'peer sourceReference'), sharedAt: 'D', ...DELETION }
	},
	'/Files': { keys: files },
	'/Files/Own': { keys: files, alike: { isOwn: ONE_SIDE } },
	'/Files/Peer': { keys: files, alike: { isOwn: ONE_SIDE, ownershipToken: 'only its owner has it (§3.2)' } },
	'/Messages': {
		keys: {
			...all('I', 'createdBy createdByDevice recipients.address'),
			...all('D', 'createdAt wasReadAt'),
			...all('T', 'recipients.relationshipId content.@type content.subject content.body content.bodyFormat'),
			isOwn: 'B',
			participant: 'participant',
			attachments: 'attachments'
		},
		aliases: {
			contentType: { of: 'content.@type' },
			contentSubject: { of: 'content.subject' },
			contentBody: { of: 'content.body' }
		}
	},
	'/RelationshipTemplates': { keys: templates },
	'/RelationshipTemplates/Own': { keys: templates, alike: { isOwn: ONE_SIDE, createdBy: ONE_SIDE } },
	'/RelationshipTemplates/Peer': { keys: templates, alike: { isOwn: ONE_SIDE } },
	'/Relationships': {
		keys: { ...all('I', 'peer templateId'), status: 'T' },
		aliases: { 'template.id': { of: 'templateId' } }
	},
	'/Requests/Incoming': { keys: { ...requests, wasAutomaticallyDecided: 'PB' } },
	'/Requests/Outgoing': { keys: requests },
	'/Tokens/Own': { keys: tokens, alike: { isOwn: ONE_SIDE, createdBy: ONE_SIDE } },
	'/Tokens/Peer': { keys: tokens, alike: { isOwn: ONE_SIDE } }
};
