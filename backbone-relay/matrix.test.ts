/**
 * The auth matrix (trials.md B.6): every operation × who asks × whose it is, and every HTTP route × how it is asked. Only the
 * cells named here are open; foreign and missing look alike; an operation or a route without a row fails.
 */
import { ANONYMOUS, encodeRequest, OPERATIONS, type Operation, type RequestOf } from '@enmeshed/crdt/wire';
import { describe, expect, test } from 'vitest';
import { createApp } from './app.ts';
import { createDevice, helloBody, replyOf, type Client, type Reply } from './testing/client.ts';
import { createTestRelay } from './testing/relay.ts';
import { contentsOf, furnish, REQUESTS, type Belongings, type Target } from './testing/world.ts';

type Caller = 'none' | 'garbage' | 'other' | 'right';
/** What a cell answers: open (✓), or a refusal's type. `same` in foreign = exactly as missing. */
type Cells = { readonly own: string; readonly foreign: string; readonly missing: string };

const CLOSED: Cells = { own: 'not-signed-in', foreign: 'not-signed-in', missing: 'not-signed-in' };
const OPEN: Cells = { own: '✓', foreign: '✓', missing: '✓' };

/** Callers: none and garbage hold no login. For a signed-in caller: own = its own, foreign = the other member's. */
const MATRIX: { readonly [O in Operation]: { readonly anonymous: Cells; readonly member: Cells } } = {
	register: { anonymous: OPEN, member: OPEN },
	hello: {
		anonymous: { own: 'login-failed', foreign: 'login-failed', missing: 'login-failed' },
		member: { own: 'login-failed', foreign: 'login-failed', missing: 'login-failed' }
	},
	pull: { anonymous: CLOSED, member: OPEN },
	mail: { anonymous: CLOSED, member: OPEN },
	append: { anonymous: CLOSED, member: { own: '✓', foreign: 'signature-invalid', missing: 'malformed' } },
	commit: { anonymous: CLOSED, member: { own: '✓', foreign: 'signature-invalid', missing: 'malformed' } },
	chainAppend: { anonymous: CLOSED, member: { own: '✓', foreign: 'chain-moved', missing: 'malformed' } },
	chain: { anonymous: CLOSED, member: OPEN },
	mailboxOpen: { anonymous: CLOSED, member: { own: '✓', foreign: 'conflict', missing: '✓' } },
	mailboxClose: { anonymous: CLOSED, member: OPEN },
	mailboxState: {
		anonymous: { own: '✓', foreign: '✓', missing: 'mailbox-refused' },
		member: { own: '✓', foreign: '✓', missing: 'mailbox-refused' }
	},
	deliver: {
		anonymous: { own: '✓', foreign: '✓', missing: 'mailbox-refused' },
		member: { own: '✓', foreign: '✓', missing: 'mailbox-refused' }
	},
	notify: {
		anonymous: { own: '✓', foreign: '✓', missing: 'mailbox-refused' },
		member: { own: '✓', foreign: '✓', missing: 'mailbox-refused' }
	},
	objectPart: { anonymous: CLOSED, member: { own: 'conflict', foreign: 'conflict', missing: '✓' } },
	objectPut: { anonymous: CLOSED, member: { own: 'conflict', foreign: 'conflict', missing: '✓' } },
	objectGet: { anonymous: CLOSED, member: { own: '✓', foreign: 'object-not-found', missing: 'object-not-found' } },
	objectPeek: {
		anonymous: { own: 'object-not-found', foreign: 'object-not-found', missing: 'object-not-found' },
		member: { own: '✓', foreign: 'object-not-found', missing: 'object-not-found' }
	},
	objectRedeem: {
		anonymous: { own: 'object-not-found', foreign: 'object-not-found', missing: 'object-not-found' },
		member: { own: '✓', foreign: 'object-not-found', missing: 'object-not-found' }
	},
	objectRead: {
		anonymous: { own: 'object-not-found', foreign: 'object-not-found', missing: 'object-not-found' },
		member: { own: '✓', foreign: 'object-not-found', missing: 'object-not-found' }
	},
	objectUnlock: {
		anonymous: CLOSED,
		member: { own: '✓', foreign: 'object-not-found', missing: 'object-not-found' }
	},
	objectToken: { anonymous: CLOSED, member: { own: '✓', foreign: 'object-not-found', missing: 'object-not-found' } },
	objectRenew: { anonymous: CLOSED, member: { own: '✓', foreign: 'object-not-found', missing: 'object-not-found' } },
	objectDelete: { anonymous: CLOSED, member: OPEN },
	objectClaim: {
		anonymous: CLOSED,
		member: { own: 'own-object', foreign: 'object-not-found', missing: 'object-not-found' }
	},
	rendezvousPut: {
		anonymous: { own: 'slot-taken', foreign: 'slot-taken', missing: '✓' },
		member: { own: 'slot-taken', foreign: 'slot-taken', missing: '✓' }
	},
	rendezvousGet: { anonymous: OPEN, member: OPEN },
	account: { anonymous: CLOSED, member: OPEN },
	accountDelete: { anonymous: CLOSED, member: OPEN },
	accountGone: { anonymous: OPEN, member: OPEN },
	published: { anonymous: OPEN, member: OPEN },
	version: { anonymous: OPEN, member: OPEN }
};

