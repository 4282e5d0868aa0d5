/**
 * Malformed input (trials.md B.5): whatever comes, the answer is one of our refusals or a right answer, never a 5xx, never a
 * throw, and a refusal leaves nothing behind. Requests begin as right ones of every operation and are then bent: members
 * replaced, dropped, resized, nested; bytes flipped, cut, doubled. Over HTTP: every route with odd methods, headers, bodies.
 *
 * The seed is printed; FUZZ_SEED=… runs it again, FUZZ_RUNS=… makes it longer. Seeds that ever failed stay in OLD_SEEDS.
 */
import { fromLooseCbor, OPERATIONS, type Bytes, type Cbor, type Operation } from '@enmeshed/crdt/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createApp } from './app.ts';
import { encodeCbor } from './encode.ts';
import { random, replyOf } from './testing/client.ts';
import { createTestRelay } from './testing/relay.ts';
import { contentsOf, furnish, REQUESTS } from './testing/world.ts';

const OLD_SEEDS: readonly number[] = [];
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000);
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 20_000);
const operations = Object.keys(OPERATIONS) as Operation[];
const DOCUMENTED: readonly unknown[] = [503, 507];

type Bend = (value: Cbor) => Cbor;
type Mutable = { [key: string]: Cbor };

const anything: fc.Arbitrary<Cbor> = fc.oneof(
	fc.constantFrom<Cbor>(
		null,
		true,
		false,
		0,
		1,
		-1,
		1.5,
		2 ** 53 - 1,
		-(2 ** 53) + 1,
		2 ** 60,
		'',
		'open',
		'close',
		[],
		{}
	),
	fc.string(),
	fc.uint8Array({ maxLength: 70 }),
	fc.constantFrom(16, 32, 64).map((length) => new Uint8Array(length)),
	fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }),
	fc.constantFrom(3, 70).map((depth) => Array.from({ length: depth }).reduce<Cbor>((inner) => [inner], 0)),
	fc.dictionary(fc.string({ maxLength: 6 }), fc.integer(), { maxKeys: 4 })
);

const resized = (value: Cbor, by: number): Cbor =>
	value instanceof Uint8Array ? new Uint8Array(Math.max(0, value.length + by)).map((_, i) => value[i] ?? 7) : value;
const flipped = (value: Cbor, at: number): Cbor =>
	value instanceof Uint8Array && value.length > 0
		? value.map((byte, i) => (i === at % value.length ? byte ^ (1 + (at % 255)) : byte))
		: value;

/** Two in three keep lengths and kinds, so that they get past the schema to what is behind it. */
const bend: fc.Arbitrary<Bend> = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.nat().map(
			(at): Bend =>
				(value) =>
					flipped(value, at)
		)
	},
	{
		weight: 1,
		arbitrary: anything.map(
			(other): Bend =>
				() =>
					other
		)
	},
	{
		weight: 1,
		arbitrary: fc.integer({ min: -20, max: 20 }).map(
			(by): Bend =>
				(value) =>
					resized(value, by)
		)
	},
	{ weight: 1, arbitrary: fc.constant<Bend>((value) => [value, value]) },
	{
		weight: 1,
		arbitrary: fc.nat(300).map(
			(count): Bend =>
				(value) =>
					Array.isArray(value) ? Array.from({ length: count }, () => (value as Cbor[])[0] ?? 0) : value
		)
	}
);

/** Mostly undefined. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
	fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** Bends one place of a structure, chosen by `path`: at each step the n-th member. */
function bendAt(value: Cbor, path: readonly number[], how: Bend): Cbor {
	const [step, ...rest] = path;
	if (step === undefined || value === null || typeof value !== 'object' || value instanceof Uint8Array)
		return how(value);
	const keys = Object.keys(value);
	if (keys.length === 0) return how(value);
	const key = keys[step % keys.length]!;
	const copy = (Array.isArray(value) ? [...(value as Cbor[])] : { ...value }) as Mutable;
	copy[key] = bendAt(copy[key]!, rest, how);
	return copy as Cbor;
}

const without = (value: Mutable, nth: number): Mutable => {
	const key = Object.keys(value)[nth % Object.keys(value).length]!;
	return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
};

interface Case {
	readonly op: Operation;
	readonly signedIn: boolean;
	readonly foreign: boolean;
	readonly bends: readonly { readonly path: readonly number[]; readonly how: Bend }[];
	readonly dropped: number | undefined;
	readonly raw: { readonly at: number; readonly how: 'flip' | 'cut' | 'double' | 'insert' } | undefined;
}

const cases: fc.Arbitrary<Case> = fc.record({
	op: fc.constantFrom(...operations),
	signedIn: fc.boolean(),
	foreign: fc.boolean(),
	bends: fc.array(fc.record({ path: fc.array(fc.nat(7), { minLength: 1, maxLength: 3 }), how: bend }), {
		maxLength: 2
	}),
	dropped: seldom(fc.nat(9)),
	raw: seldom(fc.record({ at: fc.nat(), how: fc.constantFrom('flip', 'cut', 'double', 'insert') }))
});

function rawBent(frame: Bytes, { at: place, how }: NonNullable<Case['raw']>): Bytes {
	const at = place % frame.length;
	const bytes = [...frame];
	if (how === 'flip') bytes[at]! ^= 1 + (place % 255);
	if (how === 'cut') bytes.length = at;
	if (how === 'double') bytes.push(...frame.slice(at));
	if (how === 'insert') bytes.splice(at, 0, place % 256);
	return new Uint8Array(bytes);
}

