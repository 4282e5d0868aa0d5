/**
 * A relay that lies (trials.md B.1): the real one, with answers changed on their way to the devices of one identity. Each row
 * says in which flows the lie is told, how a device that is lied to ends, and what the person sees. What must never happen is
 * checked by the world's own invariants: nothing forged is accepted, nothing of the honest user's own is lost or leaked, and
 * once the relay is honest again every device that did not freeze agrees with the others.
 */
import { createHash } from 'node:crypto';
import { equal, type Bytes } from '../codec/bytes.ts';
import type { Cbor } from '../codec/cbor.ts';
import {
	decodeFromRelay,
	decodeRequest,
	encodeAnswer,
	encodeRefusal,
	type AnswerFrame,
	type Operation,
	type RefusalType
} from '../codec/frame.ts';
import type { Relay } from '../ports.ts';
import type { Device } from './device.ts';
import type { Prng } from './prng.ts';
import type { World, WorldOptions } from './world.ts';

type Body = { readonly [key: string]: Cbor | undefined };
/** An answer as it would be, and what it becomes; undefined: nothing to lie about here. */
type Tell = (situation: Situation) => Body | { readonly refuse: RefusalType; readonly with?: Body } | undefined;
interface Situation {
	readonly op: Operation;
	readonly request: Body;
	readonly body: Body;
	readonly random: Prng;
	/** What this liar remembers. */
	readonly memory: Map<string, Cbor>;
}

export interface Lie {
	readonly name: string;
	/** Operations whose answers are false. */
	readonly flows: readonly Operation[];
	/** `safe`: nothing happened that should not; `frozen`: at least some devices must have stopped and said so. */
	readonly end: 'safe' | 'frozen';
	/** What the person sees. */
	readonly shows: string;
	readonly options: () => Partial<WorldOptions>;
}

const list = (value: Cbor | undefined): Cbor[] => (Array.isArray(value) ? [...(value as Cbor[])] : []);
const flip = (bytes: Uint8Array, at: number): Bytes => {
	const changed = new Uint8Array(bytes);
	changed[at] = changed[at]! ^ 1;
	return changed;
};
const some = (items: readonly Cbor[]) => items.length > 0;

interface Row {
	readonly name: string;
	readonly flows: readonly Operation[];
	readonly end: Lie['end'];
	readonly shows: string;
	readonly tell: Tell;
	/** Invariants that speak of what a relay can always do: keep something back. */
	readonly forgives?: readonly string[];
	/** Sends the request on? A lie about storing does not. */
	readonly swallows?: boolean;
	readonly chance?: number;
}
/** A relay can always lose mail for ever; then somebody misses it. That is not acceptance. */
const LOST_MAIL = ['delivery', 'I6 status', 'I7 one answer'];

