import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { RelayUnreachable } from '../crdt/index.ts';
import {
	decodeFromRelay,
	decodeRequest,
	encodeAnswer,
	encodePush,
	encodeRefusal,
	encodeRequest
} from '../crdt/wire.ts';
import { frameHead } from './frame-head.ts';
import { lineUrl, relayLine } from './relay-line.ts';

const servers: WebSocketServer[] = [];
afterEach(() => {
	for (const server of servers.splice(0)) {
		for (const client of server.clients) client.terminate();
		server.close();
	}
});
const challenge = new Uint8Array(32).fill(7);

/** A relay that says its challenge and then does what the test says with each request. */
async function relay(
	onRequest: (socket: WebSocket, id: number) => void,
	greet = (socket: WebSocket) => socket.send(encodePush({ push: 'challenge', challenge }))
) {
	const server = new WebSocketServer({ port: 0, path: '/v1/line' });
	servers.push(server);
	server.on('connection', (socket, request) => {
		expect(request.headers['x-mine']).toBe('1');
		greet(socket);
		socket.on('message', (data) => {
			const decoded = decodeRequest(new Uint8Array(data as Buffer));
			onRequest(socket, decoded.ok ? decoded.request.id : decoded.id);
		});
	});
	await once(server, 'listening');
	return `http://localhost:${(server.address() as AddressInfo).port}/`;
}
const line = (baseUrl: string, timeoutMs = 2000) => relayLine({ baseUrl, timeoutMs, headers: { 'x-mine': '1' } });
const ask = (id: number) => encodeRequest(id, 'version', {});
const idOf = (frame: Uint8Array) => {
	const decoded = decodeFromRelay(frame);
	return decoded && 'answer' in decoded ? decoded.answer.id : undefined;
};

describe('the line to the relay', () => {
	test('hands over the challenge and gives each request its own answer, in whatever order they come', async () => {
		const held: number[] = [];
		const url = await relay((socket, id) => {
			held.push(id);
			if (held.length === 3) for (const each of [...held].reverse()) socket.send(encodeAnswer(each, {}));
		});
		const connection = await line(url).connect();
		expect(connection.challenge).toEqual(challenge);
		const answers = await Promise.all([1, 2, 3].map((id) => connection.exchange(ask(id))));
		expect(answers.map(idOf)).toEqual([1, 2, 3]);
		connection.close();
	});

	test('hands pushes to the listener, ignores answers nobody waits for', async () => {
		const url = await relay((socket, id) => {
			socket.send(encodeAnswer(99, {}));
			socket.send(encodePush({ push: 'wake', seq: 1, mseq: 2, chain: 3 }));
			socket.send(encodeAnswer(id, {}));
		});
		const connection = await line(url).connect();
		const pushed: unknown[] = [];
		connection.onPush((frame) => pushed.push(decodeFromRelay(frame)));
		await connection.exchange(ask(5));
		expect(pushed).toEqual([{ push: { push: 'wake', seq: 1, mseq: 2, chain: 3 } }]);
		connection.close();
	});

	test('a line that breaks rejects everything that waits, once, and tells so', async () => {
		const url = await relay((socket) => socket.terminate());
		const connection = await line(url).connect();
		let closed = 0;
		connection.onClose(() => closed++);
		const both = await Promise.allSettled([connection.exchange(ask(1)), connection.exchange(ask(2))]);
		for (const each of both)
			expect(each).toMatchObject({ status: 'rejected', reason: expect.any(RelayUnreachable) });
		await expect(connection.exchange(ask(3))).rejects.toBeInstanceOf(RelayUnreachable);
		expect(closed).toBe(1);
	});

	test('silence counts as a broken line, and so does a relay that speaks another language', async () => {
		const silent = await relay(() => undefined);
		await expect((await line(silent, 100).connect()).exchange(ask(1))).rejects.toBeInstanceOf(RelayUnreachable);
		const mute = await relay(
			() => undefined,
			() => undefined
		);
		await expect(line(mute, 100).connect()).rejects.toBeInstanceOf(RelayUnreachable);
		const babbling = await relay(
			() => undefined,
			(socket) => socket.send(new Uint8Array([1, 2, 3]))
		);
		await expect(line(babbling).connect()).rejects.toBeInstanceOf(RelayUnreachable);
		const noise = await relay((socket) => socket.send(new Uint8Array([0xff])));
		await expect((await line(noise).connect()).exchange(ask(1))).rejects.toBeInstanceOf(RelayUnreachable);
	});

	test('nobody there is unreachable', async () => {
		await expect(line('http://localhost:1').connect()).rejects.toBeInstanceOf(RelayUnreachable);
	});

	test('the address of the line', () => {
		expect(lineUrl('https://relay.example/base/')).toBe('wss://relay.example/base/v1/line');
		expect(lineUrl('http://localhost:8090')).toBe('ws://localhost:8090/v1/line');
		expect(relayLine({ baseUrl: 'http://a/', timeoutMs: 1 }).url).toBe('http://a');
	});
});

describe('the head of a frame', () => {
	test('is what the codec reads, for every kind of frame', () => {
		for (const id of [0, 23, 24, 255, 256, 65_536, 2 ** 33]) {
			expect(frameHead(encodeRequest(id, 'pull', { after: 7 }))).toEqual({ id });
			expect(
				frameHead(
					encodeAnswer(id, { entries: [new Uint8Array(300)], nested: { id: 1, list: [-1, null, true, 1.5] } })
				)
			).toEqual({ id });
			expect(frameHead(encodeRefusal(id, 'quota', { detail: 'x' }))).toEqual({ id });
		}
		expect(frameHead(encodePush({ push: 'challenge', challenge }))).toEqual({ push: 'challenge', challenge });
		expect(frameHead(encodePush({ push: 'wake', seq: 1, mseq: 2, chain: 3 }))).toEqual({ push: 'wake' });
	});

	test('no bytes whatever make it throw', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void frameHead(bytes)),
			{ numRuns: 5000 }
		);
		const valid = encodeAnswer(7, { entries: [new Uint8Array(40)] });
		for (let length = 0; length < valid.length; length++)
			expect(frameHead(valid.subarray(0, length))).toBeUndefined();
	});
});
