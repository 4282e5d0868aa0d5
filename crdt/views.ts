/**
 * What screens and REST read: rows computed by folds over records and documents. A row is replaced, never changed in
 * place, so a layer on top of another (pending work on top of what the log confirmed) costs only what it touches.
 *
 * Row shapes are those of specs/connector-api.md §3 (DTO generation 7) plus `_`-prefixed members that never leave the engine.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

/** ISO-8601 UTC with milliseconds. */
export type Iso = string;
/** `did:e:<host>:dids:<22 hex>` */
export type Address = string;

export type RelationshipStatus = 'Pending' | 'Active' | 'Rejected' | 'Revoked' | 'Terminated' | 'DeletionProposed';
export type AuditReason =
	| 'Creation'
	| 'AcceptanceOfCreation'
	| 'RejectionOfCreation'
	| 'RevocationOfCreation'
	| 'Termination'
	| 'ReactivationRequested'
	| 'AcceptanceOfReactivation'
	| 'RejectionOfReactivation'
	| 'RevocationOfReactivation'
	| 'Decomposition'
	| 'DecompositionDueToIdentityDeletion';

export interface AuditEntry {
	readonly createdAt: Iso;
	readonly createdBy: Address;
	readonly createdByDevice?: string;
	readonly reason: AuditReason;
	readonly oldStatus?: RelationshipStatus;
	readonly newStatus: RelationshipStatus;
}

/** A signed fact about a relationship, as the fold needs it (protocol.md §8). `hash`es are hex of SHA-256 of the signed body. */
export interface RelationshipEvent {
	readonly relId: string;
	readonly author: Address;
	readonly device: string;
	/** The author's event counter in this relationship, from 0. */
	readonly n: number;
	/** Hash of the author's event n−1; null for n = 0. */
	readonly prev: string | null;
	/** The last event of the other side the author had folded; null if none. */
	readonly seen: { readonly m: number; readonly hash: string } | null;
	readonly action: RelationshipAction;
	/** The author's clock when signing. */
	readonly time: Iso;
	readonly hash: string;
}

export type RelationshipAction =
	| 'create'
	| 'accept'
	| 'reject'
	| 'revoke'
	| 'terminate'
	| 'reactivate'
	| 'acceptReactivation'
	| 'rejectReactivation'
	| 'revokeReactivation'
	| 'decompose';

export interface RelationshipRow {
	readonly id: string;
	readonly templateId: string;
	readonly status: RelationshipStatus;
	readonly peer: Address;
	readonly peerIdentity: { readonly address: Address; readonly publicKey: string };
	readonly peerDeletionInfo?: { readonly deletionStatus: 'ToBeDeleted' | 'Deleted'; readonly deletionDate: Iso };
	readonly creationContent: JsonObject;
	readonly auditLog: readonly AuditEntry[];
	/** True when we asked (we loaded their template). */
	readonly _own: boolean;
	readonly _events: readonly RelationshipEvent[];
	/**
	 * Why it went away from lists although the row stays: `decomposed` by us and not yet by the peer (a new one must wait),
	 * `gone` on both sides, `crossed` by another relationship of the pair.
	 */
	readonly _hidden?: 'decomposed' | 'gone' | 'crossed';
	readonly _createdAt: Iso;
	/** Number of the last letter about the peer's own end. */
	readonly _peerNews?: number;
	/** The peer's account was erased; when we saw it. */
	readonly _peerGone?: Iso;
}

/** As callers give it and REST shows it: clear text, to its creator and to whoever loaded the object by it. */
export interface PasswordProtection {
	readonly password: string;
	/** 4 to 16 digits. */
	readonly passwordIsPin?: true;
	/** Where the recipient finds it: a name of connector-api.md §4.2, or 50 to 99. */
	readonly passwordLocationIndicator?: string | number;
}