const rows: readonly Row[] = [
	{
		name: 'withhold',
		flows: ['pull', 'hello', 'mail'],
		end: 'safe',
		shows: 'nothing new; "last synced" and the pill say since when',
		tell: ({ op, request, body }) => {
			if (op === 'mail')
				return some(list(body['mail'])) ? { ...body, mail: [], mseq: request['after'] } : undefined;
			return some(list(body['entries']))
				? { ...body, entries: [], ...(op === 'pull' ? { seq: request['after'] } : {}) }
				: undefined;
		}
	},
	{
		name: 'truncate a list',
		flows: ['pull', 'mail'],
		end: 'safe',
		shows: 'nothing; the rest comes with the next page',
		tell: ({ op, body }) => {
			const name = op === 'mail' ? 'mail' : 'entries';
			const items = list(body[name]);
			return items.length > 1 ? { ...body, [name]: items.slice(0, 1) } : undefined;
		}
	},
	{
		name: 'reorder',
		flows: ['pull', 'mail'],
		end: 'frozen',
		shows: 'banner "the relay is not to be trusted"; own data stays readable',
		forgives: LOST_MAIL,
		tell: ({ op, body }) => {
			const name = op === 'mail' ? 'mail' : 'entries';
			const items = list(body[name]);
			return items.length > 1 ? { ...body, [name]: items.reverse() } : undefined;
		}
	},
	{
		name: 'repeat',
		flows: ['pull', 'mail', 'chain'],
		end: 'frozen',
		shows: 'banner',
		tell: ({ op, body, memory }) => {
			const name = op === 'mail' ? 'mail' : op === 'chain' ? 'chain' : 'entries';
			const items = list(body[name]);
			const again = memory.get(name);
			return again === undefined
				? undefined
				: { ...body, [name]: items.length > 0 ? [...items, again] : [again] };
		}
	},
	{
		name: 'drop one of several',
		flows: ['pull', 'mail'],
		end: 'frozen',
		shows: 'banner; for mail "something is missing" where the next message names it',
		forgives: LOST_MAIL,
		tell: ({ op, body }) => {
			const name = op === 'mail' ? 'mail' : 'entries';
			const items = list(body[name]);
			return items.length > 1 ? { ...body, [name]: items.slice(1) } : undefined;
		}
	},
	{
		name: 'swap two ciphertexts',
		flows: ['pull', 'mail'],
		end: 'frozen',
		shows: 'banner; mail under "needs attention"',
		forgives: LOST_MAIL,
		tell: ({ op, body }) => {
			if (op === 'mail') {
				const items = list(body['mail']) as Body[];
				if (items.length < 2) return undefined;
				const [a, b] = items as [Body, Body];
				return {
					...body,
					mail: [
						{ ...a, bytes: b['bytes'] },
						{ ...b, bytes: a['bytes'] },
						...items.slice(2)
					] as unknown as Cbor
				};
			}
			const entries = list(body['entries']) as Bytes[];
			if (entries.length < 2) return undefined;
			const [a, b] = entries as [Bytes, Bytes];
			const tail = Math.min(a.length, b.length, 200);
			const cut = (x: Bytes, y: Bytes): Bytes =>
				new Uint8Array([...x.subarray(0, x.length - tail), ...y.subarray(y.length - tail)]);
			return { ...body, entries: [cut(a, b), cut(b, a), ...entries.slice(2)] };
		}
	},
	{
		name: 'alter a byte',
		flows: ['pull', 'hello', 'mail', 'chain', 'objectRedeem'],
		end: 'frozen',
		shows: 'banner; a template "was changed on the way"; mail under "needs attention"',
		forgives: LOST_MAIL,
		tell: ({ op, body, random }) => {
			if (op === 'objectRedeem')
				return body['bytes'] instanceof Uint8Array
					? { ...body, bytes: flip(body['bytes'], random.below(body['bytes'].length)) }
					: undefined;
			if (op === 'mail') {
				const items = list(body['mail']) as Body[];
				const bytes = items[0]?.['bytes'];
				return bytes instanceof Uint8Array
					? {
							...body,
							mail: [
								{ ...items[0], bytes: flip(bytes, random.below(bytes.length)) },
								...items.slice(1)
							] as unknown as Cbor
						}
					: undefined;
			}
			const name = op === 'chain' ? 'chain' : 'entries';
			const items = list(body[name]);
			const first = items[0];
			return first instanceof Uint8Array
				? { ...body, [name]: [flip(first, random.below(first.length)), ...items.slice(1)] }
				: undefined;
		}
	},
	{
		name: 'deliver to the wrong recipient',
		flows: ['mail'],
		end: 'safe',
		shows: '"needs attention": one item could not be read',
		forgives: LOST_MAIL,
		tell: ({ body, memory, random }) => {
			const items = list(body['mail']) as Body[];
			const strange = memory.get('alias') ?? random.bytes(16);
			if (items[0]?.['alias'] instanceof Uint8Array) memory.set('alias', items[0]['alias']);
			return items.length > 0
				? { ...body, mail: items.map((item) => ({ ...item, alias: strange })) as unknown as Cbor }
				: undefined;
		}
	},
	{
		name: 'another object for a peer’s template',
		flows: ['objectRedeem'],
		end: 'safe',
		shows: 'the template "was changed on the way"; nothing is loaded',
		tell: ({ body, memory, request }) => {
			const bytes = body['bytes'];
			if (!(bytes instanceof Uint8Array) || !(request['handle'] instanceof Uint8Array)) return undefined;
			const other = memory.get('object');
			const from = memory.get('handle');
			memory.set('object', bytes);
			memory.set('handle', request['handle']);
			if (other instanceof Uint8Array && from instanceof Uint8Array && !equal(from, request['handle']))
				return { ...body, bytes: other };
			return { ...body, bytes: new Uint8Array(createHash('sha512').update(bytes).digest()) };
		}
	},
	{
		name: 'invent a relationship change',
		flows: ['mail'],
		end: 'safe',
		shows: '"needs attention": one item could not be read',
		tell: ({ body, random, memory }) => {
			const items = list(body['mail']) as Body[];
			const last = items.at(-1);
			if (last?.['alias'] instanceof Uint8Array) memory.set('alias', last['alias']);
			if (!last || !(last['bytes'] instanceof Uint8Array)) return undefined;
			const bytes = new Uint8Array(last['bytes']);
			bytes.set(random.bytes(Math.min(64, bytes.length)), bytes.length - Math.min(64, bytes.length));
			// In place of nothing: the newest real item comes first, the invented one shares its number and is told before it.
			return { ...body, mail: [...items.slice(0, -1), { ...last, bytes }, last] as unknown as Cbor };
		},
		forgives: LOST_MAIL
	},
	{
		name: 'deny a relationship change',
		flows: ['mail'],
		end: 'safe',
		shows: 'the old status; the buttons that the table allows, no more',
		forgives: LOST_MAIL,
		tell: ({ body }) => {
			const items = list(body['mail']);
			return items.length > 0 ? { ...body, mail: items.slice(0, -1) } : undefined;
		}
	},
	{
		name: 'acknowledge without storing',
		flows: ['append', 'commit'],
		end: 'frozen',
		shows: 'banner: the relay has lost what it acknowledged; nothing is gone from this device',
		swallows: true,
		forgives: ['I1 kept', ...LOST_MAIL],
		tell: ({ memory }) => {
			const proof = memory.get('proof');
			return proof === undefined ? undefined : (proof as Body);
		}
	},
	{
		name: 'a bad signature under an acknowledgement',
		flows: ['append', 'commit'],
		end: 'frozen',
		shows: 'banner',
		tell: ({ body }) => {
			const proof = body['proof'] as Body | undefined;
			return proof?.['signature'] instanceof Uint8Array
				? { ...body, proof: { ...proof, signature: flip(proof['signature'], 7) } }
				: undefined;
		}
	},
	{
		name: 'lie about the time of an acknowledgement',
		flows: ['append', 'commit'],
		end: 'frozen',
		shows: 'banner',
		tell: ({ body }) => {
			const proof = body['proof'] as Body | undefined;
			return typeof proof?.['time'] === 'number'
				? { ...body, proof: { ...proof, time: proof['time'] + 86_400_000 } }
				: undefined;
		}
	},
	{
		name: 'lie about the day of mail',
		flows: ['mail'],
		end: 'safe',
		shows: 'another date; nothing is decided by it',
		forgives: ['I6 status'],
		tell: ({ body, random }) => {
			const items = list(body['mail']) as Body[];
			return items.length > 0
				? {
						...body,
						mail: items.map((item) => ({
							...item,
							day: random.pick([0, 40_000, 2_000_000])
						})) as unknown as Cbor
					}
				: undefined;
		}
	},
	{
		name: 'roll back',
		flows: ['hello', 'pull'],
		end: 'frozen',
		shows: 'banner: the relay shows an older state',
		tell: ({ op, request, body }) => {
			if (op === 'hello') return { ...body, rootMatches: false };
			const after = request['after'];
			return typeof after === 'number' && after > 0 ? { ...body, entries: [], seq: after - 1 } : undefined;
		}
	},
	{
		name: 'fork',
		flows: ['pull', 'hello'],
		end: 'frozen',
		shows: 'banner as soon as anything of the other history arrives',
		// From the first lie on this device never sees an entry that a sibling wrote: its history stops where it is.
		chance: 1,
		forgives: LOST_MAIL,
		tell: ({ op, body, memory }) => {
			const entries = list(body['entries']);
			if (entries.length === 0) return undefined;
			if (!memory.has('forked')) {
				memory.set('forked', true);
				return entries.length > 1
					? { ...body, entries: entries.slice(1) }
					: op === 'hello'
						? { ...body, entries: [] }
						: { ...body, entries: [] };
			}
			return { ...body, entries: entries.slice(1) };
		}
	},
	{
		name: 'relabel version or suite',
		flows: ['pull', 'hello'],
		end: 'frozen',
		shows: '"needs a newer version"',
		tell: ({ body, random }) => {
			const entries = list(body['entries']);
			const first = entries[0];
			if (!(first instanceof Uint8Array)) return undefined;
			const changed = new Uint8Array(first);
			changed[random.below(2)] = 9;
			return { ...body, entries: [changed, ...entries.slice(1)] };
		}
	},
	{
		name: 'hide a device',
		flows: ['chain', 'hello'],
		end: 'safe',
		shows: 'the device is missing from the list; as soon as it writes, a banner',
		tell: ({ body }) => (some(list(body['chain'])) ? { ...body, chain: [] } : undefined)
	},
	{
		name: 'invent a device',
		flows: ['chain', 'hello'],
		end: 'frozen',
		shows: 'banner: the list of devices is not signed',
		chance: 0.08,
		tell: ({ body, random }) => ({ ...body, chain: [...list(body['chain']), random.bytes(300)] })
	},
	{
		name: 'say a slot is taken',
		flows: ['commit'],
		end: 'frozen',
		shows: 'banner; the decision stays and says it was not sent',
		swallows: true,
		tell: ({ request, random }) => {
			const slots = list(request['slots']);
			return slots.length > 0
				? { refuse: 'slot-taken', with: { slot: slots[0], index: 0, seq: 1 + random.below(3) } }
				: undefined;
		}
	},
	{
		name: 'refuse for ever',
		flows: ['append', 'commit', 'hello'],
		end: 'safe',
		shows: '"not sent yet"; it waits here',
		swallows: true,
		tell: ({ op, random }) => ({
			refuse:
				op === 'hello'
					? 'login-failed'
					: random.pick<RefusalType>([
							'stale-epoch',
							'not-contiguous',
							'conflict',
							'signature-invalid',
							'unavailable',
							'unseen-mail',
							'unseen-log',
							'quota'
						])
		})
	},
	{
		name: 'endless answers',
		flows: ['pull', 'mail', 'chain'],
		end: 'frozen',
		shows: 'banner',
		chance: 0.15,
		tell: ({ op, body }) => {
			const name = op === 'mail' ? 'mail' : op === 'chain' ? 'chain' : 'entries';
			const junk = op === 'mail' ? { mseq: 1, kind: 'envelope' } : new Uint8Array(200);
			return {
				...body,
				[name]: Array.from({ length: 20_000 }, () => junk) as unknown as Cbor,
				seq: Number.MAX_SAFE_INTEGER,
				mseq: Number.MAX_SAFE_INTEGER
			};
		}
	},
	{
		name: 'a text that is markup',
		flows: ['append', 'commit', 'objectRedeem'],
		end: 'safe',
		shows: 'our own words; the relay’s are never shown',
		swallows: true,
		tell: () => ({ refuse: '<script>alert(1)</script>\u0000\u001b[31m' as RefusalType })
	}
];

