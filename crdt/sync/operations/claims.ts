/**
 * Telling the outside once although several devices see the same event (protocol.md §13.5): whose commit takes the event's slot
 * tells it. A second slot names the device, so that it knows its own commit again after a broken line or a restart: both stand
 * in one entry.
 */
import { utf8 } from '../../codec/bytes.ts';
import { ok, type Result } from '../../result.ts';
import { slotOf } from '../core.ts';
import { takenBy } from '../kept.ts';
import type { Base } from './base.ts';

/** True: this device tells it. False: another one does. Refuses when the relay cannot be asked. committed */
export async function claimEvent({ core, self, random }: Base, eventId: string): Promise<Result<boolean>> {
	const slot = (...more: Uint8Array[]) => slotOf(core.keys().b, 'hook', utf8(eventId), ...more);
	const [event, own] = [slot(), slot(self.device)];
	let winner: 'own' | 'other' | undefined;
	const outcome = await core.commitNow(async () => {
		const taken = takenBy(core.base(), event);
		if (taken !== undefined) {
			winner = taken === takenBy(core.base(), own) ? 'own' : 'other';
			return { superseded: true, slot: event };
		}
		const nothing = { ops: [], envelopes: [], aliases: [], settles: [] };
		return { built: { ...nothing, slots: [event, own], intent: random.bytes(16) } };
	});
	if (outcome.ok) return ok(true);
	return winner === undefined ? outcome : ok(winner === 'own');
}
