/** Raw mail, ahead of the log: the batch one device copies for all, and a look at what it will change. */
import { utf8 } from '../codec/bytes.ts';
import { memoryViews } from '../memory-views.ts';
import type { Views } from '../views.ts';
import { slotOf } from './core.ts';
import type { Folder } from './fold.ts';
import type { Built } from './intent.ts';
import type { Op, Records } from './record.ts';
import type { State } from './state.ts';

/** Items copied by one commit. */
const BATCH = 256;

export type Mailbox = ReturnType<typeof createMailbox>;

export function createMailbox(state: State, { readMail, foldMail }: Folder) {
	const {
		self,
		ports: { random }
	} = state;

	/** The records a batch of raw mail gives: a pure function of the items and the keys. */
	async function buildMailBatch(): Promise<Built | undefined> {
		const batch = state.rawMail.filter(({ mseq }) => mseq > state.mailFolded).slice(0, BATCH);
		if (batch.length === 0) return undefined;
		const scratch = memoryViews(state.base);
		const ops: Op[] = [];
		for (const item of batch) {
			const { mseq, day, alias } = item;
			const fact = await readMail(scratch, item);
			const value: Records['mail'] = fact.notice
				? { mseq, day, alias, notice: item.bytes }
				: fact.heard && fact.plain
					? { mseq, day, alias, plain: fact.plain }
					: { mseq, day, alias, sealed: item.bytes };
			ops.push({ o: 'rec', i: random.bytes(16), k: 'mail', v: value });
			await foldMail(scratch, fact, {
				key: `mail:${mseq}`,
				at: day * 86_400_000,
				device: self.deviceText,
				muted: true
			});
		}
		return {
			ops,
			slots: [slotOf(state.keys.b, 'mail', utf8(String(batch[0]!.mseq)))],
			intent: random.bytes(16),
			envelopes: [],
			aliases: [],
			mailAck: batch.at(-1)!.mseq,
			settles: []
		};
	}

	/** Views as they will be once the raw mail is published: for rules that must see it (PROTOCOL.md §13.1). */
	async function peek(): Promise<Views> {
		const scratch = memoryViews(state.top);
		for (const item of state.rawMail)
			if (item.mseq > state.mailFolded)
				await foldMail(scratch, await readMail(scratch, item), {
					key: `mail:${item.mseq}`,
					at: item.day * 86_400_000,
					device: self.deviceText,
					muted: true
				});
		return scratch;
	}

	return { buildMailBatch, peek };
}
