/**
 * Negative controls: one deliberate fault each, and the invariant that has to notice it (trials.md B). A mutant nobody catches
 * means that an invariant holds nothing.
 */
import type { AttributeRow, JsonObject, KeptViews, RelationshipRow, Views } from '../views.ts';
import type { Relay, Store, StoreWrite } from '../ports.ts';
import { decodeRequest, encodeRefusal, encodeRequest, type RequestOf } from '../codec/frame.ts';
import { numberKey } from '../sync/rows.ts';
import { safety } from '../sync/documents.ts';
import { isKept } from '../sync/kept.ts';
import { sessionRules } from '../sync/seal-entry.ts';
import type { Device, Harm } from './device.ts';
import { inject, silencingUpdate } from './evil.ts';
import { withoutCipher } from './nonces.ts';
import type { World, WorldOptions } from './world.ts';

export interface Mutant {
	readonly name: string;
	/** Invariants that may be the first to notice. */
	readonly caughtBy: readonly string[];
	readonly options?: Partial<WorldOptions>;
	/** Options of the relay under test. */
	readonly relay?: { readonly pendingPerAlias?: number; readonly slots?: boolean };
	/** Patches a table of rules; answers how to put it back. */
	readonly patch?: () => () => void;
	/** Starts with nobody: what was made before the fault would not fit it. */
	readonly fresh?: boolean;
}

const store = (change: (store: Store, device: Device) => Partial<Store>): Harm => ({
	store: (inner, device) => ({ ...inner, ...change(inner, device) })
});
const views = (change: (views: Views, device: Device) => Partial<Views>): Harm => ({
	views: (inner, device) => ({ ...inner, ...change(inner, device) })
});
const isRow = (write: StoreWrite, table: string, key?: string) =>
	'table' in write && write.table === table && (key === undefined || write.key === key);

/** A disk that says written and forgets: every third intent. */
function forgetfulDisk(inner: Store): Partial<Store> {
	let count = 0;
	return {
		write: (batch) =>
			inner.write(
				batch.filter(
					(write) =>
						!(isRow(write, 'intents') && (write as { value: unknown }).value !== null && ++count % 3 === 0)
				)
			)
	};
}

/** The cursor first, in a batch of its own; then what it covers. */
const cursorFirst = (inner: Store): Partial<Store> => ({
	async write(batch) {
		const cursors = batch.filter((write) => isRow(write, 'meta', 'cursor') || isRow(write, 'meta', 'mailCursor'));
		if (cursors.length > 0 && cursors.length < batch.length) await inner.write(cursors);
		await inner.write(batch.filter((write) => !cursors.includes(write)));
	}
});

/** A process that starts without the last entry of its log. */
function forgetsTheEnd(inner: Store, device: Device): Partial<Store> {
	const log = device.disk.rows.get('log');
	if (log && log.size > 1 && device.runs > 1) log.delete(numberKey(log.size));
	return inner;
}

/** A relay that will take it later, always. */
const alwaysBusy = (relay: Relay): Relay => ({
	...relay,
	async connect() {
		const line = await relay.connect();
		return {
			...line,
			async exchange(frame) {
				const request = decodeRequest(frame);
				const writes = request.ok && (request.request.op === 'commit' || request.request.op === 'append');
				return writes ? encodeRefusal(request.request.id, 'unavailable') : line.exchange(frame);
			}
		};
	}
});

/** Every other commit reaches the relay without its envelopes; the answer is the real one. */
function envelopesDropped(relay: Relay): Relay {
	let count = 0;
	return {
		...relay,
		async connect() {
			const line = await relay.connect();
			return {
				...line,
				exchange(frame) {
					const request = decodeRequest(frame);
					if (!request.ok || request.request.op !== 'commit') return line.exchange(frame);
					const body = request.request.body as RequestOf<'commit'>;
					if ((body.envelopes?.length ?? 0) === 0 || ++count % 2 === 0) return line.exchange(frame);
					return line.exchange(encodeRequest(request.request.id, 'commit', { ...body, envelopes: [] }));
				}
			};
		}
	};
}

/** Whatever attribute is asked for, the content of another own one comes. */
/** What is chosen is given away with the value of another one of its kind. */
const otherAttribute = (inner: Views): Partial<Views> => ({
	get(table, id) {
		const row = inner.get(table, id);
		if (table !== 'attributes' || !row) return row;
		const mine = row as AttributeRow;
		if (mine['@type'] !== 'OwnIdentityAttribute') return row;
		const other = inner
			.list('attributes')
			.find(
				(candidate) =>
					candidate.id !== id && candidate['@type'] === mine['@type'] && kindOf(candidate) === kindOf(mine)
			);
		return other ? ({ ...row, content: other.content } as typeof row) : row;
	}
});
const kindOf = ({ content }: AttributeRow): unknown => (content['value'] as JsonObject)['@type'];

const terminationsIgnored = (inner: Views, device: Device): Partial<Views> => ({
	put(table, row) {
		const relationship = row as RelationshipRow;
		if (
			table === 'relationships' &&
			device.owner === 0 &&
			relationship.status !== 'Pending' &&
			relationship.status !== 'Active'
		)
			return inner.put(table, { ...row, status: 'Active' } as typeof row);
		inner.put(table, row);
	}
});

