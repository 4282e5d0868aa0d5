/**
 * What a Connector's log costs after it has grown (bench/README.md): a new version of the engine drops the rows of its views and
 * folds the whole log again at its next start (connector/store/code.ts). Real processes: one Connector sends, the other
 * fetches, then both are started once with their rows and once without them.
 *
 *   node bench/refold.ts [--messages 20000]
 *
 * "Early" and "late" are the first and the last quarter: a cost that grows with the log would show between them.
 *
 * Run it where nobody edits the engine: rows of other code are dropped.
 */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { addressOf, connect, consent, must, sync, type Shape } from '../connector/testing/party.ts';
import { endAll, startConnector, startRelay, type RunningConnector } from '../connector/testing/processes.ts';
import { table, type Figure } from './lib/table.ts';

const CALLERS = 8;
/** Sent between two syncs of the recipient: a mailbox takes only so many unread. */
const STRETCH = 500;
const QUARTERS = 4;

const memoryOf = (pid: number): number =>
	Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
	const began = performance.now();
	await work();
	return (performance.now() - began) / 1000;
};

const content = {
	'@type': 'Mail',
	cc: [],
	subject: 'A letter like any other',
	body: 'Some words that make it about as long as most are. '.repeat(6)
};

/** So many messages from one to the other, fetched there; seconds of either. */
async function exchange(from: RunningConnector, to: RunningConnector, count: number) {
	const recipient = await addressOf(to);
	const body = { recipients: [recipient], content: { ...content, to: [recipient] } };
	const spent = { sending: 0, fetching: 0 };
	for (let done = 0; done < count; done += STRETCH) {
		let left = Math.min(STRETCH, count - done);
		const caller = async () => {
			while (left-- > 0) await must(from.call('POST', '/Messages', body), 201);
		};
		spent.sending += await seconds(() => Promise.all(Array.from({ length: CALLERS }, caller)));
		await sync(from);
		spent.fetching += await seconds(() => sync(to));
	}
	return spent;
}

async function stop({ child, ended }: RunningConnector): Promise<void> {
	child.kill('SIGTERM');
	await ended;
}

/** Started once with its rows, then without them. */
async function restarted(relay: string, name: string, folder: string, count: number): Promise<Figure[]> {
	let connector!: RunningConnector;
	const start = async () => void (connector = await startConnector(relay, {}, folder));
	const warm = await seconds(start);
	await stop(connector);
	for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, `default.views.db${suffix}`), { force: true });
	const cold = await seconds(start);
	const highest = memoryOf(connector.child.pid!);
	const rows = await must<Shape[]>(connector.call('GET', '/Messages?limit=1&sort=-createdAt'));
	if (rows.length !== 1) throw new Error('nothing was folded again');
	await stop(connector);
	return [
		{ name: `${name}: start with its rows`, value: warm, unit: 's' },
		{ name: `${name}: start that folds the whole log again`, value: cold, unit: 's' },
		{ name: '  messages folded per second', value: count / Math.max(cold - warm, 0.001), unit: '/s' },
		{ name: '  memory, highest', value: highest, unit: 'MB' },
		{ name: '  the log on disk', value: statSync(join(folder, 'default.db')).size / 1e6, unit: 'MB' }
	];
}

/** All figures of a log with that many messages on either side. */
export async function refoldFigures(count: number): Promise<Figure[]> {
	try {
		const relay = await startRelay();
		const [sender, recipient] = [await startConnector(relay.url), await startConnector(relay.url)];
		await connect(sender, recipient, [consent('yes')], [{ accept: true }]);
		const quarters: Awaited<ReturnType<typeof exchange>>[] = [];
		for (let n = 0; n < QUARTERS; n++) quarters.push(await exchange(sender, recipient, count / QUARTERS));
		await stop(sender);
		await stop(recipient);
		const rate = (name: string, spent: number): Figure => ({ name, value: count / QUARTERS / spent, unit: '/s' });
		const [early, late] = [quarters[0]!, quarters.at(-1)!];
		return [
			rate(`sending, early, ${CALLERS} callers`, early.sending),
			rate('sending, late', late.sending),
			rate('fetching by POST Account/Sync, early', early.fetching),
			rate('fetching, late', late.fetching),
			...(await restarted(relay.url, 'sender', sender.folder, count)),
			...(await restarted(relay.url, 'recipient', recipient.folder, count))
		];
	} finally {
		await endAll();
	}
}

if (import.meta.main) {
	const { values } = parseArgs({ strict: false, options: { messages: { type: 'string', default: '20000' } } });
	console.log(table(await refoldFigures(Number(values.messages))));
}
