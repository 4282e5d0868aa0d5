/**
 * Identity prekeys (PROTOCOL.md §2): an X-Wing key the chain publishes, whose private half lies sealed in the log. Used by the
 * ratchet of a later version between parties that already know each other; published from the start so that it can begin.
 */
import { kemPair } from '../crypto/hpke.ts';
import { makeChainRecord } from '../identity/chain.ts';
import type { Core } from './core.ts';

const LIFE_MS = 7 * 86_400_000;

/** Publishes the next prekey when there is none of the last seven days. Concurrent ones of two devices are both good. */
export async function ensurePrekey(core: Core): Promise<void> {
	const { clock, random } = core.ports;
	const published = core.chain().flatMap(({ body }) => (body.type === 4 ? [body] : []));
	const newest = published.at(-1);
	if (newest && newest.time > clock.now() - LIFE_MS) return;
	const version = (newest?.version ?? 0) + 1;
	const pair = kemPair(random.bytes(32));
	await core.intend({ kind: 'plain', shown: [core.rec('prekey', { version, seed: pair.seed })] });
	await core.appendChain((prev, seq) =>
		makeChainRecord(random, {
			prev,
			seq,
			body: { type: 4, version, prekey: pair.publicKey, time: clock.now() },
			signer: core.self.device,
			key: core.signer().key
		})
	);
}
