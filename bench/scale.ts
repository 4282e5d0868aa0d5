/**
 * A Connector with many contacts (bench/README.md): how long it takes to start, how fast filtered lists are, and what memory it
 * takes, also while a list of everything leaves it. The relay and the Connector are the real processes; the rows are written
 * into the Connector's views directly (lib/rows.ts), with the rows of its own fold as they are: filling a log with a million
 * signed letters would take hours, and nothing measured here reads the log.
 *
 *   node bench/scale.ts [--relationships 100000] [--messages 1000000] [--folder <where>]
 *
 * Run it where nobody edits the engine: rows of other code are dropped (connector/store/code.ts).
 */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { codeVersion } from '../connector/store/code.ts';
import { sqliteViews } from '../connector/store/sqlite-views.ts';
import { KEY } from '../connector/testing/parts.ts';
import { addressOf as identityOf, connect, consent, must, sync } from '../connector/testing/party.ts';
import {
	endAll,
	newFolder,
	startConnector,
	startRelay,
	type RunningConnector
} from '../connector/testing/processes.ts';
import { addressOf, attribute, channel, idOf, message, relationship, request, template } from './lib/rows.ts';
import { percentile, table, type Figure } from './lib/table.ts';

const START_S = 5;
const FILTER_MS = 50;
const MEMORY_MB = 600;
/** Requests per filter, after the first few. */
const ROUNDS = 60;
const WARM_UP = 5;
/** Rows committed at once. */
const CHUNK = 5000;

export interface Size {
	readonly relationships: number;
	readonly messages: number;
}

/** Rows of each table a Connector of this size has. */
const rowsOf = ({ relationships, messages }: Size) =>
	({
		templates: [2000, template],
		relationships: [relationships, relationship],
		channels: [relationships, channel],
		requests: [Math.round(messages / 4), (n: number) => request(n, relationships)],
		attributes: [relationships * 2, (n: number) => attribute(n, relationships)],
		messages: [messages, (n: number) => message(n, relationships)]
	}) as const;

function fill(file: string, size: Size): void {
	const views = sqliteViews(file, codeVersion());
	if (views.get('fold', 'fold') === undefined) throw new Error('the Connector left no views to fill');
	let waiting = 0;
	for (const [name, [count, make]] of Object.entries(rowsOf(size)))
		for (let n = 0; n < count; n++) {
			views.put(name as 'messages', make(n) as never);
			if (++waiting % CHUNK === 0) views.commit();
		}
	views.commit();
	views.close();
}

const memoryOf = (pid: number, name: 'VmRSS' | 'VmHWM'): number =>
	Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

interface Got {
	readonly ms: number;
	readonly bytes: number;
	readonly rows: number;
}

/** One GET read to its end, its rows counted as they come. */
function get(connector: RunningConnector, path: string): Promise<Got> {
	const began = performance.now();
	return new Promise((resolve, reject) => {
		const call = httpRequest(`${connector.url}/api/core/v1${path}`, { headers: { 'x-api-key': KEY } }, (answer) => {
			let [bytes, rows] = [0, 0];
			let last = '';
			answer.setEncoding('utf8').on('data', (chunk: string) => {
				bytes += chunk.length;
				rows += (last + chunk).split('"createdByDevice":').length - 1;
				last = chunk.slice(-17);
			});
			answer.on('error', reject).on('end', () => {
				if (answer.statusCode !== 200) reject(new Error(`${path}: ${answer.statusCode}`));
				else resolve({ ms: performance.now() - began, bytes, rows });
			});
		});
		call.on('error', reject).end();
	});
}

/** Filters that let few rows pass, by name; `n` varies what they look for. */
const filters = (size: Size): { readonly [name: string]: (n: number) => string } => {
	const peer = (n: number) => addressOf((n * 7919) % size.relationships);
	const at = (n: number) => new Date(Date.UTC(2025, 0, 1) + n * 30_000).toISOString();
	const spot = (n: number) => (n * 104_729) % (size.messages / 4);
	return {
		'Relationships?peer': (n) => `/Relationships?peer=${peer(n)}`,
		'Relationships?status (1 in 1000)': () => '/Relationships?status=Pending',
		'Messages?participant': (n) => `/Messages?participant=${peer(n)}`,
		'Messages?participant, createdAt': (n) => `/Messages?participant=${peer(n)}&createdAt=>${at(spot(n))}`,
		'Messages?createdAt (a stretch)': (n) => `/Messages?createdAt=>${at(spot(n))}&createdAt=<${at(spot(n) + 90)}`,
		'Messages?content.@type': () => '/Messages?content.@type=ArbitraryMessageContent',
		'Messages/{id}': (n) => `/Messages/${idOf('MSG', spot(n))}`,
		'Requests/Incoming?status': () => '/Requests/Incoming?status=ManualDecisionRequired',
		'Requests/Incoming?peer': (n) => `/Requests/Incoming?peer=${peer(n)}`,
		'Requests/Incoming?id': (n) => `/Requests/Incoming?id=${idOf('REQ', spot(n) | 1)}`,
		'Requests/Outgoing?source.reference': (n) => `/Requests/Outgoing?source.reference=${idOf('MSG', spot(n) & ~1)}`,
		'Requests/Outgoing?content.items.@type': () => '/Requests/Outgoing?content.items.@type=ConsentRequestItem',
		'Attributes?peer': (n) => `/Attributes?peer=${peer(n)}`,
		'Attributes?content.value.@type': () => '/Attributes?content.value.@type=BirthDate',
		'Messages?limit=50 (a page of all)': () => '/Messages?limit=50',
		'Messages?sort=-createdAt, limit=50': () => '/Messages?sort=-createdAt&limit=50'
	};
};

