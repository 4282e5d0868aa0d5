/**
 * What the relay brings: chain records, log entries, mail. Everything is persisted raw, with the cursor that covers it, before
 * it is read; what contradicts what is known already freezes the engine.
 */
import { equal, toHex, type Bytes } from '../codec/bytes.ts';
import type { Cbor } from '../codec/cbor.ts';
import type { AnswerFrame, Operation, RequestOf } from '../codec/frame.ts';
import { sha256 } from '../crypto/hash.ts';
import type { StoreWrite } from '../ports.ts';
import type { Folder } from './fold.ts';
import type { Intent } from './intent.ts';
import type { Lock } from './lock.ts';
import { readEntries, settled as settledLog, type OpenedEntry } from './log.ts';
import type { Publisher } from './publish.ts';
import type { Op } from './record.ts';
import { encodeMail, numberKey, parseMailItem, putMeta } from './rows.ts';
import { extendChain, type State } from './state.ts';
import type { Top } from './top.ts';

/** Entries and mail items asked for at once. */
export const PAGE = 256;

/** A call on a signed-in line. Rejects with RelayUnreachable. */
export type Demand = <O extends Operation>(op: O, body: RequestOf<O>) => Promise<AnswerFrame>;

export type Intake = ReturnType<typeof createIntake>;

