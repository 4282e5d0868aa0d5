/**
 * `npm run relay`: reads the configuration (config.ts), starts, and stops when told (SIGTERM, SIGINT).
 * `npm run relay -- admin …`: what an operator does by hand (admin.ts).
 */
import { flushCompileCache } from 'node:module';
import type { Config } from './config.ts';
import { relaunch } from './relaunch.ts';

if (process.argv[2] === 'admin') {
	const { admin } = await import('./admin.ts');
	const done = admin(process.argv.slice(3), process.env, { now: Date.now, print: console.log });
	process.exit(done ? 0 : 1);
}
relaunch();
// Loaded only in the process that stays.
const { pino } = await import('pino');
const { parseConfig } = await import('./config.ts');
const { start } = await import('./start.ts');
const { StoreError } = await import('./store/store.ts');

const fail = (line: string): never => {
	console.error(line);
	process.exit(1);
};

/** One line a person can act on; undefined for what is a bug. */
function whyNot(error: unknown, config: Config): string | undefined {
	const code = (error as NodeJS.ErrnoException).code;
	if (code === 'EADDRINUSE') return `Port ${config.port} is taken: choose another with PORT=… or --port …`;
	if (code === 'EACCES')
		return `Not allowed: port ${config.port} (PORT, --port) or folder ${config.dataDir} (DATA_DIR, --data-dir)`;
	if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
		return `This machine has no address ${config.host} (HOST, --host)`;
	const cause = error instanceof StoreError ? (error.cause as Error).message : undefined;
	if (cause === 'database is locked')
		return `Another relay uses ${config.dataDir}: choose another folder with DATA_DIR=… or --data-dir …`;
	if (cause !== undefined) return `The data in ${config.dataDir} cannot be opened: ${cause}`;
	return error instanceof Error && error.message.startsWith('APP_DIR') ? error.message : undefined;
}

const parsed = parseConfig(process.argv.slice(2), process.env);
const config = parsed.ok ? parsed.config : fail(parsed.problems.join('\n'));
const log = pino({ level: config.logLevel, base: null });

try {
	const running = await start(config, log);
	// Now, not at the end: whoever is killed starts again as quickly.
	flushCompileCache();
	log.info({ port: running.port, url: running.url, addressHost: config.addressHost }, 'listening');
	const stop = (signal: string) => {
		log.info({ signal }, 'stopping');
		running.stop().then(
			() => process.exit(0),
			(error: unknown) => {
				log.error({ err: error }, 'could not stop cleanly');
				process.exit(1);
			}
		);
	};
	process.once('SIGTERM', stop);
	process.once('SIGINT', stop);
} catch (error) {
	const why = whyNot(error, config);
	if (why === undefined) throw error;
	fail(why);
}