async function createTarget() {
	const world = createTestRelay();
	const [owner, stranger] = [await furnish(world), await furnish(world)];
	const anonymous = world.client();
	const frameOf = ({ op, foreign, bends, dropped, raw }: Case): Bytes => {
		const right: Mutable = {
			...(REQUESTS[op](owner, foreign ? stranger : owner) as unknown as Mutable),
			v: 1,
			id: 7,
			op
		};
		const shortened = dropped === undefined ? right : without(right, dropped);
		const bent = bends.reduce<Cbor>((value, { path, how }) => bendAt(value, path, how), shortened);
		const frame = encodeCbor(bent);
		return raw ? rawBent(frame, raw) : frame;
	};
	return { world, owner, anonymous, frameOf };
}

for (const seed of [...OLD_SEEDS, SEED]) {
	test(
		`${RUNS} bent requests over every operation get one of our answers (seed ${seed})`,
		{ timeout: 120_000 },
		async () => {
			console.log(`fuzz seed ${seed}: FUZZ_SEED=${seed} runs it again`);
			let target = await createTarget();
			const tally = new Map<string, number>();
			let contents = contentsOf(target.world);
			let runs = 0;
			const run = async (some: Case) => {
				// What succeeds adds up; comparing it all each time must stay cheap.
				if (++runs % 150 === 0) {
					target = await createTarget();
					contents = contentsOf(target.world);
				}
				const { wire } = some.signedIn ? target.owner.client : target.anonymous;
				const reply = replyOf(await wire.exchange(target.frameOf(some)));
				const name = reply.ok ? 'ok' : reply.type;
				tally.set(name, (tally.get(name) ?? 0) + 1);
				expect(target.world.reported).toEqual([]);
				const status = Number(reply.body['status'] ?? 200);
				expect(status < 500 || DOCUMENTED.includes(status), name).toBe(true);
				expect(name).not.toBe('unavailable');
				const now = contentsOf(target.world);
				if (!reply.ok) expect(now === contents, `${some.op}: ${name} stored something`).toBe(true);
				contents = now;
			};
			await fc.assert(fc.asyncProperty(cases, run), { seed, numRuns: RUNS, endOnFailure: true });
			console.log(Object.fromEntries([...tally].sort(([, a], [, b]) => b - a)));
			// Bent too hard, everything dies at the door and nothing is tried.
			const behindTheDoor =
				RUNS -
				(tally.get('malformed') ?? 0) -
				(tally.get('unknown-operation') ?? 0) -
				(tally.get('not-signed-in') ?? 0);
			expect(behindTheDoor).toBeGreaterThan(RUNS * 0.15);
			expect([...tally.keys()].length).toBeGreaterThan(8);
		}
	);
}

test(
	`noise is answered as malformed and 4 000 odd HTTP requests get no 5xx (seed ${SEED})`,
	{ timeout: 60_000 },
	async () => {
		const { world, frameOf } = await createTarget();
		const client = world.client();
		await fc.assert(
			fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (noise) => {
				const reply = replyOf(await client.wire.exchange(noise));
				const map = fromLooseCbor(noise);
				if (typeof map !== 'object') expect(reply).toMatchObject({ ok: false, type: 'malformed' });
			}),
			{ seed: SEED, numRuns: 3000 }
		);
		const app = createApp({
			relay: world.relay,
			relayKey: world.relayKey,
			addressHost: 'localhost',
			isSecure: true,
			shell: undefined,
			sourceOf: () => 'test',
			log: () => undefined,
			report: (error) => void world.reported.push(error)
		});
		const token = fc.string({ unit: fc.constantFrom(...'ABCxyz019-_. =\u00e9'), maxLength: 60 });
		const request = fc.record({
			method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
			path: fc.oneof(
				fc.constantFrom(
					'/',
					'/health',
					'/v1/version',
					'/v1/announcements',
					'/v1/tags',
					'/v1/codes',
					'/v1/session',
					'/v1/frame',
					'/v1/line',
					'/r/x',
					'/r/',
					'/r/%00',
					'/v1/',
					'//',
					'/..%2f..'
				),
				fc.webPath()
			),
			headers: fc.dictionary(
				fc.constantFrom(
					'authorization',
					'challenge',
					'content-length',
					'content-type',
					'accept',
					'accept-language',
					'if-none-match',
					'range'
				),
				fc.oneof(
					token,
					token.map((text) => `Bearer ${text}`),
					fc.constantFrom('-1', '99999999999', 'NaN', '*')
				)
			),
			body: fc.option(fc.oneof(fc.uint8Array({ maxLength: 300 }), cases.map(frameOf)))
		});
		await fc.assert(
			fc.asyncProperty(request, async ({ method, path, headers, body }) => {
				const sent = body && method !== 'GET' && method !== 'HEAD' ? { body: body as Bytes } : {};
				const clean = Object.fromEntries(
					Object.entries(headers).map(([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, '')])
				);
				const answer = await app.request(path, { method, headers: clean, ...sent });
				expect(answer.status).toBeLessThan(500);
				if (answer.status >= 400) expect(answer.headers.get('content-type')).toBe('application/problem+json');
				expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
				expect(world.reported).toEqual([]);
			}),
			{ seed: SEED, numRuns: 4000 }
		);
	}
);

test('a frame as large as frames may be, and one byte more, are answered', async () => {
	const world = createTestRelay({ limits: { frameBytes: 100_000 } });
	const client = world.client();
	expect(replyOf(await client.wire.exchange(random(100_000)))).toMatchObject({ type: 'malformed' });
	expect(replyOf(await client.wire.exchange(random(100_001)))).toMatchObject({ type: 'too-large' });
});