export function createIntake(
	state: State,
	{ foldEntries }: Folder,
	top: Top,
	{ changed, markTold }: Publisher,
	local: Lock,
	demand: Demand
) {
	const {
		self,
		ports: { clock, store }
	} = state;

	async function freeze(reason: string): Promise<void> {
		if (state.frozen) return;
		state.frozen = reason;
		await store.write([putMeta('frozen', { reason, at: clock.now() })]);
		changed();
	}

	/**
	 * Raw first: what moves the cursor is persisted with it; then it is read and folded. An entry of a device or epoch we do not
	 * know yet may only mean that the chain has moved on since we asked.
	 */
	async function takeEntries(
		after: number,
		raw: readonly Bytes[],
		drop: readonly StoreWrite[] = [],
		chainIsNew = false
	): Promise<readonly OpenedEntry[]> {
		if (raw.length === 0 && drop.length === 0) return [];
		const first = await takeRun(after, raw, drop);
		if (!first.finding) return first.entries;
		const known = state.membership.seq;
		if (!chainIsNew && (first.finding === 'session' || first.finding === 'seal')) await pullChain();
		const second =
			state.membership.seq > known ? await takeRun(after, raw, []) : { entries: [], finding: first.finding };
		if (second.finding) await freeze(second.finding);
		return [...first.entries, ...second.entries];
	}

	/** `raw` follows `after`; what another conversation has brought meanwhile is left out. */
	async function takeRun(
		after: number,
		page: readonly Bytes[],
		drop: readonly StoreWrite[]
	): Promise<{ entries: readonly OpenedEntry[]; finding?: string }> {
		return local.run(async () => {
			const raw = page.slice(state.log.cursor - after);
			const {
				state: next,
				entries,
				finding
			} = await readEntries(state.log, raw, {
				identityTag: self.identityTag,
				membership: state.membership,
				keys: state.keys
			});
			const writes: StoreWrite[] = entries.map(({ seq, entry }) => ({
				table: 'log',
				key: numberKey(seq),
				value: entry.bytes
			}));
			const settled = settledBy(entries);
			for (const { n } of settled) writes.push({ table: 'intents', key: numberKey(n), value: null });
			const folded = new Set(
				entries.flatMap(({ ops }) =>
					ops.flatMap((op) => (op.o === 'rec' && op.k === 'mail' ? [op.v.mseq] : []))
				)
			);
			for (const mseq of folded) writes.push({ table: 'mail', key: numberKey(mseq), value: null });
			await store.write([
				...writes,
				...drop,
				...markTold(state.intents[0]?.n),
				putMeta('cursor', { seq: next.cursor, root: next.root })
			]);
			state.log = settledLog(next);
			state.rawMail = state.rawMail.filter(({ mseq }) => !folded.has(mseq));
			const gone = new Set(settled);
			if (gone.size > 0) state.intents = state.intents.filter((intent) => !gone.has(intent));
			await foldEntries(entries);
			await top.settle(settled, entries);
			return { entries, ...(finding ? { finding } : {}) };
		});
	}

	/** Intents whose operations the log now holds: done, also when nobody heard the acknowledgement. */
	function settledBy(entries: readonly OpenedEntry[]): Intent[] {
		const own = entries.filter(({ member }) => equal(member.id, self.device)).flatMap(({ ops }) => ops);
		const names = new Set(own.flatMap((op) => (op.o === 'commit' ? [] : [nameOf(op)])));
		if (names.size === 0) return [];
		const settled: Intent[] = [];
		let left = names.size;
		// What was sent stands at the beginning: most of what waits is not looked at.
		for (const intent of state.intents) {
			const its = namesOf(intent);
			if (!its.every((name) => names.has(name))) continue;
			settled.push(intent);
			left -= its.length;
			if (left <= 0) break;
		}
		return settled;
	}

	/** Computed once: each entry asks for those of everything that waits. */
	const known = new WeakMap<readonly Op[], readonly string[]>();
	function namesOf({ shown }: Intent): readonly string[] {
		let names = known.get(shown);
		if (!names) known.set(shown, (names = shown.map(nameOf)));
		return names;
	}

	const nameOf = (op: Op): string =>
		op.o === 'rec' ? toHex(op.i) : op.o === 'doc' ? `${op.shard} ${toHex(sha256(op.u))}` : op.o;

	async function pullLog(): Promise<readonly OpenedEntry[]> {
		const all: OpenedEntry[] = [];
		for (;;) {
			const after = state.log.cursor;
			const answer = await demand('pull', { after, limit: PAGE });
			if (!answer.ok) return all;
			const { entries, seq } = answer.body;
			const raw = Array.isArray(entries)
				? (entries as Cbor[]).filter((bytes): bytes is Bytes => bytes instanceof Uint8Array)
				: [];
			if (raw.length === 0) {
				// A log shorter than what it acknowledged has lost something: a rollback, or a lie.
				if (typeof seq === 'number' && seq < after) await freeze('rollback');
				return all;
			}
			all.push(...(await takeEntries(after, raw)));
			if (state.frozen || typeof seq !== 'number' || state.log.cursor >= seq) return all;
		}
	}

	async function pullChain(): Promise<void> {
		const answer = await demand('chain', { after: state.membership.seq });
		if (answer.ok) await takeChain(answer.body['chain']);
	}

	async function takeChain(value: Cbor | undefined): Promise<void> {
		if (!Array.isArray(value) || value.length === 0) return;
		await local.run(async () => {
			for (const bytes of value as Cbor[]) {
				if (!(bytes instanceof Uint8Array)) continue;
				// Another conversation may have brought it meanwhile.
				if (state.chain.some((known) => equal(known.bytes, bytes))) continue;
				const seq = state.membership.seq + 1;
				const extended = await extendChain(state, bytes as Bytes, state.device);
				if (!extended) return freeze('chain');
				Object.assign(state, extended);
				await store.write([{ table: 'chain', key: numberKey(seq), value: bytes }]);
			}
			changed();
		});
	}

	/** Fetches mail and keeps it raw; nothing of it is shown yet. */
	async function pullMail(): Promise<void> {
		for (;;) {
			const answer = await demand('mail', { after: state.mailCursor, limit: PAGE });
			if (!answer.ok) return;
			await takeMail(answer.body['mail']);
			const newest = answer.body['mseq'];
			if (
				!Array.isArray(answer.body['mail']) ||
				answer.body['mail'].length === 0 ||
				typeof newest !== 'number' ||
				state.mailCursor >= newest
			)
				return;
		}
	}

	async function takeMail(value: Cbor | undefined): Promise<void> {
		const items = (Array.isArray(value) ? (value as Cbor[]) : []).flatMap((item) => parseMailItem(item) ?? []);
		const fresh = items.filter(({ mseq }, i) => mseq > state.mailCursor && (i === 0 || mseq > items[i - 1]!.mseq));
		if (fresh.length === 0) return;
		const newest = fresh.at(-1)!.mseq;
		await local.run(async () => {
			const kept = fresh.filter(({ mseq }) => mseq > state.mailFolded);
			await store.write([
				...kept.map((item): StoreWrite => ({
					table: 'mail',
					key: numberKey(item.mseq),
					value: encodeMail(item)
				})),
				putMeta('mailCursor', { mseq: newest })
			]);
			state.mailCursor = newest;
			state.rawMail = [...state.rawMail, ...kept];
		});
	}

	return { freeze, takeEntries, takeChain, takeMail, pullLog, pullChain, pullMail };
}
