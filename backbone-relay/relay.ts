/**
 * The relay as functions over ports (PROTOCOL.md §4): it orders, keeps and forwards bytes that it cannot read. The product
 * gives it a disk, a clock and sockets (main.ts); the simulation gives it a memory store and its own time.
 *
 *   connect()  a line: the relay's challenge, request frames in, answer frames out, wake-ups in between
 *   http       the same operations one frame at a time; a signed hello earns a bearer token
 *
 * Every frame is authenticated before it touches state and answered by a value; nothing a client sends makes it throw.
 */
import {
	decodeRequest,
	encodePush,
	encodeRefusal,
	equal,
	isSignedBy,
	loginHash,
	type Bytes,
	type RequestFrame,
	type RequestOf
} from '@enmeshed/crdt/wire';
import { nameOf } from './names.ts';
import { createChallenges } from './challenge.ts';
import { encodeCbor } from './encode.ts';
import { housekeep, type Tidied } from './housekeeping.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { createLines, type OpenLine } from './lines.ts';
import { createMembers, memberOf } from './members.ts';
import { operationOf, type AnyOperation } from './operations/index.ts';
import { entryPage, rootAt } from './operations/log.ts';
import { mailPage } from './operations/mailbox.ts';
import {
	done,
	isGone,
	isRefused,
	refused,
	type Caller,
	type Done,
	type Ground,
	type Outcome,
	type Ration,
	type SignedIn
} from './operations/operation.ts';
import { createSignatureChecks } from './signatures.ts';
import { StoreError, type Account, type Store } from './store/store.ts';
import { DEVELOPMENT, type Publications } from './publications.ts';
import { createTicks } from './tick.ts';
import { createTurns } from './turns.ts';
import { createUploads } from './uploads.ts';

export interface RelayOptions {
	readonly store: Store;
	readonly clock: { now(): number };
	readonly random: { bytes(length: number): Bytes };
	/** Runs a function at the next tick: setImmediate in the product. */
	readonly schedule: (run: () => void) => void;
	/** Ed25519 signature of the relay key over the message as it is (signedMessage of the wire is applied already). */
	readonly sign: (message: Uint8Array) => Bytes;
	readonly relayKey: Bytes;
	readonly addressHost: string;
	readonly limits?: Partial<Limits> | undefined;
	/** Registration needs this client when given; otherwise any client, or none, is accepted. */
	readonly client?: { readonly id: string; readonly secret: string } | undefined;
	/** Checks an entry's signature (domain "entry"); the product spreads this over threads. */
	readonly verifyEntry?: (publicKey: Bytes, hash: Bytes, signature: Bytes) => Promise<boolean>;
	/** Takes one from a ration; answers the seconds to wait, 0 = go on. None = no rations. */
	readonly ration?: (ration: Ration, key: string) => Promise<number>;
	/** Announcements, tags, notification codes; a relay in memory has those of development. */
	readonly publications?: Publications;
	/** A bug or a broken disk. */
	readonly report?: (error: unknown) => void;
}

export interface Line {
	/** What a hello on this line signs. */
	readonly challenge: Bytes;
	/** One request frame in, its answer out. Rejects never. */
	handle(frame: Uint8Array): Promise<Bytes>;
	/** Called with each push frame; at most one listener. */
	onPush(listener: (frame: Bytes) => void): void;
	/** Called when the relay ends the line (its account was erased, or the relay closes). */
	onClose(listener: () => void): void;
	isSignedIn(): boolean;
	close(): void;
}

export interface Answer {
	readonly id: number;
	readonly outcome: Outcome;
}

type Hello = (body: RequestOf<'hello'>) => Promise<Outcome>;

export type Relay = ReturnType<typeof createRelay>;

const entryDomain = (publicKey: Bytes, hash: Bytes, signature: Bytes) =>
	isSignedBy(publicKey, 'entry', hash, signature);

/** The relay's salt: keys hashes of sources, made once per store. */
function saltOf(store: Store, random: RelayOptions['random']): Bytes {
	const known = store.meta('salt');
	if (known) return known;
	const salt = random.bytes(32);
	store.putMeta('salt', salt);
	return salt;
}

