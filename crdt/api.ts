/**
 * What App and Connector call: one object per identity on this device. Commands return a Result (a refusal carries the
 * code REST shows); reads are synchronous, they look at folded views. Row shapes: views.ts.
 *
 * When an own action counts as done (protocol.md §13):
 *   local     the intent is durable on this device; it leaves at once when the relay can be reached (outbox)
 *   committed the relay acknowledged it; nothing changed when it did not (refusal `error.transport.request.unknown`)
 */
import type {
	Address,
	AttentionRow,
	AttributeRow,
	DeletionRow,
	FileRow,
	ForwardingRow,
	IdentityMetadataRow,
	Iso,
	Json,
	JsonObject,
	MessageRow,
	NotificationRow,
	PasswordProtection,
	Query,
	RelationshipAction,
	RelationshipRow,
	RequestRow,
	TemplateRow,
	TokenRow
} from './views.ts';
import type { IqlValidation } from './content/iql.ts';
import type { AttributeQuery } from './content/query.ts';
import type { AttributeTagCollection } from './content/tags.ts';
import type { Result } from './result.ts';

/** Decide parameters (content-model.md §4.4): mirrors the shape of the request's items. */
export type DecideItem =
	| { readonly accept: boolean; readonly [parameter: string]: Json | undefined }
	| { readonly items: readonly DecideItem[] };
export interface DecideParameters {
	readonly items: readonly DecideItem[];
}

/** Mirrors the item tree; `items` is always there. */
export interface ValidationResult {
	readonly isSuccess: boolean;
	readonly code?: string;
	readonly message?: string;
	readonly items: readonly ValidationResult[];
}

/** A change that became visible: names and payloads of connector-api.md §9. */
export interface EngineEvent {
	/** SHA-256(record id ‖ name), hex: equal on all devices. */
	readonly id: string;
	readonly name: string;
	readonly data: unknown;
}

export interface SyncStatus {
	/** `upToDate` is said only after the relay acknowledged the last local operation. */
	readonly state: 'upToDate' | 'working' | 'offline' | 'unregistered' | 'frozen' | 'stopped';
	/** Local operations no relay has acknowledged. */
	readonly waiting: number;
	readonly lastSyncAt?: Iso;
	/** Why it is frozen: `rollback` | `fork` | `chain` | `relay-signature`. */
	readonly reason?: string;
}

export interface DeviceView {
	readonly id: string;
	readonly name: string;
	readonly isThis: boolean;
	readonly role: 'admin' | 'member';
	/** Its place in the device chain; 0 = the first device. */
	readonly ordinal: number;
	readonly addedAt: Iso;
}

export interface TodoItem {
	readonly id: string;
	readonly kind:
		'request' | 'relationship' | 'otherVersion' | 'superseded' | 'failedMessage' | 'attention' | 'onlyCopy';
	readonly reference: string;
	readonly peer?: Address;
	readonly dueAt?: Iso;
}

/** A value edited on two devices at once: the one shown and the one that lost. */
export interface OtherVersion {
	readonly field: string;
	readonly value: Json;
	readonly byDevice: string;
}

/** Progress of linking, told to the screen; `code` is the six digits both people compare. */
export type LinkStep =
	| { readonly step: 'waiting'; readonly link: string; readonly expiresAt: Iso }
	| { readonly step: 'compare'; readonly code: string }
	| { readonly step: 'joining' }
	| { readonly step: 'done' }
	| { readonly step: 'failed'; readonly reason: 'expired' | 'cancelled' | 'mismatch' | 'unreachable' | 'invalid' };

export interface LinkSession {
	readonly steps: AsyncIterable<LinkStep>;
	/** The human saw the same six digits on the other device. */
	confirm(): void;
	cancel(): void;
}

export interface CreateTemplate {
	readonly content: JsonObject;
	readonly expiresAt: Iso;
	readonly maxNumberOfAllocations?: number;
	readonly forIdentity?: Address;
	readonly passwordProtection?: PasswordProtection;
}

/** A token for something that has a reference of its own. */
export interface CreateToken {
	readonly expiresAt?: Iso;
	/** Kept nowhere. Default true. */
	readonly ephemeral?: boolean;
	readonly forIdentity?: Address;
	readonly passwordProtection?: PasswordProtection;
}

