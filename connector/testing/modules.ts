/** What module tests stand on: systems that receive, a clock that moves by itself, and the parts a module is given. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ok, type Clock } from '../../crdt/index.ts';
import { createMemoryStore } from '../../crdt/sim/memory-store.ts';
import { createEvents } from '../modules/events.ts';
import { createRegistry } from '../modules/http.ts';
import { noJournal } from '../modules/journal.ts';
import type { OutsideParts } from '../modules/module.ts';
import { openOutbox } from '../modules/outbox.ts';
import type { Services } from '../modules/services.ts';
import { rowEngine, silent } from './parts.ts';

export interface Received {
	readonly path: string;
	readonly headers: IncomingMessage['headers'];
	readonly body: string;
}
type Answer = { readonly status?: number; readonly body?: string };

/** A system of the integrator: writes down what it is sent and answers as told. */
export async function receiver(answer: (path: string, count: number) => Answer | Promise<Answer> = () => ({})) {
	const received: Received[] = [];
	const waiting: (() => void)[] = [];
	const server = createServer((request, response) => {
		let body = '';
		request.on('data', (chunk: Buffer) => (body += chunk.toString()));
		request.on('end', () => {
			received.push({ path: request.url ?? '', headers: request.headers, body });
			const count = received.length;
			void Promise.resolve(answer(request.url ?? '', count)).then(({ status = 200, body: text = '' }) => {
				response.writeHead(status, status >= 300 && status < 400 ? { location: '/elsewhere' } : {}).end(text);
				for (const wake of waiting.splice(0)) wake();
			});
		});
	});
	server.listen(0);
	await once(server, 'listening');
	return {
		url: `http://localhost:${(server.address() as AddressInfo).port}`,
		received,
		/** Waits until so many came. */
		async until(count: number): Promise<Received[]> {
			while (received.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
			return received;
		},
		close() {
			server.closeAllConnections();
			server.close();
		}
	};
}

/** Waiting takes no time but moves the clock; `slept` is what was waited for. */
export function movingClock(start = Date.parse('2026-01-31T12:00:00.000Z')): Clock & { readonly slept: number[] } {
	let now = start;
	const slept: number[] = [];
	return {
		now: () => now,
		async sleep(ms, signal) {
			if (signal?.aborted) return;
			slept.push(ms);
			now += ms;
			await new Promise((resolve) => setImmediate(resolve));
		},
		slept
	};
}

const noServices: Services = {
	call: async <T>() => ok(undefined as T),
	fetch: async () => new Response()
};

/** Parts over an engine made of rows; `emit` is what that engine tells. */
export async function outsideParts(
	changes: Partial<OutsideParts> & { readonly store?: ReturnType<typeof createMemoryStore> } = {}
): Promise<OutsideParts & { emit: ReturnType<typeof rowEngine>['emit'] }> {
	const { store = createMemoryStore(), ...given } = changes;
	const engine = rowEngine();
	const clock = given.clock ?? movingClock();
	const log = given.log ?? silent;
	return {
		engine,
		clock,
		log,
		events: createEvents(engine, log),
		outbox: await openOutbox(store, clock, log),
		journal: noJournal,
		services: noServices,
		http: createRegistry(true),
		...given,
		emit: engine.emit
	};
}

/** Lets everything that was begun go as far as it can. */
export const settle = (ms = 100) => new Promise((resolve) => setTimeout(resolve, ms));