export interface TemplateRow {
	readonly id: string;
	readonly isOwn: boolean;
	readonly createdBy: Address;
	readonly createdByDevice: string;
	readonly createdAt: Iso;
	readonly forIdentity?: Address;
	readonly passwordProtection?: PasswordProtection;
	readonly content: JsonObject;
	readonly expiresAt?: Iso;
	readonly maxNumberOfAllocations?: number;
	readonly reference: { readonly truncated: string; readonly url: string };
	/** Addresses that made a relationship from it (own templates). */
	readonly _allocatedBy?: readonly Address[];
	readonly _deleted?: true;
}

export interface TokenRow {
	readonly id: string;
	readonly isOwn: boolean;
	readonly createdBy: Address;
	readonly createdByDevice: string;
	readonly content: Json;
	readonly createdAt: Iso;
	readonly expiresAt: Iso;
	readonly forIdentity?: Address;
	readonly passwordProtection?: PasswordProtection;
	readonly reference: { readonly truncated: string; readonly url: string };
	readonly isEphemeral: boolean;
}

/** A file of ours or of somebody else; its bytes stay at the relay until they are asked for. */
export interface FileRow {
	readonly id: string;
	/** We own it now. */
	readonly isOwn: boolean;
	readonly filename: string;
	readonly tags?: readonly string[];
	/** Bytes. */
	readonly filesize: number;
	readonly createdAt: Iso;
	readonly createdBy: Address;
	readonly createdByDevice: string;
	readonly expiresAt: Iso;
	readonly mimetype: string;
	readonly title?: string;
	readonly description?: string;
	readonly reference: { readonly truncated: string; readonly url: string };
	readonly owner: Address;
	/** Whoever has it may claim the file; shown to the owner only. */
	readonly ownershipToken?: string;
	/** Somebody tried a wrong token: nobody may claim it until there is another. */
	readonly ownershipIsLocked?: true;
	/** Opens the bytes. */
	readonly _key: Uint8Array<ArrayBuffer>;
	/** What the id is computed from. */
	readonly _random: Uint8Array<ArrayBuffer>;
	/** How often it has changed hands, as far as we know; -1 where only a letter said who owns it. */
	readonly _turn: number;
	/** A letter that attached it says all this; the head its maker signed was not looked at yet. */
	readonly _told?: true;
}

/** The end of this identity, begun and perhaps called off. */
export interface DeletionRow {
	/** IDP… */
	readonly id: string;
	readonly status: 'Active' | 'Cancelled';
	readonly createdAt: Iso;
	readonly createdByDevice: string;
	readonly gracePeriodEndsAt: Iso;
	readonly cancelledAt?: Iso;
	readonly cancelledByDevice?: string;
	/** Relationships whose peer was told of this status. */
	readonly _told: readonly string[];
}

/** A letter that came while this identity was leaving: read when it stays. `id` = mseq. */
export interface PausedRow {
	readonly id: string;
	readonly device: string;
	/** What was opened and checked (crdt/sync/apply.ts). */
	readonly fact: unknown;
}

/**
 * Something to be asked of the relay, or told to peers, once it can be reached: `owner` of a file that was claimed, `gone`: whether
 * a peer's account still is after its date, `tell` peers of the own end. `id` = kind:of.
 */
export interface ChoreRow {
	readonly id: string;
	readonly kind: 'owner' | 'gone' | 'tell';
	readonly of: string;
	readonly notBefore?: Iso;
}

/** What the operator publishes, as last fetched by this device. `id` = its name. */
export interface PublishedRow {
	readonly id: 'tags' | 'announcements';
	readonly etag: string;
	readonly value: Json;
}

export interface RecipientRow {
	readonly address: Address;
	readonly relationshipId?: string;
	readonly receivedAt?: Iso;
	readonly receivedByDevice?: string;
}

export interface MessageRow {
	readonly id: string;
	readonly isOwn: boolean;
	readonly content: JsonObject;
	readonly createdBy: Address;
	readonly createdByDevice: string;
	readonly recipients: readonly RecipientRow[];
	readonly createdAt: Iso;
	readonly attachments: readonly string[];
	readonly wasReadAt?: Iso;
	/** Own messages: `queued` until the relay acknowledged it. */
	readonly _delivery?: 'queued' | 'sent' | 'failed';
	readonly _failure?: string;
	/** Ids of the author's last messages to us that we lack. */
	readonly _missing?: readonly string[];
}

