/** `start`: the Connector until it is told to end, or until something breaks for good. */
import type { Command } from './command.ts';
import { complain, complainOf } from './command.ts';
import { logLevel } from '../config.ts';
import { readAuthentication } from '../http/auth.ts';
import { SHUTDOWN_GRACE_MS } from '../limits.ts';
import { createLog, placeOf, type Log } from '../log.ts';
import { moduleProblems } from '../modules/table.ts';
import { startConnector, type Running } from '../server.ts';

/** Resolves when something was thrown that nobody waits for: a bug, or the disk. Written down without its words. */
const crashed = (log: Log) =>
	new Promise<void>((resolve) => {
		const onCrash = (error: unknown) => {
			log.fatal(placeOf(error), 'crashed');
			resolve();
		};
		process.on('uncaughtException', onCrash);
		process.on('unhandledRejection', onCrash);
	});

/** Resolves once, at the first signal that asks the process to end. */
const signalled = () =>
	new Promise<void>((resolve) => {
		for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) process.once(signal, () => resolve());
	});

export const start: Command = async (config, { warnings }) => {
	const log = createLog(logLevel(config));
	const authentication = readAuthentication(config, Date.now(), (mechanism, error) =>
		log.warn({ mechanism, ...placeOf(error) }, 'not believed')
	);
	const problems = [...moduleProblems(config), ...(authentication.ok ? [] : authentication.problems)];
	if (problems.length > 0 || !authentication.ok) return complain(...problems);
	for (const warning of warnings) log.warn(warning);
	const end = signalled();
	const started = await startConnector(config, authentication.value, log);
	if (!started.ok) return complainOf(started.error);
	return untilEnd(started.value, end, crashed(log));
};

/** 0 when asked to end, 1 when something broke for good. */
async function untilEnd(running: Running, asked: Promise<void>, crash: Promise<void>): Promise<number> {
	const code = await Promise.race([asked.then(() => 0), running.broken.then(() => 1), crash.then(() => 1)]);
	// What is broken may never stop.
	await Promise.race([running.stop(), new Promise((resolve) => setTimeout(resolve, 2 * SHUTDOWN_GRACE_MS))]);
	return code;
}
