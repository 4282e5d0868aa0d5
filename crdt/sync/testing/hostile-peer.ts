/** A peer that is a valid member of a relationship and writes what no honest engine would. */
import type { Bytes } from '../../codec/bytes.ts';
import { toCbor, type Cbor } from '../../codec/cbor.ts';
import { idOf } from '../../codec/ids.ts';
import { encodeEnvelopeHeader } from '../../codec/envelope.ts';
import { concat } from '../../codec/bytes.ts';
import type { ChannelRow } from '../../views.ts';
import { sealLetter } from '../build.ts';
import { must, type Person } from './town.ts';

const channelOf = (from: Person, rel: string): ChannelRow =>
	must({ ok: true, value: from.core.top().get('channels', rel)! });

async function deliver(from: Person, envelope: { alias: Bytes; token: Bytes; envId: Bytes; bytes: Bytes }) {
	const answer = await from.core.call('deliver', envelope);
	if (!answer.ok) throw new Error(`the relay refused it: ${answer.type}`);
}

/** A letter with any body, signed and sealed as it must be. */
export async function says(from: Person, rel: string, body: { readonly [name: string]: unknown }): Promise<void> {
	const letter = toCbor({ from: from.address, rel, time: from.core.ports.clock.now(), ...body } as Cbor);
	await deliver(from, await sealLetter(from.core, channelOf(from, rel), letter));
}

/** A message with what is said of it; its id is one of the author's. */
export async function sends(
	from: Person,
	rel: string,
	to: string,
	message: { readonly [name: string]: unknown }
): Promise<string> {
	const random = from.core.ports.random.bytes(16);
	const id = idOf('MSG', from.address, random);
	await says(from, rel, { t: 'msg', id, random, to: [to], attachments: [], prev: [], content: {}, ...message });
	return id;
}

/** An envelope that looks like one, of a kind, and holds noise. */
export async function throwsNoise(from: Person, rel: string, kind: 1 | 2, k = 0): Promise<void> {
	const { mailbox } = channelOf(from, rel);
	const { random } = from.core.ports;
	const [alias, token] = [mailbox.alias as Bytes, mailbox.token as Bytes];
	const envId = random.bytes(16);
	const header = encodeEnvelopeHeader({ kind, alias, envId, k, key: random.bytes(kind === 1 ? 1120 : 32) });
	await deliver(from, { alias, token, envId, bytes: concat(header, random.bytes(64)) });
}