async function filtered(connector: RunningConnector, size: Size): Promise<Figure[]> {
	const figures: Figure[] = [];
	for (const [name, path] of Object.entries(filters(size))) {
		const times: number[] = [];
		for (let n = 0; n < WARM_UP + ROUNDS; n++) {
			const { ms } = await get(connector, path(n));
			if (n >= WARM_UP) times.push(ms);
		}
		times.sort((a, b) => a - b);
		figures.push({
			name: `GET ${name}, p95`,
			value: percentile(times, 0.95),
			target: FILTER_MS,
			better: 'less',
			unit: 'ms'
		});
	}
	return figures;
}

/** A message out and one in, each with its way to the relay and back for the one that comes. */
async function messages(connector: RunningConnector, other: RunningConnector): Promise<Figure[]> {
	const [me, peer] = [await identityOf(connector), await identityOf(other)];
	const content = { '@type': 'ArbitraryMessageContent', value: 1 };
	const send = (from: RunningConnector, to: string) =>
		must(from.call('POST', '/Messages', { recipients: [to], content }), 201);
	const [sent, fetched]: [number[], number[]] = [[], []];
	for (let n = 0; n < ROUNDS; n++) {
		let began = performance.now();
		await send(connector, peer);
		sent.push(performance.now() - began);
		await send(other, me);
		await sync(other);
		began = performance.now();
		await sync(connector);
		fetched.push(performance.now() - began);
	}
	const p95 = (times: number[]) =>
		percentile(
			times.sort((a, b) => a - b),
			0.95
		);
	return [
		{ name: 'POST Messages, p95', value: p95(sent), unit: 'ms' },
		{ name: 'POST Account/Sync that brings one, p95', value: p95(fetched), unit: 'ms' }
	];
}

/** A list of everything, its highest memory, and what somebody else's small request takes meanwhile. */
async function streamed(connector: RunningConnector, size: Size): Promise<Figure[]> {
	const pid = connector.child.pid!;
	let highest = 0;
	const watching = setInterval(() => (highest = Math.max(highest, memoryOf(pid, 'VmRSS'))), 20);
	let isOver = false;
	const times: number[] = [];
	const others = (async () => {
		for (let n = 0; !isOver; n++) times.push((await get(connector, filters(size)['Messages?participant']!(n))).ms);
	})();
	const whole = await get(connector, '/Messages');
	isOver = true;
	await others;
	clearInterval(watching);
	if (whole.rows < size.messages) throw new Error(`the list has ${whole.rows} rows`);
	return [
		{ name: `GET Messages, all ${size.messages}`, value: whole.ms / 1000, unit: 's' },
		{ name: '  of it per second', value: whole.bytes / 1e6 / (whole.ms / 1000), unit: 'MB' },
		{ name: '  memory meanwhile, highest', value: highest, target: MEMORY_MB, better: 'less', unit: 'MB' },
		{
			name: '  GET Messages?participant meanwhile, p95',
			value: percentile(
				times.sort((a, b) => a - b),
				0.95
			),
			unit: 'ms'
		}
	];
}

/** All figures of a Connector of this size, in a fresh folder. */
export async function scaleFigures(size: Size, folder = newFolder()): Promise<Figure[]> {
	const relay = await startRelay();
	try {
		const other = await startConnector(relay.url);
		const first = await startConnector(relay.url, {}, folder);
		await connect(first, other, [consent('yes')], [{ accept: true }]);
		first.child.kill('SIGTERM');
		await first.ended;
		const file = join(folder, 'default.views.db');
		const began = performance.now();
		fill(file, size);
		console.error(`filled in ${Math.round((performance.now() - began) / 1000)} s`);

		const starting = performance.now();
		const connector = await startConnector(relay.url, {}, folder);
		const startMs = performance.now() - starting;
		const idle = memoryOf(connector.child.pid!, 'VmRSS');
		const listed = await filtered(connector, size);
		const exchanged = await messages(connector, other);
		const all = await streamed(connector, size);
		const peak = memoryOf(connector.child.pid!, 'VmHWM');
		connector.child.kill('SIGTERM');
		await connector.ended;
		return [
			{ name: 'start, until it answers', value: startMs / 1000, target: START_S, better: 'less', unit: 's' },
			{ name: 'memory after the start', value: idle, unit: 'MB' },
			...listed,
			...exchanged,
			...all,
			{ name: 'memory, highest of all', value: peak, target: MEMORY_MB, better: 'less', unit: 'MB' },
			{ name: 'the views on disk', value: statSync(file).size / 1e6, unit: 'MB' }
		];
	} finally {
		await endAll();
		rmSync(folder, { recursive: true, force: true });
	}
}

if (import.meta.main) {
	const { values } = parseArgs({
		// The programmes of bench/main.ts share their arguments.
		strict: false,
		options: {
			relationships: { type: 'string', default: '100000' },
			messages: { type: 'string', default: '1000000' },
			folder: { type: 'string' }
		}
	});
	const size = { relationships: Number(values.relationships), messages: Number(values.messages) };
	console.log(table(await scaleFigures(size, typeof values.folder === 'string' ? values.folder : undefined)));
}