export type RequestStatus =
	'Draft' | 'Open' | 'DecisionRequired' | 'ManualDecisionRequired' | 'Decided' | 'Completed' | 'Expired';

export interface RequestRow {
	readonly id: string;
	readonly isOwn: boolean;
	readonly peer: Address;
	readonly createdAt: Iso;
	readonly status: RequestStatus;
	readonly content: JsonObject;
	readonly source?: { readonly type: 'Message' | 'RelationshipTemplate'; readonly reference: string };
	readonly response?: {
		readonly createdAt: Iso;
		readonly content: JsonObject;
		readonly source?: { readonly type: 'Message' | 'Relationship'; readonly reference: string };
	};
	readonly wasAutomaticallyDecided?: true;
	/** Set on the device whose offline decision lost: who decided instead, when, and what ours had been. */
	readonly _superseded?: { readonly byDevice: string; readonly at: Iso; readonly decided: 'Accepted' | 'Rejected' };
	/** Decided here, not yet acknowledged by the relay. */
	readonly _pending?: true;
	/** Decided here, and it can no longer be sent: why (`expired`, `relationship-over`, …). Nothing left the device. */
	readonly _failed?: string;
}

export type AttributeKind =
	| 'OwnIdentityAttribute'
	| 'PeerIdentityAttribute'
	| 'OwnRelationshipAttribute'
	| 'PeerRelationshipAttribute'
	| 'ThirdPartyRelationshipAttribute';

export type DeletionStatus =
	| 'DeletionRequestSent'
	| 'DeletionRequestRejected'
	| 'ToBeDeletedByRecipient'
	| 'DeletedByRecipient'
	| 'ToBeDeleted'
	| 'DeletedByEmitter';
export interface DeletionInfo {
	readonly deletionStatus: DeletionStatus;
	readonly deletionDate: Iso;
}

export interface AttributeRow {
	readonly '@type': AttributeKind;
	readonly id: string;
	readonly createdAt: Iso;
	readonly content: JsonObject;
	readonly succeeds?: string;
	readonly succeededBy?: string;
	readonly wasViewedAt?: Iso;
	readonly isDefault?: true;
	readonly peer?: Address;
	readonly sourceReference?: string;
	readonly deletionInfo?: DeletionInfo;
	readonly initialAttributePeer?: Address;
	readonly numberOfForwards?: number;
	/** Another own attribute with equal type and value whose id is lower: this one is its alias and hidden from lists. */
	readonly _aliasOf?: string;
	/** This succession was made on another device at the same time as its predecessor and put behind it. */
	readonly _rebased?: true;
	/** Only on this device so far. */
	readonly _pending?: true;
}

export interface ForwardingRow {
	readonly id: string;
	readonly attributeId: string;
	readonly peer: Address;
	readonly sourceReference: string;
	readonly sharedAt: Iso;
	readonly deletionInfo?: DeletionInfo;
}

export type NotificationStatus = 'Open' | 'Sent' | 'Completed' | 'Error';

/** What one side told the other about attributes, by message. */
export interface NotificationRow {
	readonly id: string;
	readonly isOwn: boolean;
	readonly peer: Address;
	readonly createdAt: Iso;
	/** Received ones: the own device that copied the mail. */
	readonly receivedByDevice?: string;
	readonly content: JsonObject;
	readonly status: NotificationStatus;
	readonly source: { readonly type: 'Message'; readonly reference: string };
	/** Why it ended in Error: a refusal's code. */
	readonly _failure?: string;
}

/** What programs keep about an identity, one value per key. `id` = reference and key. */
export interface IdentityMetadataRow {
	readonly id: string;
	readonly reference: Address;
	readonly key?: string;
	readonly value: Json;
}