export function createRelay(options: RelayOptions) {
	const { store, clock, random } = options;
	const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
	const now = () => clock.now();
	const report = options.report ?? (() => undefined);
	const ground: Ground = {
		store,
		limits,
		members: createMembers(store, limits.memberships),
		now,
		random: (length) => random.bytes(length),
		sign: options.sign,
		signatures: createSignatureChecks(options.verifyEntry ?? entryDomain, options.schedule),
		relayKey: options.relayKey,
		addressHost: options.addressHost,
		client: options.client,
		salt: saltOf(store, random),
		uploads: createUploads(store, limits, now),
		publications: options.publications ?? DEVELOPMENT,
		ration: options.ration ?? (async () => 0),
		push(tag, frame) {
			lines.push(tag, encodePush(frame));
		}
	};
	const challenges = createChallenges(random.bytes(32), now, ground.random, limits);
	const lines = createLines(limits.linesPerAccount);
	const ticks = createTicks({ ground, schedule: options.schedule, wake, report, tickRequests: limits.tickRequests });
	let requests = 0;
	let closed = false;
	ground.publications.onChange((name) => lines.pushAll(encodePush({ push: 'published', name })));

	function wake(tags: readonly Bytes[]): void {
		for (const tag of tags) {
			const account = lines.listens(tag) && store.account(tag);
			if (!account) continue;
			const { seq, mseq, chainSeq } = account;
			lines.push(tag, encodePush({ push: 'wake', seq, mseq, chain: chainSeq }));
		}
	}

	/** The account and device of a caller, if both still belong together. */
	async function stillMember(caller: Caller): Promise<boolean> {
		const { account: who } = caller;
		const account = who && store.account(who.tag);
		if (!who || !account || isGone(account, now())) return false;
		return memberOf(await ground.members.load(account.tag, account.chainHead), who.device) !== undefined;
	}

	async function rationed(
		caller: Caller,
		op: RequestFrame['op'],
		operation: AnyOperation
	): Promise<Outcome | undefined> {
		const ration = op === 'register' ? 'registration' : operation.access === 'anonymous' ? 'anonymous' : 'write';
		if (ration === 'write' && operation.kind === 'read' && !operation.isRationed) return undefined;
		const key = ration === 'write' ? nameOf(caller.account!.tag) : caller.source;
		const retryAfter = await ground.ration(ration, key);
		return retryAfter > 0 ? refused('rate-limited', { retryAfter }) : undefined;
	}

	async function withContent(outcome: Outcome): Promise<Outcome> {
		if (!outcome.ok || !outcome.content) return outcome;
		const { content } = outcome;
		const bytes = 'bytes' in content ? content.bytes : await store.readBlob(content.blob);
		return bytes ? done({ ...outcome.fields, bytes }) : refused('object-not-found');
	}

	/** Takes the request's place in the queue at once, so that a client's requests keep their order. */
	function write(
		operation: AnyOperation & { kind: 'write' },
		caller: SignedIn,
		body: never,
		staged: unknown
	): Promise<Outcome> {
		let prepared = staged;
		const ready = operation
			.prepare?.(ground, caller, body)
			.then((value) => (prepared = value))
			.catch((error: unknown) => {
				report(error);
				prepared = refused('unavailable');
			});
		return new Promise((resolve) => {
			ticks.enqueue({
				ready,
				apply: (effects) =>
					isRefused(prepared) ? prepared : operation.apply(ground, caller, body, prepared, effects),
				answer(outcome) {
					if (!outcome.ok && operation.abandon && staged !== undefined)
						void operation.abandon(ground, staged).catch(report);
					resolve(outcome);
				}
			});
		});
	}

	async function perform(
		request: RequestFrame & { op: Exclude<RequestFrame['op'], 'hello'> },
		caller: Caller
	): Promise<Outcome> {
		const operation = operationOf(request.op);
		const body = request.body as never;
		if (operation.access === 'device' && !caller.account) return refused('not-signed-in');
		const refusal = await rationed(caller, request.op, operation);
		if (refusal) return refusal;
		if (operation.kind === 'read') return operation.answer(ground, caller as SignedIn, body);
		const staged = await operation.before?.(ground, caller as SignedIn, body);
		if (isRefused(staged)) return staged;
		return withContent(await write(operation, caller as SignedIn, body, staged));
	}

	/** Anything thrown here is a bug or the disk: reported, answered `unavailable`, and the line lives on. */
	async function guarded(work: () => Promise<Outcome>): Promise<Outcome> {
		try {
			return await work();
		} catch (error) {
			if (error instanceof StoreError && error.fault === 'full') return refused('storage-full');
			report(error);
			return refused('unavailable');
		}
	}

	/** Frames beyond `atOnce` wait as bytes, in their order: a decoded request takes ten times its frame in memory. */
	const inTurn = createTurns(limits.atOnce);
	const answer = (frame: Uint8Array, caller: () => Caller, hello: Hello): Promise<Answer> =>
		inTurn(() => answerNow(frame, caller, hello));

	async function answerNow(frame: Uint8Array, caller: () => Caller, hello: Hello): Promise<Answer> {
		requests++;
		if (closed) return { id: 0, outcome: refused('unavailable') };
		if (frame.length > limits.frameBytes) return { id: 0, outcome: refused('too-large') };
		const parsed = decodeRequest(frame);
		if (!parsed.ok) return { id: parsed.id, outcome: refused(parsed.type, { detail: parsed.detail }) };
		const { request } = parsed;
		if (request.op === 'hello')
			return { id: request.id, outcome: await guarded(() => hello(request.body as RequestOf<'hello'>)) };
		const here = { ...request, op: request.op };
		return { id: request.id, outcome: await guarded(() => perform(here, caller())) };
	}

	/** The account whose device signed the challenge. An unknown identity costs a signature check too. */
	async function login(challenge: Bytes, body: RequestOf<'hello'>): Promise<Account | undefined> {
		const account = store.account(body.identityTag);
		const membership =
			account && !isGone(account, now()) && (await ground.members.load(account.tag, account.chainHead));
		const member = membership ? memberOf(membership, body.device) : undefined;
		const hash = loginHash(challenge, options.relayKey, body.identityTag, body.device);
		const signed = await isSignedBy(member?.ds ?? options.relayKey, 'login', hash, body.signature);
		return member && signed ? account : undefined;
	}

	async function loginRation(source: string): Promise<Outcome | undefined> {
		const retryAfter = await ground.ration('login', source);
		return retryAfter > 0 ? refused('rate-limited', { retryAfter }) : undefined;
	}

	/** What a device gets when it comes: where it stands, and the first page of what it has not seen. */
	function welcome(account: Account, { cursor, root, mailCursor, chainSeq }: RequestOf<'hello'>): Done {
		const here = rootAt(ground, account, cursor);
		return done({
			seq: account.seq,
			root: account.root,
			rootMatches: here !== undefined && equal(here, root),
			mseq: account.mseq,
			chain: store.chainAfter(account.tag, chainSeq),
			entries: entryPage(ground, account.tag, cursor),
			mail: mailPage(ground, account.tag, mailCursor) as unknown as []
		});
	}

	const encode = ({ id, outcome }: Answer): Bytes =>
		outcome.ok
			? encodeCbor({ ...outcome.fields, v: 1, id, ok: true })
			: encodeRefusal(id, outcome.type, outcome.fields);

	function connect(from: { source?: string } = {}): Line {
		const source = from.source ?? '';
		const challenge = challenges.challenge();
		const caller: { current: Caller } = { current: { source } };
		let listener: ((frame: Bytes) => void) | undefined;
		let onEnd: (() => void) | undefined;
		const line: OpenLine = { caller, push: (frame) => listener?.(frame), end: () => onEnd?.() };
		lines.enter(line);

		async function hello(body: RequestOf<'hello'>): Promise<Outcome> {
			const account = await login(challenge, body);
			if (!account) return (await loginRation(source)) ?? refused('login-failed');
			if (!lines.signIn(line, account.tag)) return refused('rate-limited', { retryAfter: 60 });
			caller.current = { source, account: { tag: account.tag, device: body.device } };
			return welcome(account, body);
		}

		return {
			challenge,
			handle: async (frame) => encode(await answer(frame, () => caller.current, hello)),
			onPush: (to) => void (listener = to),
			onClose: (to) => void (onEnd = to),
			isSignedIn: () => caller.current.account !== undefined,
			close: () => lines.leave(line)
		};
	}

	/** One frame without a line. A token that does not hold is `not-signed-in`, also for an anonymous operation. */
	async function handleHttp(
		frame: Uint8Array,
		from: { source: string; token?: string | undefined }
	): Promise<Answer> {
		const account = from.token === undefined ? undefined : challenges.parseToken(from.token);
		const caller: Caller = account ? { source: from.source, account } : { source: from.source };
		if (from.token !== undefined && !(await stillMember(caller)))
			return { id: 0, outcome: refused('not-signed-in') };
		return answer(
			frame,
			() => caller,
			async () => refused('login-failed', { detail: 'hello goes to /v1/session' })
		);
	}

	/** A hello over HTTP: answers like on a line, and with `token` and `expiresAt`. */
	async function session(frame: Uint8Array, from: { source: string; challenge: Bytes }): Promise<Answer> {
		const caller: Caller = { source: from.source };
		const result = await answer(
			frame,
			() => caller,
			async (body) => {
				const account = challenges.redeem(from.challenge) ? await login(from.challenge, body) : undefined;
				if (!account) return (await loginRation(from.source)) ?? refused('login-failed');
				const bearer = challenges.token(account.tag, body.device);
				return done({ ...welcome(account, body).fields, ...bearer });
			}
		);
		return result;
	}

	return {
		limits,
		connect,
		http: { challenge: () => challenges.challenge(), session, handle: handleHttp },
		/** Erases and forgets what is due, in small transactions. Safe to run at any time, as often as one likes. */
		housekeep: (): Promise<Tidied> => housekeep(ground, lines.end, () => closed),
		stats: () => ({
			...ticks.state(),
			requests,
			lines: lines.count()
		}),
		/** Takes nothing more, finishes the running tick, ends all lines. The store stays open: its owner closes it. */
		async close(): Promise<void> {
			closed = true;
			await ticks.idle();
			ticks.stop();
			await ground.uploads.close();
			lines.endAll();
		}
	};
}
