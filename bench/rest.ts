/**
 * What a client of a Connector waits for (bench/README.md): two real Connectors on one real relay.
 *
 *   node bench/rest.ts [--rounds 2000] [--cycles 15] [--idle 20]
 *
 * A cycle is a relationship from nothing and a request by message in it: template → loaded → answered → relationship →
 * accepted → request → answered → response there. What ends the relationship again is not counted.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
	addressOf,
	connect,
	consent,
	identityAttribute,
	must,
	sync,
	until,
	type Shape
} from '../connector/testing/party.ts';
import { endAll, startConnector, startRelay, type RunningConnector } from '../connector/testing/processes.ts';
import { percentile, table, type Figure } from './lib/table.ts';

/** Callers at once. */
const CALLERS = 8;
const WARM_UP = 50;
const ATTRIBUTES = 50;

interface Size {
	readonly rounds: number;
	readonly cycles: number;
	/** Seconds nobody asks anything. */
	readonly idle: number;
}

/** `rounds` calls by so many callers at once, the first few not counted. */
async function calls(name: string, rounds: number, call: () => Promise<unknown>): Promise<Figure[]> {
	const run = async (count: number) => {
		const times: number[] = [];
		let left = count;
		const caller = async () => {
			while (left-- > 0) {
				const began = performance.now();
				await call();
				times.push(performance.now() - began);
			}
		};
		await Promise.all(Array.from({ length: CALLERS }, caller));
		return times.sort((a, b) => a - b);
	};
	await run(WARM_UP);
	const began = performance.now();
	const times = await run(rounds);
	const seconds = (performance.now() - began) / 1000;
	return [
		{ name: `${name}, ${CALLERS} callers at once`, value: rounds / seconds, unit: '/s' },
		{ name: '  p50', value: percentile(times, 0.5), unit: 'ms' },
		{ name: '  p99', value: percentile(times, 0.99), unit: 'ms' }
	];
}

async function cycle(asker: RunningConnector, answerer: RunningConnector): Promise<string> {
	const { relationshipId } = await connect(asker, answerer, [consent('yes')], [{ accept: true }]);
	const peer = await addressOf(answerer);
	const draft = await must(
		asker.call('POST', '/Requests/Outgoing', { content: { items: [consent('and this')] }, peer }),
		201
	);
	await must(asker.call('POST', '/Messages', { recipients: [peer], content: draft['content'] }), 201);
	const [request] = await until(
		async () => (await sync(answerer), must<Shape[]>(answerer.call('GET', `/Requests/Incoming?id=${draft.id}`))),
		(rows) => rows.length > 0,
		'asked'
	);
	await must(answerer.call('PUT', `/Requests/Incoming/${request!.id}/Accept`, { items: [{ accept: true }] }));
	await until(
		async () => (await sync(asker), must(asker.call('GET', `/Requests/Outgoing/${draft.id}`))),
		({ status }) => status === 'Completed',
		'answered'
	);
	return relationshipId;
}

async function end(one: RunningConnector, other: RunningConnector, id: string): Promise<void> {
	await must(one.call('PUT', `/Relationships/${id}/Terminate`));
	await must(one.call('DELETE', `/Relationships/${id}`), 204);
	await sync(other);
	await must(other.call('DELETE', `/Relationships/${id}`), 204);
	await sync(one);
}

async function cycles(one: RunningConnector, other: RunningConnector, count: number): Promise<Figure[]> {
	const times: number[] = [];
	for (let n = 0; n < count + 2; n++) {
		const began = performance.now();
		const id = await cycle(one, other);
		if (n >= 2) times.push(performance.now() - began);
		await end(one, other, id);
	}
	times.sort((a, b) => a - b);
	return [
		{ name: 'cycle between two Connectors, p50', value: percentile(times, 0.5), unit: 'ms' },
		{ name: '  p99', value: percentile(times, 0.99), unit: 'ms' }
	];
}

/** Processor time in milliseconds since the process began. Linux counts in hundredths of a second. */
const processorOf = (pid: number): number => {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
	return (Number(fields[11]) + Number(fields[12])) * 10;
};
const memoryOf = (pid: number): number =>
	Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

async function idle({ child }: RunningConnector, seconds: number): Promise<Figure[]> {
	const before = processorOf(child.pid!);
	await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
	const used = processorOf(child.pid!) - before;
	return [
		{ name: 'idle Connector, processor time per second', value: used / seconds, unit: 'ms' },
		{ name: 'idle Connector, memory', value: memoryOf(child.pid!), unit: 'MB' }
	];
}

export async function restFigures(size: Size): Promise<Figure[]> {
	const relay = await startRelay();
	try {
		const [one, other] = [await startConnector(relay.url), await startConnector(relay.url)];
		const resting = await idle(other, size.idle);
		const between = await cycles(one, other, size.cycles);
		await connect(one, other, [consent('yes')], [{ accept: true }]);
		const [me, peer] = [await addressOf(one), await addressOf(other)];
		for (let n = 0; n < ATTRIBUTES; n++) {
			const { owner: _own, ...content } = identityAttribute('JobTitle', `number ${n}`, me);
			await must(one.call('POST', '/Attributes', { content: { value: content.value } }), 201);
		}
		const read = await calls(`GET Attributes (${ATTRIBUTES})`, size.rounds, () =>
			must(one.call('GET', '/Attributes'))
		);
		const content = { '@type': 'ArbitraryMessageContent', value: 'hello' };
		const sent = await calls('POST Messages', Math.round(size.rounds / 3), () =>
			must(one.call('POST', '/Messages', { recipients: [peer], content }), 201)
		);
		return [...read, ...sent, ...between, ...resting];
	} finally {
		await endAll();
	}
}

if (import.meta.main) {
	const { values } = parseArgs({
		options: {
			rounds: { type: 'string', default: '2000' },
			cycles: { type: 'string', default: '15' },
			idle: { type: 'string', default: '20' }
		},
		strict: false
	});
	const figures = await restFigures({
		rounds: Number(values.rounds),
		cycles: Number(values.cycles),
		idle: Number(values.idle)
	});
	console.log(`\nTwo Connectors on one relay\n\n${table(figures)}`);
}
