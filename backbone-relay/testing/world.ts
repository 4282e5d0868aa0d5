/**
 * The small world the auth matrix and the fuzz walk through: an owner with one of everything, a stranger, and for each
 * operation a request that is right for each kind of target.
 */
import { sha256, type Bytes, type Operation, type RequestOf } from '@enmeshed/crdt/wire';
import { createSession, random, type Client, type Identity } from './client.ts';
import type { TestRelay } from './relay.ts';

export type Target = 'own' | 'foreign' | 'missing';

/** One of everything, of one identity. */
export interface Belongings {
	readonly identity: Identity;
	readonly client: Client;
	readonly session: ReturnType<typeof createSession>;
	readonly alias: Bytes;
	readonly token: Bytes;
	/** An object anybody may redeem, one for this identity only, a file with an ownership token. */
	readonly open: Bytes;
	readonly mine: Bytes;
	readonly file: Bytes;
	readonly fileToken: Bytes;
	readonly rendezvous: Bytes;
}

export async function furnish(world: TestRelay): Promise<Belongings> {
	const client = await world.member();
	const { identity } = client;
	const [alias, token, open, mine, file, fileToken, rendezvous] = [16, 32, 32, 32, 32, 32, 16].map(random) as [
		Bytes,
		Bytes,
		Bytes,
		Bytes,
		Bytes,
		Bytes,
		Bytes
	];
	const session = createSession(identity);
	await client.must('append', { entries: [session.entry()] });
	await client.must('mailboxOpen', { alias, tokenHash: sha256(token) });
	await client.must('objectPut', { handle: open, bytes: random(50) });
	await client.must('objectPut', { handle: mine, bytes: random(50), forTag: identity.tag });
	const body = random(60);
	await client.must('objectPart', { handle: file, at: 0, bytes: body });
	await client.must('objectPut', {
		handle: file,
		bytes: random(50),
		body: { size: body.length, digest: sha256(body) },
		record: random(30),
		ownershipHash: sha256(fileToken),
		forTag: identity.tag
	});
	await client.must('rendezvousPut', { rendezvous, slot: 0, bytes: random(20) });
	return { identity, client, session, alias, token, open, mine, file, fileToken, rendezvous };
}

type Requests = { readonly [O in Operation]: (caller: Belongings, target: Belongings | undefined) => RequestOf<O> };

/** For each operation the request of `caller` that aims at something of `target` (undefined: at something that is not there). */
export const REQUESTS: Requests = {
	register: (caller) => ({ chain: caller.identity.chain }),
	hello: (caller, target) => ({
		identityTag: target?.identity.tag ?? random(16),
		device: caller.identity.device.id,
		signature: random(64),
		cursor: 0,
		root: new Uint8Array(32),
		mailCursor: 0,
		chainSeq: -1
	}),
	pull: () => ({ after: 0 }),
	mail: () => ({ after: 0 }),
	append: (_caller, target) => ({
		entries: [target ? target.session.entry(undefined, { keep: false }) : random(300)]
	}),
	commit: (_caller, target) => ({
		slots: [random(32)],
		entry: target ? target.session.entry(undefined, { keep: false }) : random(300)
	}),
	chainAppend: (_caller, target) => ({
		record: target
			? target.identity.record({ type: 4, version: 1, prekey: random(1216), time: 1 }).bytes
			: random(200),
		expectHead: target?.identity.head ?? random(32)
	}),
	chain: () => ({ after: -1 }),
	mailboxOpen: (_caller, target) => ({
		alias: target?.alias ?? random(16),
		tokenHash: sha256(target?.token ?? random(32))
	}),
	mailboxClose: (_caller, target) => ({ alias: target?.alias ?? random(16) }),
	mailboxState: (_caller, target) => ({ alias: target?.alias ?? random(16), token: target?.token ?? random(32) }),
	deliver: (_caller, target) => ({
		alias: target?.alias ?? random(16),
		token: target?.token ?? random(32),
		envId: random(16),
		bytes: random(60)
	}),
	notify: (_caller, target) => ({
		alias: target?.alias ?? random(16),
		token: target?.token ?? random(32),
		code: 'TestCode'
	}),
	objectPart: (_caller, target) => ({ handle: target?.mine ?? random(32), at: 0, bytes: random(10) }),
	objectPut: (_caller, target) => ({ handle: target?.mine ?? random(32), bytes: random(10) }),
	objectGet: (_caller, target) => ({ handle: target?.mine ?? random(32) }),
	objectPeek: (_caller, target) => ({ handle: target?.mine ?? random(32) }),
	objectRead: (_caller, target) => ({ handle: target?.file ?? random(32), at: 0 }),
	objectUnlock: (_caller, target) => ({ handle: target?.mine ?? random(32) }),
	objectToken: (_caller, target) => ({ handle: target?.file ?? random(32), token: target?.fileToken ?? random(32) }),
	objectRenew: (_caller, target) => ({
		handle: target?.file ?? random(32),
		expect: sha256(target?.fileToken ?? random(32)),
		next: random(32)
	}),
	objectRedeem: (_caller, target) => ({ handle: target?.mine ?? random(32), claimId: random(16) }),
	objectDelete: (_caller, target) => ({ handle: target?.mine ?? random(32) }),
	objectClaim: (_caller, target) => ({
		handle: target?.file ?? random(32),
		token: target?.fileToken ?? random(32),
		nextOwnershipHash: sha256(target?.fileToken ?? random(32)),
		claimId: random(16)
	}),
	rendezvousPut: (_caller, target) => ({ rendezvous: target?.rendezvous ?? random(16), slot: 0, bytes: random(20) }),
	rendezvousGet: (_caller, target) => ({ rendezvous: target?.rendezvous ?? random(16), slot: 0 }),
	account: () => ({}),
	accountDelete: () => ({ days: 0 }),
	accountGone: (_caller, target) => ({ identityTag: target?.identity.tag ?? random(16) }),
	published: () => ({ name: 'announcements' }),
	version: () => ({})
};

/** Every row a store holds, as one text: equal before and after = nothing was stored. */
export const contentsOf = (world: TestRelay): string => {
	const { state } = (
		world.store as unknown as { snapshot(): { state: Record<string, Map<string, unknown>> } }
	).snapshot();
	const plain = (_key: string, value: unknown) => {
		if (value instanceof Map) return [...value].sort(([a], [b]) => (a < b ? -1 : 1));
		return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
	};
	return JSON.stringify(state, plain);
};