export const lies: readonly Lie[] = rows.map((row) => ({
	name: row.name,
	flows: row.flows,
	end: row.end,
	shows: row.shows,
	options: () => hostileWorld(row)
}));

/** The liar tells it to the devices of identity 0, from the tenth step until the world is healed. */
function hostileWorld(row: Row): Partial<WorldOptions> {
	let world: World | undefined;
	return {
		hostile: true,
		steps: 80,
		likes: { load: 2.5, template: 2, message: 2, renew: 12 },
		faults: { loss: 0.01, crash: 0.003 },
		...(row.forgives ? { forgives: row.forgives } : {}),
		prepare: (made) => void (world = made),
		harm: { relay: (relay, device) => (device.owner === 0 ? lyingRelay(relay, device, row, () => world) : relay) }
	};
}

function lyingRelay(relay: Relay, device: Device, row: Row, world: () => World | undefined): Relay {
	const memory = new Map<string, Cbor>();
	return {
		...relay,
		async connect() {
			const line = await relay.connect();
			return {
				...line,
				async exchange(frame) {
					const here = world();
					const asked = decodeRequest(frame);
					const mood =
						here &&
						!here.healing &&
						here.step >= 10 &&
						asked.ok &&
						row.flows.includes(asked.request.op) &&
						here.random.chance(row.chance ?? 0.4);
					if (!mood || !asked.ok) return remember(memory, await line.exchange(frame));
					const { id, op } = asked.request;
					const situation = {
						op,
						request: asked.request.body as unknown as Body,
						random: here.random,
						memory
					};
					const answer = row.swallows ? undefined : await line.exchange(frame);
					const decoded = answer && decodeFromRelay(answer);
					const honest: AnswerFrame | undefined = decoded && 'answer' in decoded ? decoded.answer : undefined;
					if (answer && !honest?.ok) return answer;
					const told = row.tell({ ...situation, body: honest?.ok ? honest.body : {} });
					if (!told) return answer ? remember(memory, answer) : remember(memory, await line.exchange(frame));
					here.counts.set(`told ${op}`, (here.counts.get(`told ${op}`) ?? 0) + 1);
					here.trace(`${device.name} is told: ${row.name}`);
					return 'refuse' in told
						? encodeRefusal(id, told.refuse as RefusalType, (told as { with?: Body }).with ?? {})
						: encodeAnswer(id, told as Body);
				}
			};
		}
	};
}

/** Keeps the last honest acknowledgement, to give it again for something that was not stored, and something of each list. */
function remember(memory: Map<string, Cbor>, answer: Bytes): Bytes {
	const decoded = decodeFromRelay(answer);
	if (!decoded || !('answer' in decoded) || !decoded.answer.ok) return answer;
	for (const name of ['mail', 'chain', 'entries']) {
		const [first] = list(decoded.answer.body[name]);
		if (first !== undefined) memory.set(name, first);
	}
	if (decoded.answer.body['proof']) {
		const { proof, acks, seq, root } = decoded.answer.body;
		memory.set('proof', {
			proof,
			...(acks
				? { acks, seq: (acks as Body[])[0]!['seq'], root: (acks as Body[])[0]!['root'] }
				: { seq, root, acks: [{ seq, root }] as unknown as Cbor })
		} as unknown as Cbor);
	}
	return answer;
}