export interface CreateFile {
	readonly content: Uint8Array;
	readonly filename: string;
	readonly mimetype: string;
	readonly title?: string;
	readonly description?: string;
	readonly tags?: readonly string[];
	/** Default: the end of the year 9999. */
	readonly expiresAt?: Iso;
}

/** The bytes of a file as they come, opened and checked piece by piece. */
export interface Download {
	readonly file: FileRow;
	readonly chunks: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** Signed to show who one is, at this moment (connector-api.md §3.1). */
export interface Challenge {
	readonly id: string;
	readonly expiresAt: Iso;
	readonly createdBy?: Address;
	readonly createdByDevice?: string;
	readonly type: 'Identity' | 'Device' | 'Relationship';
	readonly signature: string;
	readonly challengeString: string;
}

export interface Announcement {
	readonly id: string;
	readonly createdAt: Iso;
	readonly expiresAt?: Iso;
	readonly severity: 'Low' | 'Medium' | 'High';
	readonly title: string;
	readonly body: string;
	readonly actions: readonly { readonly displayName: string; readonly link: string }[];
}

export interface Succession {
	readonly predecessor: AttributeRow;
	readonly successor: AttributeRow;
	readonly notificationId?: string;
}

/** What a request made for the caller says besides its one item (content-model.md §3.3). */
export interface RequestMetadata {
	readonly requestMetadata?: {
		readonly title?: string;
		readonly description?: string;
		readonly metadata?: JsonObject;
		readonly expiresAt?: Iso;
	};
	readonly requestItemMetadata?: { readonly description?: string; readonly metadata?: JsonObject };
}
export interface ShareAttribute extends RequestMetadata {
	readonly attributeId: string;
	readonly peer: Address;
}

export type SettingScope = 'Identity' | 'Device' | 'Relationship';
export interface SettingInput {
	readonly key: string;
	readonly value: Json;
	readonly scope?: SettingScope;
	readonly reference?: string;
	readonly succeedsItem?: string;
	readonly succeedsAt?: Iso;
}
export interface Setting extends SettingInput {
	/** LCLSET… */
	readonly id: string;
	readonly scope: SettingScope;
	readonly createdAt: Iso;
}

export interface Draft {
	/** LCLDRF… */
	readonly id: string;
	readonly type: string;
	readonly createdAt: Iso;
	readonly lastModifiedAt: Iso;
	readonly content: Json;
}

export interface Engine {
	readonly account: {
		/** `publicKey` is base64url of `{"pub":…,"alg":3}` as REST shows it. */
		identityInfo(): { readonly address: Address; readonly publicKey: string };
		/** A real round trip: pulls, folds, publishes, sends what waits. Concurrent calls share one run. */
		sync(): Promise<Result<void>>;
		/**
		 * Until what waits now has left, was refused, or cannot leave for the moment; two seconds at most. Nothing depends on it:
		 * for who answers a caller that expects what it sent to be on its way.
		 */
		attempted(): Promise<void>;
		syncInfo(): { readonly lastSyncRun?: { readonly completedAt: Iso } };
		status(): SyncStatus;
		/** Whether the relay answers now. */
		relayIsHealthy(): Promise<boolean>;
		/** From now on follow the relay's wake-ups and apply what others wrote at once (App, sse module). */
		goLive(): void;
		/** Stop following; own actions still leave at once. */
		stopLive(): void;
		/** Whether this device, and no other of the identity, tells the outside of an event. committed */
		claimEvent(eventId: string): Promise<Result<boolean>>;
	};

