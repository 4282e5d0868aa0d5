/**
 * Events that must arrive although the process may be killed at any moment: with `retry`, nothing that changed here goes untold
 * (docs/decisions/0017). The engine tells a change, waits until its deliveries are rows, and only then keeps what it made of it:
 *
 *   engine ── take ──▶ listeners put deliveries ──▶ keep: one write with the mark how far was told ──▶ the fold is kept
 *               │
 *               └─ until the listeners are there: a row, which they catch up with when they start
 *
 * After a kill the engine tells again everything beyond the mark. The same event has the same id then, so a receiver can tell.
 */
import type { EngineEvent, Journal, Store, StoreWrite } from '../../crdt/index.ts';
import { toldOf, type Told } from './events.ts';

/** Events nobody could listen to yet. */
const EARLY = 'connector.early';

export interface EventJournal extends Journal {
	/** Hands over what was told before somebody listened, in its order; `take` must put what it makes of it at once. */
	catchUp(take: (event: Told) => void): void;
	/** Everybody listens who wants to: what came before goes, once what was made of it is there. */
	opened(): Promise<void>;
}

/** For Connectors that keep nothing: as if nothing had come before. */
export const noJournal: Pick<EventJournal, 'catchUp' | 'opened'> = {
	catchUp: () => undefined,
	opened: async () => undefined
};

const encode = (event: Told): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(event));
const decode = (bytes: Uint8Array): Told => JSON.parse(new TextDecoder().decode(bytes)) as Told;

/** `keep` writes rows behind everything that was put before (outbox.ts); `following`: events that follow from one. */
export async function openJournal(
	store: Pick<Store, 'range'>,
	keep: (...changes: readonly StoreWrite[]) => Promise<void>,
	following: (event: Told) => readonly Told[]
): Promise<EventJournal> {
	const early = (await store.range(EARLY)).map(([key, bytes]) => ({ key, event: decode(bytes) }));
	let next = Number(early.at(-1)?.key ?? 0) + 1;
	let isOpen = false;

	function takeEarly(event: Told): void {
		const key = String(next++).padStart(14, '0');
		early.push({ key, event });
		// Who awaits `keep` afterwards hears of a failure; so does the store's watcher.
		keep({ table: EARLY, key, value: encode(event) }).catch(() => undefined);
	}

	return {
		take(given: EngineEvent) {
			const event = isOpen ? undefined : toldOf(given);
			if (event) for (const each of [event, ...following(event)]) takeEarly(each);
		},
		keep: (mark) => keep(mark),
		catchUp(take) {
			for (const { event } of early) take(event);
		},
		async opened() {
			isOpen = true;
			const gone = early.splice(0).map(({ key }): StoreWrite => ({ table: EARLY, key, value: null }));
			if (gone.length > 0) await keep(...gone);
		}
	};
}
