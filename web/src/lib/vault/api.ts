/**
 * What a page may ask of the vault: the worker that owns keys, documents, storage and the line to the relay. Pages get rows and
 * results, never keys. Calls go through comlink (worker.ts exposes, client.ts wraps); what changed is told over a broadcast
 * channel, so that every tab sees it at once.
 */
import type {
	AttentionRow,
	AttributeRow,
	DeviceView,
	Engine,
	ForwardingRow,
	Iso,
	Json,
	LinkStep,
	MessageRow,
	OtherVersion,
	Preview,
	RelationshipAction,
	RelationshipRow,
	RequestRow,
	Result,
	SyncStatus,
	TemplateRow,
	TodoItem
} from '@enmeshed/crdt';
import type { FileView } from './files.ts';

/** A profile on this device: one identity. The list is sealed too; the id is random and stays here. */
export interface ProfileEntry {
	readonly id: string;
	readonly name: string;
	readonly address: string;
	readonly createdAt: Iso;
	readonly lastUsedAt: Iso;
}

/** Why the App cannot work here or now; each has its own page of explanation (S06). */
export type ProblemCause =
	| 'unsupported'
	| 'insecure'
	| 'storageBlocked'
	| 'storageFull'
	| 'locked'
	| 'newer'
	| 'damaged'
	| 'worker'
	| 'missing'
	| 'unknown';
export interface Problem {
	readonly cause: ProblemCause;
	/** For the details a person may copy; never a key or a user's text. */
	readonly detail?: string;
}
/** Detail of a profile that cannot be made because the relay's version document was never seen on this device. */
export const NEVER_ONLINE = 'never-online';
export type Outcome<T> = Result<T, Problem>;

/** Rows a page sees, by table; each row has an id and is replaced when it changes. */
export interface RowTables {
	readonly relationships: RelationshipRow;
	readonly messages: MessageRow;
	readonly incoming: RequestRow;
	readonly outgoing: RequestRow;
	readonly attributes: AttributeRow;
	readonly forwardings: ForwardingRow;
	readonly templates: TemplateRow;
	readonly attention: AttentionRow;
	readonly files: FileView;
}
export type RowTable = keyof RowTables;

export const SHARDS = ['core', 'rel', 'req', 'drafts'] as const;
export type Shard = (typeof SHARDS)[number];

/** The rest of what a page sees: small, compared and sent whole. */
export interface Values {
	readonly identity: { readonly address: string; readonly publicKey: string };
	readonly status: SyncStatus;
	readonly todo: readonly TodoItem[];
	readonly devices: readonly DeviceView[];
	/** What may be done with each relationship now. */
	readonly possible: { readonly [relationshipId: string]: readonly RelationshipAction[] };
	readonly documents: { readonly [S in Shard]: { readonly [field: string]: Json } };
	readonly otherVersions: readonly OtherVersion[];
}

/** What changed since a page looked last. `reset`: the vault was started anew, forget what you have. */
export interface Delta {
	readonly instance: string;
	readonly rev: number;
	readonly reset: boolean;
	readonly rows: {
		readonly [T in RowTable]?: { readonly put: readonly RowTables[T][]; readonly gone: readonly string[] };
	};
	readonly values: Partial<Values>;
}

export type { FileView, Preview };

/** What a code says about its password; never the password. */
export interface PasswordHint {
	/** Digits of a PIN; undefined for a password. */
	readonly pinLength?: number;
	/** Where the recipient finds it (connector-api.md §4.2). */
	readonly where?: number;
}

export interface ParsedReference {
	readonly kind: 'template' | 'token' | 'file';
	readonly id: string;
	readonly forIdentityTail?: string;
	/** There when it is protected. */
	readonly password?: PasswordHint;
	readonly relayUrl?: string;
}

export interface PendingLink {
	readonly text: string;
	readonly keptAt: Iso;
}

/** A running link of two devices, as a screen shows it. */
export interface LinkView {
	readonly id: string;
	readonly step: LinkStep;
	/** New device only: the profile that came to be. */
	readonly profile?: ProfileEntry;
	/** New device only: why it did not. */
	readonly problem?: Problem;
}

/** The parts of the engine a page may call; reading goes through `read`. */
export type Callable = Pick<
	Engine,
	| 'account'
	| 'attributes'
	| 'templates'
	| 'tokens'
	| 'relationships'
	| 'messages'
	| 'requests'
	| 'documents'
	| 'devices'
>;

export interface Vault {
	/** Answers as soon as the worker runs; says whether this browser can carry it. */
	hello(): Promise<Outcome<{ readonly instance: string }>>;
	profiles(): Promise<Outcome<readonly ProfileEntry[]>>;
	/** Works offline: the address host comes from the relay's version document, precached with the shell. */
	createProfile(input: { readonly name: string; readonly deviceName: string }): Promise<Outcome<ProfileEntry>>;
	renameProfile(id: string, name: string): Promise<void>;
	/** Takes the profile's data off this device; the identity itself stays what it is. */
	removeProfile(id: string): Promise<void>;

	/** A link opened before there was a profile: kept sealed, at most a day. */
	keepLink(text: string): Promise<void>;
	keptLink(): Promise<PendingLink | undefined>;
	forgetLink(): Promise<void>;

	parse(reference: string): Promise<Result<ParsedReference>>;
	/** Looks at a template or token without using it up and without a profile. */
	preview(reference: string): Promise<Result<Preview>>;

	open(profile: string): Promise<Outcome<ProfileEntry>>;
	read(profile: string, since: { readonly instance: string; readonly rev: number } | undefined): Promise<Delta>;
	/** `path` such as `requests.accept`. */
	call(profile: string, path: string, args: readonly unknown[]): Promise<unknown>;
	/** Seals the file and puts it at the relay. */
	addFile(profile: string, file: File): Promise<Result<FileView>>;
	/** What is behind a reference to a file. */
	loadFile(profile: string, reference: string, password?: string): Promise<Result<FileView>>;
	/** The bytes of a file that is known. */
	fileBytes(profile: string, id: string): Promise<Result<Blob>>;
	/** The person is back (tab shown, network back): look for news now. */
	wake(profile: string): Promise<void>;

	/** New device: shows a code, or takes the link the other device shows. */
	join(input: { readonly deviceName: string; readonly link?: string }): Promise<Outcome<string>>;
	/** Device that is in: shows a code, or takes the link the new device shows. */
	admit(profile: string, link?: string): Promise<Result<string>>;
	link(id: string): Promise<LinkView | undefined>;
	confirmLink(id: string): Promise<void>;
	cancelLink(id: string): Promise<void>;
}

/** News for all tabs. */
export type VaultNews =
	| { readonly kind: 'changed'; readonly profile: string }
	| { readonly kind: 'profiles' }
	| { readonly kind: 'link'; readonly view: LinkView }
	| { readonly kind: 'closed'; readonly profile: string; readonly problem: Problem };

export const NEWS_CHANNEL = 'enmeshed-vault-news';