	readonly attributes: {
		/** {value, tags?}; codes by content-model.md §3.3. local */
		canCreate(content: JsonObject): Result<void>;
		create(content: JsonObject): Promise<Result<AttributeRow>>;
		/**
		 * local; a succession lost against another device's is put behind it, nothing is dropped. That of an own relationship
		 * attribute is told its peer (`notificationId`), that of an identity attribute nobody.
		 */
		succeed(predecessorId: string, successorContent: JsonObject): Promise<Result<Succession>>;
		/** local; tells a peer that holds an older version. `predecessor` is the version it holds. */
		notifyPeer(id: string, peer: Address): Promise<Result<Required<Succession>>>;
		/** local; a request the peer has to accept, created and sent. */
		share(input: ShareAttribute): Promise<Result<RequestRow>>;
		/** local; the same for a relationship attribute that does not exist yet: `content` {value, key, confidentiality, isTechnical?}. */
		createAndShare(
			input: RequestMetadata & { readonly content: JsonObject; readonly peer: Address }
		): Promise<Result<RequestRow>>;
		/** local; with its predecessors. Whoever holds it is told, one notification each. */
		delete(id: string): Promise<Result<{ notificationIds: string[] }>>;
		/** local; refused where this engine keeps no defaults. */
		changeDefault(id: string): Promise<Result<AttributeRow>>;
		get(id: string): AttributeRow | undefined;
		list(): AttributeRow[];
		/** The same as they are needed, narrowed by what they are looked up by (view-query.ts), in the order of their dates. */
		rows(query?: Query): Iterable<AttributeRow>;
		ownIdentity(options?: { onlyLatestVersions?: boolean }): AttributeRow[];
		/** Forwarded to `peer`, then own relationship attributes with it; default: the newest version it was given. */
		ownShared(peer: Address, options?: { onlyLatestVersions?: boolean }): AttributeRow[];
		/** Received from `peer`. */
		peer(peer: Address, options?: { onlyLatestVersions?: boolean }): AttributeRow[];
		/** Whole chain, newest first. */
		versions(id: string): AttributeRow[];
		/** Versions the peer was given by forwarding, newest first; default: the newest alone. */
		sharedVersions(id: string, peer: Address, options?: { onlyLatestVersions?: boolean }): Result<AttributeRow[]>;
		forwardings(id: string): ForwardingRow[];
		/** Carries out a query (content-model.md §2.2); `@type` may be missing in it. A RelationshipAttributeQuery finds one at most. */
		find(type: AttributeQuery['@type'], query: JsonObject): Result<AttributeRow[]>;
		validateIql(queryString: string): IqlValidation;
		/** Own attributes that could answer a query of a request (content-model.md §2.2), best first. */
		candidates(query: JsonObject): AttributeRow[];
		markViewed(id: string): Promise<Result<AttributeRow>>;
	};

	/** What programs keep about identities: one value per (reference, key). Goes with the relationship. */
	readonly metadata: {
		/** local; `reference` is the own address or that of somebody we have or had a relationship with. */
		set(input: { reference: Address; key?: string; value: Json }): Promise<Result<IdentityMetadataRow>>;
		get(reference: Address, key?: string): Result<IdentityMetadataRow>;
		list(): IdentityMetadataRow[];
		delete(reference: Address, key?: string): Promise<Result<void>>;
	};

	readonly settings: {
		/** local; scope default Identity, reference only for the others. */
		create(input: SettingInput): Promise<Result<Setting>>;
		get(id: string): Setting | undefined;
		/** All that still count; those of a relationship that was decomposed do not. */
		list(): Setting[];
		update(id: string, value: Json): Promise<Result<Setting>>;
		delete(id: string): Promise<Result<void>>;
		/** The newest with that key, reference and scope. */
		byKey(key: string, options?: { reference?: string; scope?: SettingScope }): Setting | undefined;
		/** Changes the newest with that key, reference and scope, or creates it. */
		upsertByKey(input: SettingInput): Promise<Result<Setting>>;
	};

	readonly drafts: {
		create(input: { type?: string; content: Json }): Promise<Result<Draft>>;
		get(id: string): Draft | undefined;
		list(): Draft[];
		update(id: string, content: Json): Promise<Result<Draft>>;
		delete(id: string): Promise<Result<void>>;
	};

	/** What was told about attributes, both ways (content-model.md §5.1). */
	readonly notifications: {
		list(): NotificationRow[];
		get(id: string): NotificationRow | undefined;
	};

