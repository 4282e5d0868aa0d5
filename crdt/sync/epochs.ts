/**
 * A new epoch (PROTOCOL.md §2): fresh secret for everything written from now on, given to every member, sealing the one before.
 * Devices that were offline seal what waits again under it. The way to leave behind what somebody may have learned; with the
 * removal of devices, a later version, it also shuts them out.
 */
import { makeChainRecord, recipientsOf } from '../identity/chain.ts';
import type { Core, Outcome } from './core.ts';

export function beginEpoch(core: Core): Promise<Outcome> {
	const { clock, random } = core.ports;
	return core.appendChain((prev, seq) => {
		const { epoch } = core.membership();
		const { b, epochs } = core.keys();
		const previous = epochs.get(epoch);
		if (!previous) throw new Error('the current epoch was not given to this device');
		return makeChainRecord(random, {
			prev,
			seq,
			body: { type: 3, epoch: epoch + 1, time: clock.now() },
			signer: core.self.device,
			key: core.signer().key,
			give: {
				to: recipientsOf(core.membership(), core.keys()),
				epoch: epoch + 1,
				e: random.bytes(32),
				b,
				previous
			}
		});
	});
}