function deafDevice(inner: Views, device: Device): Partial<Views> {
	let count = 0;
	return {
		put: (table, row) =>
			table === 'attributes' && device.index !== 0 && ++count % 2 === 0 ? undefined : inner.put(table, row)
	};
}

/** The cursor is kept, and a row it covers is not. */
function rowForgotten(inner: Views): Partial<KeptViews> {
	if (!isKept(inner)) return {};
	let newest: string | undefined;
	return {
		put(table, row) {
			if (table === 'attributes') newest = row.id;
			inner.put(table, row);
		},
		commit() {
			if (newest !== undefined) inner.delete('attributes', newest);
			newest = undefined;
			inner.commit();
		}
	};
}

/** A sibling whose device was taken over uses up the clocks other devices will write under. */
function attackDocuments(world: World): void {
	for (const device of world.devices.filter(({ index }) => index !== 0)) {
		for (let session = 1; session <= 20; session++)
			for (const ordinal of [0, 1, 2])
				void inject(
					world,
					device,
					['core', 'drafts', 'rel'].map(
						(shard) =>
							({ o: 'doc', shard, u: silencingUpdate(ordinal * 65_536 + session, 0, 1_000) }) as const
					)
				);
		return;
	}
}

const calm = { crash: 0.01, loss: 0.02 };

export const mutants: readonly Mutant[] = [
	{
		name: 'a disk that says written and forgets',
		caughtBy: ['I1 kept'],
		options: { harm: store(forgetfulDisk), faults: { crash: 0.01 } }
	},
	{
		name: 'the cursor before the entry',
		caughtBy: ['I2 raw first'],
		options: { harm: store(cursorFirst), faults: { crash: 0.02 } }
	},
	{ name: 'a log that loses its end', caughtBy: ['I3 grows'], options: { harm: store(forgetsTheEnd), faults: calm } },
	{ name: 'a fold that differs by device', caughtBy: ['I4 equal', 'I1 kept'], options: { harm: views(deafDevice) } },
	{
		name: 'a cursor kept without a row it covers',
		caughtBy: ['I4 equal', 'I1 kept'],
		options: { harm: views(rowForgotten), faults: calm }
	},
	{ name: 'no cipher', caughtBy: ['I5 secret'], patch: withoutCipher, fresh: true },
	{
		name: 'a status kept by hand',
		caughtBy: ['I6 status'],
		options: { harm: views(terminationsIgnored), faults: {} }
	},
	{
		name: 'a relay without slots',
		caughtBy: ['I7 one answer', 'I6 status', 'I4 equal', 'trust'],
		relay: { slots: false },
		options: { likes: { decide: 3, 'decide twice': 6, request: 3, template: 2 } }
	},
	{
		name: 'the loser of a decision is not remembered',
		caughtBy: ['I7 one answer'],
		options: {
			harm: store((inner) => ({
				write: (batch) => inner.write(batch.filter((write) => !isRow(write, 'meta', 'superseded')))
			})),
			faults: { crash: 0 },
			only: ['request', 'decide twice', 'sync', 'close'],
			likes: { request: 2, 'decide twice': 10, sync: 3, close: 20 }
		}
	},
	{
		name: 'another attribute than the one chosen',
		caughtBy: ['I8 readers', 'I4 equal'],
		options: {
			harm: views(otherAttribute),
			only: ['attribute', 'request', 'decide', 'sync'],
			likes: { attribute: 4, request: 2, decide: 3 }
		}
	},
	{ name: 'a relay that is always busy', caughtBy: ['I9 quiet'], options: { harm: { relay: alwaysBusy } } },
	{
		name: 'a mailbox without a bound',
		caughtBy: ['I10 bounds'],
		relay: { pendingPerAlias: 1_000_000 },
		options: { likes: { message: 4, sync: 0.6 } }
	},
	{
		name: 'envelopes lost on the way',
		caughtBy: ['delivery', 'I6 status', 'I7 one answer'],
		options: { harm: { relay: envelopesDropped } }
	},
	{
		name: 'the session goes on after a lost slot',
		caughtBy: ['nonce'],
		patch() {
			const { afterRefusal } = sessionRules;
			sessionRules.afterRefusal = (session) => {
				const { sseq } = (session ?? { sseq: 0 }) as { sseq: number };
				return session && { ...session, sseq: sseq - 1 };
			};
			return () => void (sessionRules.afterRefusal = afterRefusal);
		}
	},
	{
		name: 'every update is admitted',
		caughtBy: ['I4 equal', 'I1 kept'],
		options: { prepare: attackDocuments },
		patch() {
			const { admit } = safety;
			safety.admit = () => 'admitted';
			return () => void (safety.admit = admit);
		}
	},
	{
		name: 'two devices write under one client id',
		caughtBy: ['I4 equal', 'I1 kept'],
		patch() {
			const { clientId } = safety;
			safety.clientId = (_ordinal, session) => session;
			return () => void (safety.clientId = clientId);
		}
	}
];
