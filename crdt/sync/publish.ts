/** What the engine tells: changes as events, each once, and that something changed at all. */
import type { EngineEvent } from '../api.ts';
import { toHex, utf8 } from '../codec/bytes.ts';
import { domainHash } from '../crypto/hash.ts';
import type { StoreWrite } from '../ports.ts';
import type { Views } from '../views.ts';
import { iso, type Folding } from './folding.ts';
import { isKept, keepTold } from './kept.ts';
import { putMeta, type Meta } from './rows.ts';
import type { State } from './state.ts';

/** What a fold step stems from: names its events, dates it. */
export interface Source {
	readonly key: string;
	readonly at: number;
	readonly device: string;
	/** A fold to look ahead: tells nobody. */
	readonly muted?: boolean;
}

/** Ids of the newest events, told or not: what waits at once, and what may come a second time, with room to spare. */
const EVENTS_REMEMBERED = 10_000;
const SYNCHRONIZED = 'transport.datawalletSynchronized';

export type Publisher = ReturnType<typeof createPublisher>;

export function createPublisher(state: State) {
	const { self, ports } = state;
	const emitted = new Set(Array.from(state.base.rows('told'), ({ id }) => id));
	const eventListeners = new Set<(event: EngineEvent) => void>();
	const changeListeners = new Set<() => void>();
	const { journal } = ports;
	if (journal) eventListeners.add((event) => journal.take(event));
	/** How far everything that was told is kept, once what was told last is. */
	let reached: Meta['told'] = { seq: 0, n: 0 };
	let isKeeping = false;

	function forget(id: string): void {
		emitted.delete(id);
		if (isKept(state.base)) state.base.delete('told', id);
	}

	function changed(): void {
		for (const listener of changeListeners) listener();
	}

	/** Collects what a fold makes visible; each change is told once, whether it shows first on top or in the log. */
	function folding(views: Views, source: Source & { readonly pending: boolean }): Folding {
		const counts = new Map<string, number>();
		return {
			views,
			me: self.address,
			at: iso(source.at),
			device: source.device,
			b: state.keys.b,
			relayUrl: ports.relay.url,
			pending: source.pending,
			emit(name, data) {
				const count = counts.get(name) ?? 0;
				counts.set(name, count + 1);
				if (source.muted) return;
				const id = toHex(domainHash('event-id', utf8(source.key), utf8(name), utf8(String(count))));
				const known = emitted.has(id);
				// An operation may stand in the log twice, a sibling's too (its first acknowledgement was lost): told once all the same.
				emitted.delete(id);
				emitted.add(id);
				if (views === state.base) keepTold(state.base, id);
				if (emitted.size > EVENTS_REMEMBERED) forget(emitted.values().next().value!);
				if (known || !state.publishing) return;
				isKeeping = journal !== undefined;
				for (const listener of eventListeners) listener({ id, name, data });
			}
		};
	}

	const mark = (again: number) => putMeta('told', { ...reached, n: Math.min(reached.n, again - 1) });
	/**
	 * Everything up to there was told. Resolves when whoever keeps it has it; nothing told: the mark goes with another write.
	 * Intents from `again` on are about to be shown anew: they are told again if this is the last that is written.
	 */
	async function keepTelling(upTo: Partial<Meta['told']>, again = Infinity): Promise<void> {
		reached = { ...reached, ...upTo };
		if (!isKeeping || !journal) return;
		isKeeping = false;
		await journal.keep(mark(again));
	}

	/** How far telling went, for a write that happens anyway. */
	const markTold = (again = Infinity): StoreWrite[] => (journal ? [mark(again)] : []);

	/** After a sync that brought what other own devices wrote. Each device's own event: its id names device and place. */
	function synchronized(): void {
		if (!state.siblingsWrote) return;
		state.siblingsWrote = false;
		const place = `${self.deviceText} ${state.log.cursor}`;
		const id = toHex(domainHash('event-id', utf8(place), utf8(SYNCHRONIZED), utf8('0')));
		for (const listener of eventListeners) listener({ id, name: SYNCHRONIZED, data: undefined });
	}

	return {
		changed,
		folding,
		keepTelling,
		markTold,
		synchronized,
		onEvent(listener: (event: EngineEvent) => void) {
			eventListeners.add(listener);
			return () => eventListeners.delete(listener);
		},
		onChange(listener: () => void) {
			changeListeners.add(listener);
			return () => changeListeners.delete(listener);
		}
	};
}
