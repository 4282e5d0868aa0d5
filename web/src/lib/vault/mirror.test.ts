import type { Engine } from '@enmeshed/crdt';
import { expect, it } from 'vitest';
import { createMirror } from './mirror.ts';

/** As much of an engine as the mirror looks at. */
function world() {
	const messages: { id: string }[] = [{ id: 'MSG1' }];
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
		documents: { fields: () => ({}), otherVersions: none },
		devices: { list: none },
		attention: none,
		todo: none
	} as unknown as Engine;
	let now = 0;
	return {
		messages,
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
