import { describe, expect, test } from 'vitest';
import { undescribed } from './testing/described.ts';
import { dice, fuzzRequest, type FuzzRequest } from './testing/fuzz.ts';
import { authenticationOf, testApp, testConfig } from './testing/parts.ts';
import { addressOf, connect, consent, createTemplate, must, read, sync, type Shape } from './testing/party.ts';
import { createWorld } from './testing/world.ts';

const SEEDS =
	process.env['FUZZ_SEED'] === undefined ? [1, 2, 3, 4, Date.now() % 1_000_000] : [Number(process.env['FUZZ_SEED'])];
/** Requests in all; more than three in five are refused, so the default makes more than 100 000 malformed ones. */
const TOTAL = Number(process.env['FUZZ'] ?? 170_000);
/** Most go into an app over a few rows, which is fast; the others into a real engine that changes with them. */
const PER_SEED = Math.ceil((0.85 * TOTAL) / SEEDS.length);
const PER_ENGINE = Math.ceil((0.15 * TOTAL) / SEEDS.length);

/** The only answers from 500 on that a caller may bring about. */
const isDocumented = (status: number, code: string) =>
	(status === 500 && code.startsWith('error.transport.request.')) ||
	(status === 500 && code.startsWith('error.platform.'));

const CODE = /^error\.(connector|runtime|consumption|transport|platform|app)\.[A-Za-z.]+$/;

async function judge({ init, url }: FuzzRequest, response: Response, known: boolean): Promise<string | undefined> {
	const text = await response.text();
	if (response.headers.get('x-response-time') === null) return 'no response headers';
	if (response.status < 400) {
		// What a real engine answers has to be as the document says.
		const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
		return known && isJson && init.method !== 'HEAD'
			? undescribed(init.method, new URL(url, 'http://x').pathname, response.status, JSON.parse(text))
			: undefined;
	}
	// HEAD says nothing but its status.
	if (init.method === 'HEAD') return response.status === 500 ? 'status 500' : undefined;
	const { error } = JSON.parse(text) as { error?: { code?: string; message?: string } };
	if (error?.code === undefined || !CODE.test(error.code) || typeof error.message !== 'string')
		return `shape ${text}`;
	return response.status >= 500 && !isDocumented(response.status, error.code)
		? `status ${response.status} ${text}`
		: undefined;
}

interface Run {
	readonly seed: number;
	readonly count: number;
	readonly known?: readonly string[];
}
type App = ReturnType<typeof testApp>;

let refusals = 0;

/** Sends `count` requests; fails with the seed and the request that was answered wrongly. */
async function shake(app: App, { seed, count, known }: Run): Promise<Map<number, number>> {
	const roll = dice(seed);
	const statuses = new Map<number, number>();
	for (let sent = 0; sent < count; sent++) {
		const request = fuzzRequest(roll, known);
		const response = await app.request(request.url, request.init);
		statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
		if (response.status >= 400) refusals += 1;
		const fault = await judge(request, response, known !== undefined);
		if (fault !== undefined)
			expect.fail(`seed ${seed}, request ${sent}: ${fault}\n${JSON.stringify(request.init)} ${request.url}`);
	}
	console.log(
		`fuzz seed ${seed}: ${[...statuses]
			.sort(([a], [b]) => a - b)
			.map(([status, times]) => `${status}×${times}`)
			.join(' ')}`
	);
	return statuses;
}

const config = testConfig({ debug: true });

describe('malformed requests', () => {
	test.each(SEEDS)(
		`${PER_SEED} over every route, seed %i: never a 5xx that is not documented`,
		{ timeout: 60_000 },
		async (seed) => {
			const statuses = await shake(testApp({ config, authentication: authenticationOf(config) }), {
				seed,
				count: PER_SEED
			});
			for (const status of [200, 201, 204, 400, 401, 404, 405, 406])
				expect(statuses.has(status), `no ${status}`).toBe(true);
		}
	);

	test.each(SEEDS)(
		`${PER_ENGINE} into a real engine with contacts, seed %i: never a 5xx, and it works on`,
		{ timeout: 60_000 },
		async (seed) => {
			const world = createWorld();
			const [city, person] = [await world.connector('city', config), await world.connector('person')];
			await connect(person, city, [read('GivenName', false)], [{ accept: false }]);
			const other = await world.connector('other');
			const { relationshipId } = await connect(city, other, [consent('ok')], [{ accept: true }]);
			const template = await createTemplate(person, [read('GivenName')]);
			await must(city.call('POST', '/RelationshipTemplates/Peer', { reference: template.reference.url }), 201);
			const known = (
				await Promise.all(
					[
						'/Attributes',
						'/RelationshipTemplates',
						'/Relationships',
						'/Messages',
						'/Requests/Incoming',
						'/Requests/Outgoing'
					].map((path) => must<Shape[]>(city.call('GET', path)))
				)
			).flat();
			const statuses = await shake(city.app, {
				seed,
				count: PER_ENGINE,
				known: [...known.map(({ id }) => id), relationshipId, await addressOf(person), await addressOf(other)]
			});
			expect((statuses.get(200) ?? 0) + (statuses.get(201) ?? 0)).toBeGreaterThan(PER_ENGINE / 20);
			expect(world.relay.reported).toEqual([]);
			await sync(city);
			await must(
				city.call('POST', '/Attributes', {
					content: { value: { '@type': 'Surname', value: `After ${seed}` } }
				}),
				201
			);
		}
	);

	test('were refused three times in five, which makes more than 100 000 of the default number', () => {
		console.log(`fuzz: ${refusals} of ${TOTAL} requests refused`);
		expect(refusals).toBeGreaterThan(TOTAL * 0.59);
	});
});
