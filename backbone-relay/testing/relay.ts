/** A relay in process with its own clock and keys, and clients on it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, onTestFinished } from 'vitest';
import { createSqliteStore } from '../store/sqlite.ts';
import { createMemoryStore } from '../store/memory.ts';
import type { Store } from '../store/store.ts';
import { createRelay, type RelayOptions } from '../relay.ts';
import { sha256 } from '@enmeshed/crdt/wire';
import { createClient, createIdentity, createSigner, random, wireTo, type Client, type Identity } from './client.ts';

export interface TestRelay {
	readonly relay: ReturnType<typeof createRelay>;
	readonly store: Store;
	readonly relayKey: Uint8Array<ArrayBuffer>;
	/** What went wrong inside: must stay empty. */
	readonly reported: unknown[];
	now: number;
	client(source?: string): Client;
	/** A client signed in as a new (or the given) identity. */
	member(identity?: Identity, source?: string): Promise<Client & { identity: Identity }>;
}

export function createTestRelay(options: Partial<RelayOptions> = {}): TestRelay {
	const signer = createSigner();
	const store = options.store ?? createMemoryStore();
	const reported: unknown[] = [];
	let now = Date.UTC(2026, 0, 15, 12);
	const test: TestRelay = {
		relay: createRelay({
			store,
			clock: { now: () => now },
			random: { bytes: random },
			schedule: (run) => void setImmediate(run),
			sign: (message) => signer.raw(message),
			relayKey: signer.publicKey,
			addressHost: 'localhost',
			report: (error) => void reported.push(error),
			...options
		}),
		store,
		relayKey: signer.publicKey,
		reported,
		get now() {
			return now;
		},
		set now(time) {
			now = time;
		},
		client: (source = 'test') => createClient(wireTo(test.relay.connect({ source })), signer.publicKey),
		async member(identity = createIdentity(), source) {
			const client = test.client(source);
			await client.signIn(identity);
			return { ...client, identity };
		}
	};
	return test;
}

/** Behaviour is the same on every store: rows written once, run on both. */
export function onEveryStore(
	name: string,
	rows: (relay: (options?: Partial<RelayOptions>) => TestRelay) => void
): void {
	describe(`${name} (memory)`, () => rows((options) => createTestRelay(options)));
	describe(`${name} (sqlite)`, () =>
		rows((options) => {
			const folder = mkdtempSync(join(tmpdir(), 'relay-'));
			const store = createSqliteStore(folder);
			onTestFinished(() => {
				store.close();
				rmSync(folder, { recursive: true });
			});
			return createTestRelay({ store, ...options });
		}));
}

/** An alias a member opened, and how to deliver to it. */
export async function openAlias(member: Client, closesAt?: number) {
	const [alias, token] = [random(16), random(32)];
	await member.must('mailboxOpen', {
		alias,
		tokenHash: sha256(token),
		...(closesAt === undefined ? {} : { closesAt })
	});
	const envelope = (bytes = random(400)) => ({ alias, token, envId: random(16), bytes });
	return { alias, token, envelope };
}
