/**
 * Sealing and opening envelopes (layout: codec/envelope.ts). The AAD is the whole header. Two ways:
 *
 *   to a key            HPKE base, info "enmeshed/envelope"
 *   in a relationship   AES-256-GCM under HKDF(R_k, salt = 32 random bytes, "enmeshed/message"), 12 zero bytes as nonce:
 *                       the random bytes make the key new each time, so two devices sending at once never collide
 */
import { utf8, type Bytes } from '../codec/bytes.ts';
import { encodeEnvelopeHeader, ENVELOPE_HPKE, ENVELOPE_RELATIONSHIP, type Envelope } from '../codec/envelope.ts';
import { concat } from '../codec/bytes.ts';
import { envelopeBucket, pad, unpad } from '../codec/padding.ts';
import { hkdf } from '../crypto/hash.ts';
import { hpkeOpen, hpkeSeal } from '../crypto/hpke.ts';
import { open, seal } from '../crypto/seal.ts';
import type { Random } from '../ports.ts';

const INFO = utf8('enmeshed/envelope');
const ZERO_NONCE = new Uint8Array(12);
const messageKey = (root: Uint8Array, key: Uint8Array): Bytes => hkdf(root, key, utf8('enmeshed/message'), 32);

export type SealTo = { readonly publicKey: Bytes } | { readonly root: Bytes };

export async function sealEnvelope(
	random: Random,
	to: SealTo,
	alias: Bytes,
	envId: Bytes,
	plaintext: Bytes
): Promise<Bytes> {
	const padded = pad(plaintext, envelopeBucket);
	if ('root' in to) {
		const key = random.bytes(32);
		const header = encodeEnvelopeHeader({ kind: ENVELOPE_RELATIONSHIP, alias, envId, k: 0, key });
		return concat(header, await seal(messageKey(to.root, key), ZERO_NONCE, header, padded));
	}
	const headerOf = (enc: Bytes) => encodeEnvelopeHeader({ kind: ENVELOPE_HPKE, alias, envId, k: 0, key: enc });
	const { enc, ciphertext } = await hpkeSeal(random, to.publicKey, INFO, headerOf, padded);
	return concat(headerOf(enc), ciphertext);
}

/** The plaintext, or undefined when none of the keys opens it. */
export async function openEnvelope(
	envelope: Envelope,
	keys: { readonly seed?: Bytes; readonly root?: Bytes }
): Promise<Bytes | undefined> {
	const padded =
		envelope.kind === ENVELOPE_HPKE
			? keys.seed && (await hpkeOpen(keys.seed, INFO, envelope.header, envelope.key, envelope.ciphertext))
			: keys.root && envelope.k === 0
				? await open(messageKey(keys.root, envelope.key), ZERO_NONCE, envelope.header, envelope.ciphertext)
				: undefined;
	return padded && unpad(padded);
}