/** Cells whose answer must be the same, byte for byte, whether the thing is somebody else's or nobody's. */
const ALIKE: readonly Operation[] = [
	'hello',
	'mailboxClose',
	'objectGet',
	'objectPeek',
	'objectRedeem',
	'objectRead',
	'objectUnlock',
	'objectDelete',
	'objectClaim',
	'objectToken',
	'objectRenew',
	'accountGone'
];

const shown = (reply: Reply) => (reply.ok ? '✓' : reply.type);
const operations = Object.keys(OPERATIONS) as Operation[];
const call = (client: Client, op: Operation, body: unknown) => client.call(op, body as RequestOf<Operation>);

async function cell(
	op: Operation,
	who: Caller,
	target: Target
): Promise<{ reply: Reply; changed: boolean; owner: Belongings; stranger: Belongings }> {
	const world = createTestRelay();
	const owner = await furnish(world);
	const stranger = await furnish(world);
	const aimed = target === 'own' ? owner : target === 'foreign' ? stranger : undefined;
	const body = REQUESTS[op](owner, aimed);
	const client = who === 'right' ? owner.client : world.client();
	if (who === 'garbage') await client.hello({ ...owner.identity, device: createDevice() });
	const before = contentsOf(world);
	const reply = await call(client, op, body);
	expect(world.reported).toEqual([]);
	return { reply, changed: contentsOf(world) !== before, owner, stranger };
}

describe('every operation has a row, and answers what the row says', () => {
	test('the matrix names every operation, and what is anonymous is what the contract says', () => {
		expect(Object.keys(MATRIX).sort()).toEqual([...operations].sort());
		const open = operations.filter(
			(op) => op !== 'hello' && Object.values(MATRIX[op].anonymous).every((cell) => cell !== 'not-signed-in')
		);
		expect(open.sort()).toEqual([...ANONYMOUS].sort());
	});

	for (const op of operations) {
		test(`${op}`, async () => {
			for (const who of ['none', 'garbage', 'right'] as const) {
				const row = who === 'right' ? MATRIX[op].member : MATRIX[op].anonymous;
				for (const target of ['own', 'foreign', 'missing'] as const) {
					const { reply, changed } = await cell(op, who, target);
					expect(shown(reply), `${who} on ${target}`).toBe(row[target]);
					if (!reply.ok) expect(changed, `${who} on ${target} stored something`).toBe(false);
				}
				if (!ALIKE.includes(op)) continue;
				const [foreign, missing] = [await cell(op, who, 'foreign'), await cell(op, who, 'missing')];
				expect({ ...foreign.reply.body, id: 0 }).toEqual({ ...missing.reply.body, id: 0 });
			}
		});
	}
});

test('what a member asks of its own never shows or changes another’s: lists, logs, mail, deletion', async () => {
	const world = createTestRelay();
	const [owner, stranger] = [await furnish(world), await furnish(world)];
	const seen = async (client: Client) =>
		Promise.all([
			client.must('pull', { after: 0 }),
			client.must('mail', { after: 0 }),
			client.must('chain', { after: -1 }),
			client.must('account', {})
		]);
	const before = await seen(owner.client);
	for (const op of operations) {
		await call(stranger.client, op, REQUESTS[op](stranger, owner));
		if (op === 'deliver') await owner.client.must('mail', { after: 0 });
	}
	await stranger.client.must('accountDelete', { days: 1 });
	world.now += 2 * 86_400_000;
	await world.relay.housekeep();
	const [log, mail, chain, account] = await seen(owner.client);
	expect([log, chain].map((page) => ({ ...page, id: 0 }))).toEqual(
		[before[0], before[2]].map((page) => ({ ...page, id: 0 }))
	);
	// One envelope was delivered, to an alias whose token the stranger had been given.
	expect(mail).toMatchObject({ mseq: 1 });
	expect(account).toMatchObject({
		objects: before[3]!['objects'],
		aliases: before[3]!['aliases'],
		entries: before[3]!['entries']
	});
});