	readonly templates: {
		/** committed (the object is at the relay). */
		create(input: CreateTemplate): Promise<Result<TemplateRow>>;
		/** committed (redeem); also takes a token that holds a template. Emits peerRelationshipTemplateLoaded each time. */
		load(reference: string, options?: { password?: string }): Promise<Result<TemplateRow>>;
		get(id: string): TemplateRow | undefined;
		list(): TemplateRow[];
		/** The same as they are needed, narrowed by what they are looked up by (view-query.ts). */
		rows(query?: Query): Iterable<TemplateRow>;
		delete(id: string): Promise<Result<void>>;
		createToken(id: string, input: CreateToken): Promise<Result<TokenRow>>;
	};

	readonly tokens: {
		create(input: {
			content: JsonObject;
			expiresAt: Iso;
			ephemeral?: boolean;
			forIdentity?: Address;
			passwordProtection?: PasswordProtection;
		}): Promise<Result<TokenRow>>;
		load(reference: string, options?: { ephemeral?: boolean; password?: string }): Promise<Result<TokenRow>>;
		get(id: string): TokenRow | undefined;
		list(): TokenRow[];
		/** The same as they are needed, narrowed by what they are looked up by (view-query.ts). */
		rows(query?: Query): Iterable<TokenRow>;
		delete(id: string): Promise<Result<void>>;
	};

	readonly files: {
		/** committed (the bytes are at the relay). */
		create(input: CreateFile): Promise<Result<FileRow>>;
		/** committed (redeem); takes a reference of a file, or of a token that holds one. */
		load(reference: string, options?: { password?: string }): Promise<Result<FileRow>>;
		get(id: string): FileRow | undefined;
		list(): FileRow[];
		/** The same as they are needed, narrowed by what they are looked up by (view-query.ts). */
		rows(query?: Query): Iterable<FileRow>;
		/** Known here: by its id, or by its reference, of which only the id is looked at. */
		find(idOrReference: string): Result<FileRow>;
		/** The first piece is there when it answers; a later one that cannot be had, or was changed, throws. */
		download(id: string): Promise<Result<Download>>;
		createToken(id: string, input: CreateToken): Promise<Result<TokenRow>>;
		/** Own ones also at the relay. */
		delete(id: string): Promise<Result<void>>;
		/** Another ownership token; claims are open again. */
		regenerateOwnershipToken(id: string): Promise<Result<FileRow>>;
		/** Whether the token would move it now. A wrong one by another than the owner locks the file, and the owner is told. */
		validateOwnershipToken(id: string, token: string): Promise<Result<{ isValid: boolean }>>;
	};

	readonly challenges: {
		create(input: { type: Challenge['type']; relationshipId?: string }): Promise<Result<Challenge>>;
		validate(
			challengeString: string,
			signature: string
		): Promise<Result<{ isValid: boolean; correspondingRelationship?: RelationshipRow }>>;
	};

	readonly published: {
		/** For everybody and for this identity; texts in `language` (two letters), else English. Unreachable: as last fetched. */
		announcements(language: string): Promise<Result<Announcement[]>>;
		/** At most five minutes old where the relay can be reached; as last fetched where not. */
		tagCollection(): Promise<Result<AttributeTagCollection>>;
		/** A text the operator has under `code`, shown to the peers at once; nothing is kept. */
		notify(recipients: readonly Address[], code: string): Promise<Result<void>>;
	};

	readonly deletion: {
		/** committed. `days` ≥ 1, default the relay's (14). Peers are told; nothing that comes is read until it is cancelled. */
		initiate(days?: number): Promise<Result<DeletionRow>>;
		/** committed. */
		cancel(): Promise<Result<DeletionRow>>;
		active(): Result<DeletionRow>;
		get(id: string): DeletionRow | undefined;
		list(): DeletionRow[];
	};

