/** What the operations build on: the engine seen from within (crdt/sync/engine.ts makes it). */
import type { EngineEvent, SyncStatus } from '../api.ts';
import type { Bytes } from '../codec/bytes.ts';
import type { ChainRecord } from '../codec/chain.ts';
import type { AnswerFrame, Operation, RequestOf } from '../codec/frame.ts';
import type { Membership } from '../codec/membership.ts';
import { blinded } from '../crypto/hash.ts';
import type { IdentityKeys } from '../identity/chain.ts';
import type { Signer } from '../identity/speech.ts';
import { refuse, type Refusal } from '../result.ts';
import type { Views } from '../views.ts';
import type { Documents } from './documents.ts';
import type { BuildResult, Intent } from './intent.ts';
import type { EnginePorts } from './ports.ts';
import type { Op, Records } from './record.ts';
import type { Meta } from './rows.ts';

export interface Client {
	readonly id: string;
	readonly secret: string;
}

export interface Self {
	readonly address: string;
	readonly ik: Bytes;
	readonly identityTag: Bytes;
	readonly device: Bytes;
	readonly deviceText: string;
	readonly ordinal: number;
}

export type Outcome = { readonly ok: true; readonly seq: number } | { readonly ok: false; readonly error: Refusal };

/** Everything the operations (crdt/sync/operations*.ts) build on. */
export interface Core {
	readonly ports: EnginePorts;
	readonly self: Self;
	/** Log plus waiting intents: what is shown. */
	top(): Views;
	/** What the log confirmed. */
	base(): Views;
	readonly documents: Documents;
	membership(): Membership;
	keys(): IdentityKeys;
	chain(): readonly ChainRecord[];
	signer(): Signer;
	intents(): readonly Intent[];
	superseded(): Meta['superseded'];
	/** A record operation with a fresh id. */
	rec<K extends keyof Records>(k: K, v: Records[K]): Op;
	/** Before the first write to a document: this process' client id is used up durably. */
	beginWriting(): Promise<void>;
	/** Persists an intent, shows it, and lets it leave when it can. */
	intend(intent: Pick<Intent, 'kind' | 'shown'>): Promise<void>;
	/** Changes a stored intent (retry) or removes it (null). */
	revise(n: number, change: Partial<Intent> | null): Promise<void>;
	/** Builds under the flow lock, commits, and answers when the relay acknowledged; nothing changes when it did not. */
	commitNow(build: (views: Views, mseq: number) => Promise<BuildResult>): Promise<Outcome>;
	/** One call to the relay on a signed-in line. A refusal of the relay is a value; an unreachable one throws. */
	call<O extends Operation>(op: O, body: RequestOf<O>): Promise<AnswerFrame>;
	appendChain(make: (head: Bytes, seq: number) => Promise<Bytes>): Promise<Outcome>;
	sync(): Promise<{ ok: true } | { ok: false; error: Refusal }>;
	/** Until what waits now has left, was refused, or cannot leave for the moment; seconds at most. */
	attempted(): Promise<void>;
	status(): SyncStatus;
	goLive(on: boolean): void;
	relayIsHealthy(): Promise<boolean>;
	onEvent(listener: (event: EngineEvent) => void): () => void;
	onChange(listener: () => void): () => void;
	changed(): void;
	settled(): Promise<void>;
	close(): Promise<void>;
}

/** How a waiting intent becomes a commit; given by the operations. */
export interface Builders {
	/** A lost decision that came to the same: nobody has to be told (PROTOCOL.md §13.2). */
	wasDecidedAlike(core: Core, intent: Intent): boolean;
	build(core: Core, intent: Intent, views: Views): Promise<BuildResult>;
	/** After somebody else's commit took a slot of this intent. Returns what replaces it, or undefined. */
	lost(
		core: Core,
		intent: Intent,
		winner: { readonly device: string; readonly at: string; readonly ops: readonly Op[] }
	): Promise<Pick<Intent, 'kind' | 'shown'> | undefined>;
}

export const UNREACHABLE = refuse('error.transport.request.unknown', 'The relay cannot be reached.');

/** Slots are blinded: the relay sees that two commits want the same thing, never what. */
export const slotOf = (b: Bytes, label: string, ...parts: Uint8Array[]): Bytes => blinded(b, `slot/${label}`, ...parts);
