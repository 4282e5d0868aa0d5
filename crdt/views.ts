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
}

export interface TemplateRow {
	readonly id: string;
	readonly isOwn: boolean;
	readonly createdBy: Address;
	readonly createdByDevice: string;
	readonly createdAt: Iso;
	readonly forIdentity?: Address;
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
	readonly reference: { readonly truncated: string; readonly url: string };
	readonly isEphemeral: boolean;
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
	readonly messages: MessageRow;
	readonly requests: RequestRow;
	readonly attributes: AttributeRow;
	readonly forwardings: ForwardingRow;
	readonly notifications: NotificationRow;
	readonly metadata: IdentityMetadataRow;
	readonly attention: AttentionRow;
}
export type TableName = keyof Tables;

export interface Views {
	get<T extends TableName>(table: T, id: string): Tables[T] | undefined;
	put<T extends TableName>(table: T, row: Tables[T]): void;
	delete(table: TableName, id: string): void;
	/** All rows in insertion order. */
	list<T extends TableName>(table: T): Tables[T][];
}

/** Views kept in memory, optionally on top of others that stay untouched. */
export function memoryViews(below?: Views): Views {
	const tables = new Map<TableName, Map<string, Tables[TableName] | null>>();
	const rowsOf = (table: TableName) => {
		let rows = tables.get(table);
		if (!rows) tables.set(table, (rows = new Map()));
		return rows;
	};
	return {
		get<T extends TableName>(table: T, id: string) {
			const row = rowsOf(table).get(id) as Tables[T] | null | undefined;
			return row === undefined ? below?.get(table, id) : (row ?? undefined);
		},
		put(table, row) {
			rowsOf(table).set(row.id, row);
		},
		delete(table, id) {
			if (below?.get(table, id)) rowsOf(table).set(id, null);
			else rowsOf(table).delete(id);
		},
		list<T extends TableName>(table: T) {
			const own = rowsOf(table) as Map<string, Tables[T] | null>;
			const listed: Tables[T][] = [];
			for (const row of below?.list(table) ?? []) {
				const mine = own.get(row.id);
				if (mine === undefined) listed.push(row);
				else if (mine) listed.push(mine);
			}
			for (const [id, row] of own) if (row && !below?.get(table, id)) listed.push(row);
			return listed;
		}
	};
}

/** Changes on top of `below` that are kept all together or not at all. */
export function tryOut(below: Views): { readonly views: Views; keep(): void } {
	const trial = memoryViews(below);
	const changes: (() => void)[] = [];
	return {
		views: {
			...trial,
			put(table, row) {
				trial.put(table, row);
				changes.push(() => below.put(table, row));
			},
			delete(table, id) {
				trial.delete(table, id);
				changes.push(() => below.delete(table, id));
			}
		},
		keep() {
			for (const change of changes) change();
		}
	};
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
