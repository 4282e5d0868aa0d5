// The message brokers the Connector is tested against: one that answers on its port is used; else Debian's package is installed
// where we may, and the server started. One that cannot be had is named, and its tests say so and are counted as skipped.
import { connect } from 'node:net';
import { findProgram, installByApt } from './machine.ts';
import { run } from './processes.ts';

interface Server {
	readonly name: string;
	readonly port: number;
	readonly package: string;
	/** Starts it in the background; the command itself ends. */
	readonly start: readonly string[];
	/** How long it may take until it answers. */
	readonly patienceMs: number;
}

const BROKERS: readonly Server[] = [
	{
		name: 'RabbitMQ',
		port: 5672,
		package: 'rabbitmq-server',
		start: ['rabbitmq-server', '-detached'],
		patienceMs: 60_000
	},
	{
		name: 'Mosquitto',
		port: 1883,
		package: 'mosquitto',
		start: ['mosquitto', '-d', '-p', '1883'],
		patienceMs: 10_000
	},
	{
		name: 'Redis',
		port: 6379,
		package: 'redis-server',
		start: ['redis-server', '--daemonize', 'yes', '--bind', '127.0.0.1', '--port', '6379', '--save', ''],
		patienceMs: 10_000
	},
	{
		name: 'NATS',
		port: 4222,
		package: 'nats-server',
		// It has no background mode of its own.
		start: [
			'start-stop-daemon',
			'--start',
			'--background',
			'--exec',
			'/usr/sbin/nats-server',
			'--',
			'-a',
			'127.0.0.1'
		],
		patienceMs: 10_000
	}
];

/** Whether somebody listens there. */
const answers = (port: number): Promise<boolean> =>
	new Promise((resolve) => {
		const socket = connect({ host: '127.0.0.1', port, timeout: 1000 });
		const end = (isThere: boolean) => (socket.destroy(), resolve(isThere));
		socket.once('connect', () => end(true));
		socket.once('error', () => end(false));
		socket.once('timeout', () => end(false));
	});

async function ensure({ port, package: name, start, patienceMs }: Server): Promise<boolean> {
	if (await answers(port)) return true;
	const [program = '', ...args] = start;
	const places = ['/usr/sbin', '/usr/bin', ...(process.env['PATH'] ?? '').split(':')].join(':');
	const isThere = () => findProgram([name === 'nats-server' ? 'nats-server' : program], places);
	if (!isThere() && !(await installByApt(name))) return false;
	// A package may have started its server already.
	if (!(await answers(port))) await run(program, args, { env: { PATH: places }, limitMs: patienceMs });
	for (const end = Date.now() + patienceMs; Date.now() < end; await new Promise((r) => setTimeout(r, 250)))
		if (await answers(port)) return true;
	return false;
}

/** Names of the brokers that cannot be had. */
export async function ensureBrokers(): Promise<string[]> {
	const missing: string[] = [];
	for (const server of BROKERS) if (!(await ensure(server))) missing.push(server.name);
	return missing;
}
