/** What ends a process before it serves, as an operator sees it. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endAll, newFolder, run, settings, startRelay } from '../testing/processes.ts';
import { startRows, type StartRow, type StartWorld } from './testing/start.ts';
import { member } from './testing/town.ts';

let world: StartWorld;
let listener: Server;
beforeAll(async () => {
	listener = createServer().listen(0);
	await once(listener, 'listening');
	const [relay, strict] = await Promise.all([
		startRelay(),
		startRelay(0, newFolder(), { CLIENT_ID: 'office', CLIENT_SECRET: 'right' })
	]);
	const [resident, busy] = await Promise.all([member(relay.url), member(relay.url)]);
	resident.child.kill('SIGTERM');
	await resident.ended;
	world = {
		relay: relay.url,
		strict: strict.url,
		takenPort: (listener.address() as AddressInfo).port,
		inhabited: resident.folder,
		inUse: busy.folder
	};
}, 60_000);
afterAll(async () => {
	listener.close();
	await endAll();
});

async function ends({ words = ['start'], relay, folder, env }: StartRow) {
	const place = settings(relay?.(world) ?? world.relay, folder?.(world) ?? newFolder());
	const process_ = run(process.execPath, ['connector/main.ts', ...words], { ...place, ...env(world) });
	return { ...(await process_.ended), output: process_.output() };
}

describe('refused to start', () => {
	test.each(startRows.map((row) => [row.name, row.code, row] as const))('%s: %s', async (_name, code, row) => {
		const { code: exit, output } = await ends(row);
		const [line = '', ...rest] = output.trimEnd().split('\n');
		expect({ exit, code: line.split(': ')[0], rest }).toEqual({ exit: 1, code, rest: [] });
		expect(line.slice(`${code}: `.length)).toMatch(row.says ?? /\S/);
	});
});

test('control: what is asked for in every row but its fault starts', async () => {
	const { child, said, ended } = run(
		process.execPath,
		['connector/main.ts', 'start'],
		settings(world.relay, newFolder())
	);
	await said('ready');
	child.kill('SIGTERM');
	expect(await ended).toEqual({ code: 0, signal: null });
});
