import type { Engine } from '@enmeshed/crdt';
import { expect, it } from 'vitest';
import { createMirror } from './mirror.ts';

const key = new Uint8Array(32).fill(7);
const fileRow = {
	id: 'FIL1',
	filename: 'contract.pdf',
	mimetype: 'application/pdf',
	filesize: 12,
	expiresAt: '9999-12-31T00:00:00.000Z',
	reference: { truncated: 'reference', url: 'https://relay.example/r/FIL1#k' },
	ownershipToken: 'token',
	_key: key
};

/** As much of an engine as the mirror looks at. */
function world() {
	const messages: { id: string }[] = [{ id: 'MSG1' }];
	const files = [fileRow];
	let waiting = 0;
	const none = () => [];
	const engine = {
		account: {
			identityInfo: () => ({ address: 'a', publicKey: 'k' }),
			status: () => ({ state: 'upToDate', waiting })
		},
		relationships: { list: none, possible: none },
		messages: { list: () => [...messages] },
		requests: { incoming: none, outgoing: none },
		attributes: { list: none, forwardings: none },
		templates: { list: none },
		files: { list: () => files },
		documents: { fields: () => ({}), otherVersions: none },
		devices: { list: none },
		attention: none,
		todo: none
	} as unknown as Engine;
	let now = 0;
	return {
		messages,
		files,
		mirror: createMirror(engine, 'i', () => now),
		wait: (n: number) => (waiting = n),
		pass: (ms: number) => (now += ms)
	};
}

it('sends everything first, then only what changed', () => {
	const { messages, mirror, wait } = world();
	const first = mirror.since(undefined);
	expect(first.reset).toBe(true);
	expect(first.rows.messages?.put).toHaveLength(1);

	messages.push({ id: 'MSG2' });
	wait(1);
	mirror.touch();
	const second = mirror.since(first);
	expect(second.reset).toBe(false);
	expect(second.rows.messages).toEqual({ put: [{ id: 'MSG2' }], gone: [] });
	expect(Object.keys(second.values)).toEqual(['status']);
	expect(mirror.since(second)).toMatchObject({ rows: {}, values: {} });
});

it('tells what is gone and what was replaced', () => {
	const { messages, mirror } = world();
	const first = mirror.since(undefined);
	messages[0] = { id: 'MSG1' };
	mirror.touch();
	const second = mirror.since(first);
	expect(second.rows.messages?.put).toHaveLength(1);
	messages.length = 0;
	mirror.touch();
	expect(mirror.since(second).rows.messages).toEqual({ put: [], gone: ['MSG1'] });
	// A tab that was away for both gets the result of both.
	expect(mirror.since(first).rows.messages).toEqual({ put: [], gone: ['MSG1'] });
});

it('starts over for a tab that knew another worker', () => {
	const { mirror } = world();
	const first = mirror.since(undefined);
	expect(mirror.since({ instance: 'other', rev: first.rev }).reset).toBe(true);
});

it('does not look again unless something may have changed or time has passed', () => {
	const { messages, mirror, pass } = world();
	const first = mirror.since(undefined);
	messages.push({ id: 'MSG2' });
	expect(mirror.since(first).rows.messages).toBeUndefined();
	pass(60_000);
	expect(mirror.since(first).rows.messages?.put).toHaveLength(1);
});

it('shows files without the key of their bytes, each once until it changes', () => {
	const { files, mirror } = world();
	const first = mirror.since(undefined);
	const shown = first.rows.files!.put;
	expect(shown).toMatchObject([{ id: 'FIL1', label: 'contract.pdf', size: 12, reference: 'reference' }]);
	expect(JSON.stringify(shown)).not.toMatch(/_key|token/);
	mirror.touch();
	expect(mirror.since(first).rows.files).toBeUndefined();
	files[0] = { ...fileRow, title: 'Contract' } as typeof fileRow;
	mirror.touch();
	expect(mirror.since(first).rows.files?.put).toMatchObject([{ label: 'Contract' }]);
});
