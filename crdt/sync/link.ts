/**
 * Linking a device (PROTOCOL.md §11). A code `{relay, rendezvous 16, secret 32}` travels by QR or link; four slots at the
 * relay, sealed under the secret, carry the rest. N commits before it sees anything of A, so six digits suffice.
 *
 *   slot 0  N → A   commitment = SHA-256(DS ‖ DK ‖ rN)
 *   slot 1  A → N   address, genesis hash, rA
 *   slot 2  N → A   DS, DK, rN, name
 *   slot 3  A → N   done: seq of the add-device record
 *
 *   digits = SHA-256(address ‖ genesis hash ‖ rA ‖ DS ‖ DK ‖ rN) mod 10^6, compared by people on both; both confirm.
 *
 * Either side may show the code. N resumes from its store after a crash; A's record is idempotent by DS; nothing before
 * slot 3 leaves a trace in the chain.
 */
import type { LinkSession, LinkStep } from '../api.ts';
import { concat, equal, fromBase64Url, readUint, toBase64Url, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import { fromCbor, toCbor, type Cbor } from '../codec/cbor.ts';
import type { AnswerFrame } from '../codec/frame.ts';
import { domainHash, hkdf } from '../crypto/hash.ts';
import { open, seal } from '../crypto/seal.ts';
import { devicePart, makeDeviceKeys, type DeviceKeys } from '../identity/create.ts';
import { makeChainRecord } from '../identity/chain.ts';
import { deviceIdOf } from '../codec/membership.ts';
import { asMap, type CborMap } from '../identity/speech.ts';
import type { Clock, Random, Relay } from '../ports.ts';
import { ok, refuse, type Result } from '../result.ts';
import type { Core } from './core.ts';
import { openLine, type Line } from './line.ts';

/** A code is good for ten minutes, once. */
const LINK_TTL_MS = 600_000;
const POLL_MS = 700;

interface Code {
	readonly url: string;
	readonly rendezvous: Bytes;
	readonly secret: Bytes;
}

export const writeCode = ({ url, rendezvous, secret }: Code): string =>
	`${url}/link#${toBase64Url(concat(rendezvous, secret))}`;

function parseCode(text: string): Code | undefined {
	const match = /^(https?:\/\/.+)\/link#([A-Za-z0-9_-]{64})$/.exec(text.trim());
	const bytes = match && fromBase64Url(match[2]!);
	return match && bytes?.length === 48
		? { url: match[1]!, rendezvous: bytes.slice(0, 16), secret: bytes.slice(16) }
		: undefined;
}

// --- slots ---------------------------------------------------------------------------------------------------------

type Call = (op: 'rendezvousPut' | 'rendezvousGet', body: never) => Promise<AnswerFrame>;

interface Rendezvous {
	put(slot: number, value: CborMap): Promise<boolean>;
	/** Waits until the other side wrote it; undefined when time ran out or it was cancelled. */
	take(slot: number): Promise<CborMap | undefined>;
}

function openRendezvous(
	clock: Clock,
	random: Random,
	call: Call,
	{ rendezvous, secret }: Code,
	deadline: number,
	signal: AbortSignal
): Rendezvous {
	const key = (slot: number) => hkdf(secret, rendezvous, utf8(`enmeshed/link/${slot}`), 32);
	const aad = (slot: number) => concat(rendezvous, Uint8Array.of(slot));
	return {
		async put(slot, value) {
			const nonce = random.bytes(12);
			const bytes = concat(nonce, await seal(key(slot), nonce, aad(slot), toCbor(value)));
			return (await call('rendezvousPut', { rendezvous, slot, bytes } as never)).ok;
		},
		async take(slot) {
			while (!signal.aborted && clock.now() < deadline) {
				const answer = await call('rendezvousGet', { rendezvous, slot } as never);
				const bytes = answer.ok ? answer.body['bytes'] : undefined;
				if (bytes instanceof Uint8Array && bytes.length > 12) {
					const opened = await open(key(slot), bytes.slice(0, 12), aad(slot), bytes.slice(12));
					return opened && asMap(fromCbor(opened));
				}
				await clock.sleep(POLL_MS, signal);
			}
			return undefined;
		}
	};
}

const commitmentOf = (ds: Bytes, dk: Bytes, rN: Bytes): Bytes => domainHash('link-commit', ds, dk, rN);

export function digitsOf(address: string, genesis: Bytes, rA: Bytes, ds: Bytes, dk: Bytes, rN: Bytes): string {
	const hash = domainHash('link-digits', utf8(address), genesis, rA, ds, dk, rN);
	return String(readUint(hash, 0, 6) % 1_000_000).padStart(6, '0');
}

const bytesOf = (value: Cbor | undefined, length: number): Bytes | undefined =>
	value instanceof Uint8Array && value.length === length ? (value as Bytes) : undefined;

// --- a session as screens see it -------------------------------------------------------------------------------------

interface Steps {
	readonly session: LinkSession;
	tell(step: LinkStep): void;
	readonly confirmed: Promise<boolean>;
	readonly signal: AbortSignal;
}

function createSteps(): Steps {
	const queue: LinkStep[] = [];
	let wake: (() => void) | undefined;
	let ended = false;
	let answer: (yes: boolean) => void = () => undefined;
	const confirmed = new Promise<boolean>((resolve) => (answer = resolve));
	const abort = new AbortController();
	/** Leaving a loop over the steps early does not end them: the next loop goes on. */
	async function next(): Promise<IteratorResult<LinkStep>> {
		for (;;) {
			const step = queue.shift();
			if (step) return { done: false, value: step };
			if (ended) return { done: true, value: undefined };
			await new Promise<void>((resolve) => (wake = resolve));
		}
	}
	const tell = (step: LinkStep) => {
		if (ended) return;
		queue.push(step);
		ended = step.step === 'done' || step.step === 'failed';
		wake?.();
	};
	return {
		session: {
			steps: { [Symbol.asyncIterator]: () => ({ next }) },
			confirm: () => answer(true),
			cancel() {
				abort.abort();
				answer(false);
				tell({ step: 'failed', reason: 'cancelled' });
			}
		},
		tell,
		confirmed,
		signal: abort.signal
	};
}

// --- the device that is in already -----------------------------------------------------------------------------------

/** Admits another device: takes the code it shows, or shows one. */
export function admitDevice(core: Core, given: { readonly link?: string }): Result<LinkSession> {
	const { clock, random, relay } = core.ports;
	if (core.membership().members.get(toHex(core.self.device))?.role !== 'admin')
		return refuse('error.app.notAdmin', 'This device may not add others.');
	const parsed = given.link === undefined ? undefined : parseCode(given.link);
	if (given.link !== undefined && !parsed) return refuse('error.app.noDeviceCode', 'This is not a device code.');
	const code = parsed ?? { url: relay.url, rendezvous: random.bytes(16), secret: random.bytes(32) };
	const steps = createSteps();
	const deadline = clock.now() + LINK_TTL_MS;
	if (!parsed) steps.tell({ step: 'waiting', link: writeCode(code), expiresAt: new Date(deadline).toISOString() });
	const meeting = openRendezvous(clock, random, core.call as unknown as Call, code, deadline, steps.signal);
	admit(core, meeting, steps).catch(() => steps.tell({ step: 'failed', reason: 'unreachable' }));
	return ok(steps.session);
}

async function admit(core: Core, meeting: Rendezvous, steps: Steps): Promise<void> {
	const { random, clock } = core.ports;
	const first = await meeting.take(0);
	const commitment = bytesOf(first?.['commitment'], 32);
	if (!commitment) return steps.tell({ step: 'failed', reason: first ? 'invalid' : 'expired' });
	const genesisHash = domainHash('link-genesis', core.chain()[0]!.publicBytes);
	const rA = random.bytes(32);
	await meeting.put(1, { address: core.self.address, genesis: genesisHash, tag: core.self.identityTag, rA });
	const reveal = await meeting.take(2);
	const ds = bytesOf(reveal?.['ds'], 32);
	const dk = bytesOf(reveal?.['dk'], 1216);
	const rN = bytesOf(reveal?.['rN'], 32);
	if (!ds || !dk || !rN || !equal(commitmentOf(ds, dk, rN), commitment))
		return steps.tell({ step: 'failed', reason: reveal ? 'mismatch' : 'expired' });
	steps.tell({ step: 'compare', code: digitsOf(core.self.address, genesisHash, rA, ds, dk, rN) });
	if (!(await steps.confirmed)) return;
	steps.tell({ step: 'joining' });
	const seq = await addDevice(core, { ds, dk });
	if (seq === undefined) return steps.tell({ step: 'failed', reason: 'unreachable' });
	await meeting.put(3, { seq, time: clock.now() });
	steps.tell({ step: 'done' });
}

/** The add-device record, or the one that is there already for this key. */
async function addDevice(core: Core, { ds, dk }: { ds: Bytes; dk: Bytes }): Promise<number | undefined> {
	const id = deviceIdOf(ds);
	const known = core.membership().members.get(toHex(id));
	if (known) return known.ordinal;
	// Made anew at each attempt: another device may have begun an epoch meanwhile.
	const outcome = await core.appendChain((prev, seq) => {
		const { b, epochs } = core.keys();
		const { epoch } = core.membership();
		return makeChainRecord(core.ports.random, {
			prev,
			seq,
			body: { type: 1, device: devicePart({ id, ds, dk }, 'admin'), time: core.ports.clock.now() },
			signer: core.self.device,
			key: core.signer().key,
			give: { to: [{ id, dk }], epoch, e: epochs.get(epoch)!, b },
			dk
		});
	});
	return outcome.ok ? outcome.seq : undefined;
}

// --- the new device ---------------------------------------------------------------------------------------------------

/** What a new device must keep until it is in: made before the first slot is written. */
export interface Joining {
	readonly keys: DeviceKeys;
	readonly rN: Bytes;
	readonly code: Code;
	readonly deadline: number;
}

export async function beginJoining(
	clock: Clock,
	random: Random,
	relay: Relay,
	link: string | undefined
): Promise<Joining | undefined> {
	const code =
		link === undefined
			? { url: relay.url, rendezvous: random.bytes(16), secret: random.bytes(32) }
			: parseCode(link);
	if (!code) return undefined;
	return { keys: await makeDeviceKeys(random), rN: random.bytes(32), code, deadline: clock.now() + LINK_TTL_MS };
}

export interface Joined {
	readonly identityTag: Bytes;
	readonly genesis: Bytes;
	readonly address: string;
}

export function joinDevice(
	{ clock, random, relay }: { clock: Clock; random: Random; relay: Relay },
	joining: Joining,
	name: string,
	shows: boolean
): {
	session: LinkSession;
	joined: Promise<Joined | undefined>;
	finish(step: 'done' | 'unreachable' | 'invalid'): void;
} {
	const steps = createSteps();
	if (shows)
		steps.tell({
			step: 'waiting',
			link: writeCode(joining.code),
			expiresAt: new Date(joining.deadline).toISOString()
		});
	const joined = join({ clock, random, relay }, joining, name, steps).catch(() => {
		steps.tell({ step: 'failed', reason: 'unreachable' });
		return undefined;
	});
	return {
		session: steps.session,
		joined,
		finish: (step) => steps.tell(step === 'done' ? { step } : { step: 'failed', reason: step })
	};
}

async function join(
	{ clock, random, relay }: { clock: Clock; random: Random; relay: Relay },
	{ keys, rN, code, deadline }: Joining,
	name: string,
	steps: Steps
): Promise<Joined | undefined> {
	let line: Line | undefined;
	const call: Call = async (op, body) => {
		if (!line?.isOpen())
			line = await openLine(
				relay,
				() => undefined,
				() => undefined
			);
		return line.call(op, body);
	};
	try {
		const meeting = openRendezvous(clock, random, call, code, deadline, steps.signal);
		await meeting.put(0, { commitment: commitmentOf(keys.ds, keys.dk, rN) });
		const hello = await meeting.take(1);
		const genesis = bytesOf(hello?.['genesis'], 32);
		const identityTag = bytesOf(hello?.['tag'], 16);
		const rA = bytesOf(hello?.['rA'], 32);
		const address = hello?.['address'];
		if (!genesis || !identityTag || !rA || typeof address !== 'string') {
			steps.tell({ step: 'failed', reason: hello ? 'invalid' : 'expired' });
			return undefined;
		}
		await meeting.put(2, { ds: keys.ds, dk: keys.dk, rN, name });
		steps.tell({ step: 'compare', code: digitsOf(address, genesis, rA, keys.ds, keys.dk, rN) });
		if (!(await steps.confirmed)) return undefined;
		steps.tell({ step: 'joining' });
		const done = await meeting.take(3);
		if (!done) {
			steps.tell({ step: 'failed', reason: 'expired' });
			return undefined;
		}
		return { identityTag, genesis, address };
	} finally {
		line?.close();
	}
}
