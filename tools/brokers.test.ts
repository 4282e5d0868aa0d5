// How the brokers come to be there: what is planned for each, and that what was started for the tests is gone after them.
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { answers } from '../connector/testing/brokers.ts';
import { BROKERS, ensureBrokers, planOf, startBroker, type Broker, type Machine, type Plan } from './brokers.ts';

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await new Promise((resolve) => server.once('listening', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}
/** A machine without anything. */
const bare: Machine = {
	answers: async () => false,
	find: () => undefined,
	mayInstall: false,
	install: async () => false
};
const has = (...programs: string[]) => ({ find: (program: string) => programs.find((each) => each === program) });

describe.each(BROKERS)('$name', (broker) => {
	test.each<[string, Partial<Machine>, Plan]>([
		['one that answers is used as it is', { answers: async () => true, mayInstall: true }, 'answers'],
		['one that is here is started', { ...has(...broker.programs), mayInstall: true }, 'installed'],
		['what is missing is installed where we may', { mayInstall: true }, 'toInstall'],
		['half of it is as good as nothing', { ...has(...broker.programs.slice(1)), mayInstall: true }, 'toInstall'],
		['else it cannot be had', {}, 'none']
	])('%s', async (_, changes, plan) => {
		expect(await planOf(broker, 1, { ...bare, ...changes })).toBe(plan);
	});

	test('keeps to the port and the folder it is given, on this machine only', () => {
		const commands = broker.commands(7001, '/given');
		const words = JSON.stringify(commands);
		expect(words).toContain('7001');
		expect(words).not.toMatch(/daemon["-]?(ize",)?"yes|detached|0\.0\.0\.0|\/var\//);
		for (const { program } of commands) expect(broker.programs).toContain(program);
	});
});

/** A server that is a few words of JavaScript, and writes where it keeps its data. */
const small = (body: string): Broker => ({
	kind: 'Redis',
	name: 'Small',
	package: 'small',
	programs: [process.execPath],
	commands: (port, folder) => [{ program: process.execPath, args: ['-e', body, String(port), folder] }],
	patienceMs: 20_000
});
const LISTENS = `require('fs').writeFileSync(process.argv[2] + '/data/here', '');
	require('net').createServer().listen(Number(process.argv[1]), '127.0.0.1')`;
const here: Machine = { ...bare, answers, find: (program) => program };
const ports = (Redis: number) => ({ AMQP: 1, MQTT: 1, NATS: 1, Redis });

test('what was started answers, and is gone with its folder when it is stopped', async () => {
	const port = await freePort();
	let folder = '';
	const server = { ...small(LISTENS), commands: (p: number, f: string) => small(LISTENS).commands(p, (folder = f)) };
	const brokers = await ensureBrokers([server], ports(port), here);
	expect([brokers.missing, await answers(port), existsSync(`${folder}/data/here`)]).toEqual([[], true, true]);
	await brokers.stop();
	expect([await answers(port), existsSync(folder)]).toEqual([false, false]);
});

test('one that answers already is left running', async () => {
	const other = createServer().listen(0, '127.0.0.1');
	await new Promise((resolve) => other.once('listening', resolve));
	const { port } = other.address() as AddressInfo;
	const brokers = await ensureBrokers([small('process.exit(1)')], ports(port), here);
	await brokers.stop();
	expect([brokers.missing, await answers(port)]).toEqual([[], true]);
	other.close();
});

test('one that is missing is installed, once, and then started', async () => {
	const port = await freePort();
	const installed: string[] = [];
	const machine: Machine = {
		...here,
		mayInstall: true,
		find: (program) => (installed.length > 0 ? program : undefined),
		install: async (name) => (installed.push(name), true)
	};
	const brokers = await ensureBrokers([small(LISTENS)], ports(port), machine);
	expect([installed, brokers.missing, await answers(port)]).toEqual([['small'], [], true]);
	await brokers.stop();
});

test('one that ends at once, or cannot be installed, is named', async () => {
	const port = await freePort();
	expect(await startBroker(small('process.exit(3)'), port, here)).toBeUndefined();
	const failing: Machine = { ...bare, mayInstall: true };
	expect((await ensureBrokers([small(LISTENS)], ports(port), failing)).missing).toEqual(['Small']);
});
