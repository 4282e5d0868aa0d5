/**
 * What the engine of one identity holds in memory: the chain, the log's tail and what the log folded to, mail that waits, own
 * things that wait. One object, changed by the parts of the engine only (fold, intake, sending, outbox, connection).
 */
import { toHex, type Bytes } from '../codec/bytes.ts';
import { decodeChainRecord, type ChainRecord } from '../codec/chain.ts';
import type { MailItem } from '../codec/frame.ts';
import { deviceIdText } from '../codec/ids.ts';
import { EMPTY_ROOT } from '../codec/log.ts';
import { extendMembership, type Membership } from '../codec/membership.ts';
import { domainHash } from '../crypto/hash.ts';
import { fillEpochs, openChainRecord, type IdentityKeys } from '../identity/chain.ts';
import { memoryViews } from '../memory-views.ts';
import type { Views } from '../views.ts';
import type { Self } from './core.ts';
import { createDocuments, type Documents } from './documents.ts';
import type { Intent } from './intent.ts';
import { isKept, keptUpdates, readFold } from './kept.ts';
import type { LogState } from './log.ts';
import type { EnginePorts } from './ports.ts';
import { getMeta, type Meta } from './rows.ts';

/** A session of ours: one process start, until something refuses it. */
export interface OwnSession {
	readonly id: Bytes;
	readonly ordinal: number;
	readonly epoch: number;
	readonly key: Bytes;
	readonly sseq: number;
	readonly last: Bytes;
}

export interface State {
	readonly ports: EnginePorts;
	readonly self: Self;
	readonly signingKey: NonNullable<Awaited<ReturnType<EnginePorts['store']['secret']>>>;
	/** Opens what was sealed to this device. */
	readonly device: { readonly id: Bytes; readonly seed: Bytes };
	readonly documents: Documents;
	/** Fold of the log. */
	readonly base: Views;

	chain: readonly ChainRecord[];
	membership: Membership;
	keys: IdentityKeys;
	log: LogState;
	mailCursor: number;
	/** Newest mail the log has folded. */
	mailFolded: number;
	/** Fetched and persisted, not in the log yet. */
	rawMail: readonly MailItem[];
	/** Why nothing is sealed any more. */
	frozen: string | undefined;
	registered: boolean;
	/** Pinned at first contact. */
	relayKey: Bytes | undefined;
	superseded: Meta['superseded'];
	lastSync: number | undefined;
	sessionsUsed: number;
	session: OwnSession | undefined;
	/** The ordinal documents write under, persisted before the first write. */
	writing: Promise<number> | undefined;
	/** Waiting intents shown on top of the base. */
	top: Views;
	intents: readonly Intent[];
	nextIntent: number;
	/** Follows the relay's wake-ups. */
	live: boolean;
	closed: boolean;
	offline: boolean;
	/** Conversations under way. */
	working: number;
	/** Whether the conversation under way may read what others wrote. */
	wantsAll: boolean;
	/** How far log and mailbox reach, as the hello of this conversation said, once what it brought is taken. */
	tail: { readonly seq: number; readonly mseq: number } | undefined;
	/** The relay asked for patience until then. */
	retryAfter: number;
	/** Nothing is told while a store is read for the first time. */
	publishing: boolean;
	/** Entries of other own devices were folded since the last time that was told. */
	siblingsWrote: boolean;
}

/** The state as the store knows it; log, mail and intents are read by the engine. Throws when the store holds no identity. */
export async function loadState(ports: EnginePorts): Promise<State> {
	const { store } = ports;
	const signingKey = await store.secret('ds');
	const own = await getMeta(store, 'keys');
	if (!signingKey || !own) throw new Error('this store holds no identity');
	const device = { id: domainHash('device', own.ds).slice(0, 16), seed: own.dkSeed };
	let known: Chained | undefined;
	for (const [, bytes] of await store.range('chain')) known = (await extendChain(known, bytes, device)) ?? known;
	const genesis = known?.chain[0]?.body;
	const me = known?.membership.members.get(toHex(device.id));
	if (genesis?.type !== 0 || !known || !me) throw new Error('this device is not in the chain it keeps');
	const base = ports.views ?? memoryViews();
	const { identityTag } = known.membership;
	const cursor = (await getMeta(store, 'cursor')) ?? { seq: 0, root: EMPTY_ROOT };
	const stands = isKept(base) ? readFold(base, { identityTag, ...known, cursor }) : undefined;
	if (isKept(base) && !stands) base.reset();
	return {
		ports,
		self: {
			address: genesis.address,
			ik: genesis.ik,
			identityTag,
			device: device.id,
			deviceText: deviceIdText(own.ds),
			ordinal: me.ordinal
		},
		signingKey,
		device,
		documents: createDocuments(isKept(base) ? keptUpdates(base) : undefined),
		base,
		...known,
		log: stands?.log ?? {
			cursor: 0,
			root: EMPTY_ROOT,
			roots: new Map([[0, EMPTY_ROOT.slice(0, 16)]]),
			sessions: new Map()
		},
		mailCursor: (await getMeta(store, 'mailCursor'))?.mseq ?? 0,
		mailFolded: stands?.mailFolded ?? 0,
		rawMail: [],
		frozen: (await getMeta(store, 'frozen'))?.reason,
		registered: (await getMeta(store, 'registered')) !== undefined,
		relayKey: (await getMeta(store, 'relayKey'))?.key,
		superseded: (await getMeta(store, 'superseded')) ?? {},
		lastSync: (await getMeta(store, 'sync'))?.at,
		sessionsUsed: (await getMeta(store, 'sessions'))?.used ?? 0,
		session: undefined,
		writing: undefined,
		top: memoryViews(base),
		intents: [],
		nextIntent: 1,
		live: false,
		closed: false,
		offline: true,
		working: 0,
		wantsAll: false,
		tail: undefined,
		retryAfter: 0,
		publishing: false,
		siblingsWrote: false
	};
}

export interface Chained {
	readonly chain: readonly ChainRecord[];
	readonly membership: Membership;
	readonly keys: IdentityKeys;
}

/** The chain with one more record; undefined when it does not continue it. */
export async function extendChain(
	known: Chained | undefined,
	bytes: Bytes,
	device: State['device']
): Promise<Chained | undefined> {
	const record = decodeChainRecord(bytes);
	if (!record) return undefined;
	const extended = await extendMembership(known?.membership, record);
	if (!extended.ok) return undefined;
	const chain = [...(known?.chain ?? []), record];
	const keys = await fillEpochs((await openChainRecord(known?.keys, record, device))!, chain);
	return { chain, membership: extended.membership, keys };
}

/** Something of ours has to leave still. */
export const isWaiting = ({ intents }: State): boolean => intents.some(({ failed }) => !failed);