	readonly relationships: {
		canCreate(input: { templateId: string; creationContent?: JsonObject }): Result<void>;
		/** Asks the relay whether the template's maker is still there: refuses when it leaves or is gone. */
		checkOwner(templateId: string): Promise<Result<void>>;
		/** committed */
		create(input: { templateId: string; creationContent: JsonObject }): Promise<Result<RelationshipRow>>;
		get(id: string): RelationshipRow | undefined;
		list(): RelationshipRow[];
		/** The same as they are needed, narrowed by what they are looked up by (view-query.ts). */
		rows(query?: Query): Iterable<RelationshipRow>;
		/** What may be done now, by the relationship table. */
		possible(id: string): RelationshipAction[];
		/** committed; order of refusals by connector-api.md §14 (§2.9). `decompose` returns the row as it was. */
		act(id: string, action: Exclude<RelationshipAction, 'create'>): Promise<Result<RelationshipRow>>;
		/** Exchanged with the peer: forwarded ones first. */
		attributes(id: string): AttributeRow[];
	};

	readonly messages: {
		/** local: durable with its outbox entry. */
		send(input: {
			recipients: Address[];
			content: JsonObject;
			attachments?: string[];
		}): Promise<Result<MessageRow>>;
		get(id: string): MessageRow | undefined;
		list(): MessageRow[];
		/** The same as they are needed, narrowed by what they are looked up by (view-query.ts). */
		rows(query?: Query): Iterable<MessageRow>;
		markRead(id: string, read?: boolean): Promise<Result<MessageRow>>;
		/** Discards an own message that was not sent yet. */
		discard(id: string): Promise<Result<void>>;
		/** Tries a failed one again. */
		retry(id: string): Promise<Result<MessageRow>>;
	};

	readonly requests: {
		incoming(): RequestRow[];
		outgoing(): RequestRow[];
		/** The same as they are needed, narrowed by what they are looked up by (view-query.ts). */
		rows(direction: 'incoming' | 'outgoing', query?: Query): Iterable<RequestRow>;
		/** By direction; expiry is judged at this moment. */
		get(id: string, direction: 'incoming' | 'outgoing'): RequestRow | undefined;
		canAccept(id: string, decision: DecideParameters): Result<ValidationResult>;
		canReject(id: string, decision: DecideParameters): Result<ValidationResult>;
		/** local: answers Decided when the intent is durable; what follows (relationship, response message) is the engine's. */
		accept(id: string, decision: DecideParameters): Promise<Result<RequestRow>>;
		reject(id: string, decision: DecideParameters): Promise<Result<RequestRow>>;
		validate(input: { content: JsonObject; peer?: Address }): Result<ValidationResult>;
		/** local (Draft) */
		create(input: { content: JsonObject; peer: Address }): Promise<Result<RequestRow>>;
		/** local; an incoming one that has expired, no other. */
		delete(id: string): Promise<Result<void>>;
		/** local; a draft, nothing that was sent. */
		discard(id: string): Promise<Result<void>>;
		/**
		 * From now on requests that come are given to these rules first (`[{requestConfig, responseConfig}]`, content-model.md
		 * §6); what they cannot decide waits for a person. Refuses rules whose parts do not fit. Returns the way to stop.
		 */
		automate(rules: unknown): Result<() => void>;
	};

	/** What people edit: merges field by field across devices (names, settings, drafts). Never part of a decision. */
	readonly documents: {
		/** Shards: `core` (profile, settings, device names), `rel` (contact names, pins, notes), `drafts`, `req`. */
		read(shard: string, field: string): Json | undefined;
		fields(shard: string, prefix?: string): { readonly [field: string]: Json };
		write(shard: string, field: string, value: Json): Promise<Result<void>>;
		otherVersions(shard: string): OtherVersion[];
	};

	readonly devices: {
		list(): DeviceView[];
		rename(id: string, name: string): Promise<Result<void>>;
		/** New keys for everything written from now on (an admin device; committed). */
		renewKeys(): Promise<Result<void>>;
		/** This (admin) device takes the code a new device shows. */
		admit(link: string): Promise<Result<LinkSession>>;
		/** This (admin) device shows the code for a new device. */
		invite(): Promise<Result<LinkSession>>;
	};

	attention(): AttentionRow[];
	todo(): TodoItem[];

	/** Called for every change that becomes visible, in order. Returns the way to stop. */
	onEvent(listener: (event: EngineEvent) => void): () => void;
	/** Called (coalesced) when anything that reads return may have changed. */
	onChange(listener: () => void): () => void;
	/** Waits until nothing is in flight, then releases the store and the line. */
	close(): Promise<void>;
}
