/** Engines and a real relay in one process: the relay's own handler over its memory store, joined by the Relay port. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createRelay, type RelayOptions } from '@enmeshed/backbone-relay/relay';
import { createMemoryStore } from '@enmeshed/backbone-relay/memory';
import type { Bytes } from '../crdt/codec/bytes.ts';
import { RelayUnreachable, type Clock, type Random, type Relay } from '../crdt/ports.ts';

export const systemRandom: Random = { bytes: (length) => new Uint8Array(randomBytes(length)) };
export const systemClock: Clock = {
	now: () => Date.now(),
	sleep: (ms, signal) =>
		new Promise((resolve) => {
			const timer = setTimeout(resolve, ms);
			signal?.addEventListener('abort', () => {
				clearTimeout(timer);
				resolve();
			});
		})
};

export type TestRelay = ReturnType<typeof createRelay>;

export function startRelay(options: Partial<RelayOptions> = {}): TestRelay {
	const { privateKey, publicKey } = generateKeyPairSync('ed25519');
	const spki = publicKey.export({ format: 'der', type: 'spki' });
	return createRelay({
		store: createMemoryStore(),
		clock: { now: () => Date.now() },
		random: systemRandom,
		schedule: (run) => void setImmediate(run),
		sign: (message) => new Uint8Array(sign(null, message, privateKey)),
		relayKey: new Uint8Array(spki.subarray(spki.length - 32)),
		addressHost: 'localhost',
		...options
	} as RelayOptions);
}

/** The Relay port of one device onto a relay in this process; `down` cuts it. */
export function portOnto(relay: TestRelay, line: { down: boolean } = { down: false }): Relay {
	return {
		url: 'http://localhost:8080',
		async connect() {
			if (line.down) throw new RelayUnreachable();
			const connection = relay.connect({ source: 'in-process' });
			return {
				challenge: connection.challenge,
				async exchange(frame) {
					if (line.down) throw new RelayUnreachable();
					return connection.handle(frame as Bytes);
				},
				onPush: (listener) => connection.onPush(listener),
				onClose: () => undefined,
				close: () => connection.close()
			};
		}
	};
}