describe('every HTTP route has a row', () => {
	/** Per route: what an empty, a garbage and a right request get. */
	const ROUTES: {
		readonly [route: string]: { readonly none: number; readonly garbage: number; readonly right: number };
	} = {
		'GET /health': { none: 200, garbage: 200, right: 200 },
		'GET /v1/version': { none: 200, garbage: 200, right: 200 },
		'GET /v1/announcements': { none: 200, garbage: 401, right: 200 },
		'GET /v1/tags': { none: 200, garbage: 401, right: 200 },
		'GET /v1/codes': { none: 200, garbage: 401, right: 200 },
		'POST /v1/session': { none: 200, garbage: 400, right: 401 },
		'POST /v1/frame': { none: 400, garbage: 401, right: 200 },
		'GET /v1/*': { none: 404, garbage: 404, right: 404 },
		'GET /r/:id': { none: 200, garbage: 200, right: 200 },
		'GET /*': { none: 404, garbage: 404, right: 404 }
	};

	const world = createTestRelay();
	const app = createApp({
		relay: world.relay,
		relayKey: world.relayKey,
		addressHost: 'localhost',
		isSecure: false,
		shell: undefined,
		sourceOf: () => 'test',
		log: () => undefined,
		report: (error) => void world.reported.push(error)
	});
	const pathOf = (route: string) => route.split(' ')[1]!.replace(':id', 'TOK1').replace('*', 'nothing');

	test('no route is without a row, no row without a route', () => {
		const routes = app.routes
			.filter(({ method }) => method !== 'ALL')
			.map(({ method, path }) => `${method} ${path}`);
		expect([...new Set(routes)].sort()).toEqual(Object.keys(ROUTES).sort());
	});

	for (const [route, row] of Object.entries(ROUTES)) {
		test(`${route}: nothing, garbage, and a right request`, async () => {
			const method = route.split(' ')[0]!;
			const ask = (body: Uint8Array<ArrayBuffer> | undefined, headers: Record<string, string> = {}) =>
				app.request(pathOf(route), { method, headers, ...(method === 'POST' && body ? { body } : {}) });
			const garbage = new TextEncoder().encode('garbage') as Uint8Array<ArrayBuffer>;
			const right = route.endsWith('session')
				? encodeRequest(1, 'hello', REQUESTS.hello(await furnish(world), undefined))
				: encodeRequest(1, 'version', {});
			expect((await ask(undefined)).status).toBe(row.none);
			expect((await ask(garbage, { authorization: 'Bearer AAAA', challenge: 'AAAA' })).status).toBe(row.garbage);
			expect((await ask(right)).status).toBe(row.right);
			for (const other of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
				expect((await app.request(pathOf(route), { method: other })).status, other).toBe(404);
			expect(world.reported).toEqual([]);
		});
	}

	test('a bearer token opens its own account and no other, until the device is no member or the hour is over', async () => {
		const owner = await furnish(world);
		const challenge = world.relay.http.challenge();
		const hello = encodeRequest(1, 'hello', helloBody(challenge, world.relayKey, owner.identity));
		const { outcome } = await world.relay.http.session(hello, { source: 'x', challenge });
		const token = outcome.ok ? (outcome.fields['token'] as string) : '';
		const account = async (bearer: string) => {
			const body = encodeRequest(1, 'objectGet', { handle: owner.mine });
			return app.request('/v1/frame', { method: 'POST', body, headers: { authorization: `Bearer ${bearer}` } });
		};
		for (let n = 0; n < 3; n++) {
			const answer = await account(token);
			expect(replyOf(new Uint8Array(await answer.arrayBuffer())).ok).toBe(true);
			world.now += 19 * 60_000;
		}
		for (let at = 0; at < token.length; at += 3) {
			const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
			expect((await account(changed)).status).toBe(401);
		}
		world.now += 4 * 60_000;
		expect((await account(token)).status).toBe(401);
	});
});
