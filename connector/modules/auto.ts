/** Two small automations (connector-api.md §8): accepting what peers ask, and letting go of what they deleted. */
import type { RelationshipRow } from '../../crdt/index.ts';
import { ok } from '../../crdt/index.ts';
import { placeOf } from '../log.ts';
import type { ModuleParts, StartModule } from './module.ts';

/** Clients may still want to read a relationship that has just been proposed for deletion. */
const DECOMPOSE_DELAY_MS = 500;

async function attempt({ engine, log }: ModuleParts, id: string, action: 'accept' | 'decompose'): Promise<void> {
	try {
		const acted = await engine.relationships.act(id, action);
		if (!acted.ok) log.warn({ code: acted.error.code, action }, 'automation failed');
	} catch (error) {
		log.error(placeOf(error), 'automation failed');
	}
}

const onRelationshipChanged = (parts: ModuleParts, react: (row: RelationshipRow) => Promise<void>) => {
	const running = new Set<Promise<void>>();
	const stop = parts.engine.onEvent(({ name, data }) => {
		if (name !== 'transport.relationshipChanged') return;
		const reaction = react(data as RelationshipRow).finally(() => running.delete(reaction));
		running.add(reaction);
	});
	return async () => {
		stop();
		await Promise.all(running);
	};
};

const isNewFromPeer = (row: RelationshipRow) =>
	row.status === 'Pending' && row.auditLog.length === 1 && row.auditLog[0]?.createdBy === row.peer;

export const startAutoAccept: StartModule<unknown> = (parts) =>
	ok(
		onRelationshipChanged(parts, async (row) => (isNewFromPeer(row) ? attempt(parts, row.id, 'accept') : undefined))
	);

export const startAutoDecompose: StartModule<unknown> = (parts) => {
	const stopped = new AbortController();
	const decompose = async (row: RelationshipRow, delayMs: number) => {
		if (row.status !== 'DeletionProposed') return;
		await parts.clock.sleep(delayMs, stopped.signal);
		if (!stopped.signal.aborted) await attempt(parts, row.id, 'decompose');
	};
	const stop = onRelationshipChanged(parts, (row) => decompose(row, DECOMPOSE_DELAY_MS));
	const proposed = parts.engine.relationships.rows({ where: [{ key: 'status', anyOf: ['DeletionProposed'] }] });
	const first = Promise.all(Array.from(proposed, (row) => decompose(row, 0)));
	return ok(async () => {
		stopped.abort();
		await Promise.all([first, stop()]);
	});
};