/** Something that arrived and could not be used: kept, shown, never in the way. */
export interface AttentionRow {
	readonly id: string;
	readonly at: Iso;
	/** Stable word for the cause, e.g. `mail-unreadable`, `foreign-id`, `event-refused`, `relay-misbehaviour`. */
	readonly kind: string;
	readonly peer?: Address;
	readonly reference?: string;
}

/** How to speak with a peer; never leaves the engine. Byte members are what the log's records carry. */
export interface ChannelRow {
	/** Relationship id. */
	readonly id: string;
	readonly templateId: string;
	readonly peer: Address;
	/** True when we asked. */
	readonly own: boolean;
	/** Seed of the key we announced for accept and reject (requestor). */
	readonly replySeed?: Uint8Array<ArrayBuffer>;
	/** Key the requestor announced (templator), or the template key (requestor). */
	readonly peerKey: Uint8Array<ArrayBuffer>;
	readonly a: Uint8Array<ArrayBuffer>;
	/** R_0, once accepted. */
	readonly root?: Uint8Array<ArrayBuffer>;
	/** Where the peer reads. */
	readonly mailbox: {
		readonly url: string;
		readonly alias: Uint8Array<ArrayBuffer>;
		readonly token: Uint8Array<ArrayBuffer>;
	};
	/** Where we read, hex: the alias of this relationship (empty until we opened one). */
	readonly alias: string;
	/** Ids of our last messages to the peer, newest last (≤ 4). */
	readonly sent: readonly string[];
	/** Ids of messages received, for gap detection. */
	readonly received: readonly string[];
	/** Messages that name earlier ones we lack. */
	readonly gaps: readonly string[];
	/** Highest chain seq a proof path of the peer has shown. */
	readonly peerChainSeq: number;
}

/** Own or loaded template's keys; never leaves the engine. */
export interface TemplateKeyRow {
	readonly id: string;
	/** Own: seed of the template key. */
	readonly seed?: Uint8Array<ArrayBuffer>;
	/** Loaded: the template key. */
	readonly publicKey?: Uint8Array<ArrayBuffer>;
	/** Loaded: identity key of the templator. */
	readonly ik?: Uint8Array<ArrayBuffer>;
	/** Loaded: answered requests from it that went with a relationship; their ids are used up for good. */
	readonly forgotten?: number;
	readonly mailbox: {
		readonly url: string;
		readonly alias: Uint8Array<ArrayBuffer>;
		readonly token: Uint8Array<ArrayBuffer>;
	};
}

/** Which thing an own alias belongs to. `id` = alias hex. */
export interface AliasRow {
	readonly id: string;
	readonly kind: 'template' | 'relationship';
	readonly of: string;
}

