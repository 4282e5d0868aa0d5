/**
 * The `message` module (connector-api.md §8, not on by default): two events that follow from others, for integrators who only
 * want mail, or one relationship.
 */
import { createHash } from 'node:crypto';
import { ok } from '../../crdt/index.ts';
import type { Told } from './events.ts';
import type { OutsideParts, StartModule } from './module.ts';

interface Row {
	readonly id: string;
	readonly content?: { readonly '@type'?: string };
}

/** The name of what follows from an event, if anything does. */
function following({ name, data }: Told): string | undefined {
	const row = data as Row | undefined;
	if (name === 'transport.messageReceived' && row?.content?.['@type'] === 'Mail') return 'consumption.mailReceived';
	if (name === 'transport.relationshipChanged' && row) return `consumption.relationshipEvent.${row.id}`;
	return undefined;
}

/** As equal on all devices as the event it follows from. */
const idAfter = (id: string, name: string) => createHash('sha256').update(`${id}\0${name}`).digest('hex');

/** The events that follow from one. */
export function followingOf(event: Told): readonly Told[] {
	const name = following(event);
	return name === undefined ? [] : [{ id: idAfter(event.id, name), name, data: event.data }];
}

export const startMessage: StartModule<unknown, OutsideParts> = ({ events }) => {
	const stop = events.on((event) => {
		for (const each of followingOf(event)) events.tell({ ...each, data: each.data });
	});
	return ok(async () => stop());
};