/** Mail that could not be opened or placed yet: tried again after each event of its alias. `id` = mseq. */
export interface WaitingRow {
	readonly id: string;
	readonly day: number;
	readonly alias: string;
	readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A received message held back while its relationship is not Active. `id` = message id. */
export interface HeldRow {
	readonly id: string;
	readonly relationshipId: string;
	readonly at: Iso;
	readonly device: string;
	readonly message: MessageRow;
	readonly prev: readonly string[];
	/** What its attachments are. */
	readonly files?: readonly FileRow[];
}

/** What of the fold itself has to be known to go on from the rows (crdt/sync/kept.ts). One row, id `fold`. */
export interface FoldRow {
	readonly id: 'fold';
	readonly identityTag: Uint8Array<ArrayBuffer>;
	/** The last entry folded, and the root there. */
	readonly cursor: number;
	readonly root: Uint8Array<ArrayBuffer>;
	readonly mailFolded: number;
}
/** A session of an own device as the log shows it. `id` = session, hex. */
export interface SessionRow {
	readonly id: string;
	readonly device: Uint8Array<ArrayBuffer>;
	readonly epoch: number;
	readonly next: number;
	readonly last: Uint8Array<ArrayBuffer>;
}
/** First bytes of a past root. `id` = seq, as the log's keys are written. */
export interface RootRow {
	readonly id: string;
	readonly root: Uint8Array<ArrayBuffer>;
}
/** Which entry took a slot. `id` = slot, hex. */
export interface SlotRow {
	readonly id: string;
	readonly seq: number;
}
/** An event that was told. `id` = its id. */
export interface ToldRow {
	readonly id: string;
}
/** An update of a document, as a device wrote it. */
export interface UpdateRow {
	readonly id: string;
	readonly shard: string;
	readonly u: Uint8Array<ArrayBuffer>;
	/** Of the device that signed it. */
	readonly ordinal: number;
}

export interface Tables {
	readonly channels: ChannelRow;
	readonly templateKeys: TemplateKeyRow;
	readonly aliases: AliasRow;
	readonly waiting: WaitingRow;
	readonly held: HeldRow;
	readonly relationships: RelationshipRow;
	readonly templates: TemplateRow;
	readonly tokens: TokenRow;
	readonly files: FileRow;
	readonly deletions: DeletionRow;
	readonly paused: PausedRow;
	readonly chores: ChoreRow;
	readonly published: PublishedRow;
	readonly messages: MessageRow;
	readonly requests: RequestRow;
	readonly attributes: AttributeRow;
	readonly forwardings: ForwardingRow;
	readonly notifications: NotificationRow;
	readonly metadata: IdentityMetadataRow;
	readonly attention: AttentionRow;
	readonly fold: FoldRow;
	readonly sessions: SessionRow;
	readonly roots: RootRow;
	readonly slots: SlotRow;
	readonly told: ToldRow;
	readonly updates: UpdateRow;
}
export type TableName = keyof Tables;

export interface Bound {
	readonly value: string;
	readonly inclusive: boolean;
}
export type Where =
	| { readonly key: string; readonly anyOf: readonly string[] }
	| { readonly key: string; readonly from?: Bound; readonly to?: Bound };

export interface Query {
	/** All of them hold. A key that is not declared is a bug and throws. */
	readonly where?: readonly Where[];
	/** By date of creation, ties by insertion; rows without one are left out. Otherwise in insertion order. */
	readonly order?: 'createdAt';
	/** The whole order the other way round. */
	readonly descending?: boolean;
	readonly limit?: number;
}

/** A row and where it stands: places grow in the order of insertion. */
export interface Placed<T extends TableName> {
	readonly place: number;
	readonly row: Tables[T];
}

/**
 * Where rows live. A row that is replaced keeps its place; one that was deleted and put again stands at the end. Reading while
 * writing is allowed: what is being read is what there was at the beginning, or newer versions of it.
 */
export interface Views {
	get<T extends TableName>(table: T, id: string): Tables[T] | undefined;
	put<T extends TableName>(table: T, row: Tables[T]): void;
	delete(table: TableName, id: string): void;
	/** All rows in insertion order. */
	list<T extends TableName>(table: T): Tables[T][];
	/** The rows a query asks for, as they are needed. */
	rows<T extends TableName>(table: T, query?: Query): Iterable<Tables[T]>;
	/** What `rows` is made of. */
	scan<T extends TableName>(table: T, query?: Query): Iterable<Placed<T>>;
	place(table: TableName, id: string): number | undefined;
	/** All places are below it: a layer on top begins there. */
	readonly ceiling: number;
}

/** Views that stay: what was put since the last `commit` is kept by the next one, all of it or nothing. */
export interface KeptViews extends Views {
	/** Throws when anything could not be read or written since the last one: then nothing of it is kept. */
	commit(): void;
	/** Forgets every row, durably. */
	reset(): void;
}

/** Everything a fold step may use: no clock, no randomness. */
export interface Fold {
	readonly views: Views;
	readonly me: Address;
	/** The date of the record being folded (protocol.md §13.4). */
	readonly at: Iso;
	/** Whoever wrote the record keeps default attributes (App: yes): the first own one of a value type becomes its default. */
	readonly defaults?: boolean;
	/** Reports a change that became visible, by the names of connector-api.md §9. */
	emit(name: string, data: Json | Tables[TableName] | Record<string, unknown>): void;
}
