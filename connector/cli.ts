/**
 * The command line (connector-api.md §7.3): `start`, `identity status`, `-h`. Arguments are strict; what fails prints one
 * line per cause on stderr and ends with exit code 1.
 */
import { setGlobalProxyFromEnv } from 'node:http';
import { identityAddress } from './account.ts';
import { DEFAULTS, logLevel, readConfig, type Config } from './config.ts';
import { readApiKeys } from './http/auth.ts';
import { SHUTDOWN_GRACE_MS } from './limits.ts';
import { createLog, placeOf, type Log } from './log.ts';
import { moduleProblems } from './modules/table.ts';
import { startConnector, type Running } from './server.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const HELP = `Usage: node connector/main.ts <command> [-c <file>] [--a:b:c <value> ...]

Commands:
  start             run the Connector
  identity status   show the address of the own identity

Options:
  -c, --config <file>   configuration file (else CUSTOM_CONFIG_LOCATION, else ./config.json)
  --a:b:c <value>       one setting, e.g. --infrastructure:httpServer:port 8080
  -h, --help            this text
`;

interface Arguments {
	readonly command: string;
	readonly file?: string;
	readonly options: readonly (readonly [string, string])[];
}

const isSetting = (name: string) => Object.hasOwn(DEFAULTS, name.split(':')[0] ?? '');

/** Words and options of a command line, or the line that says what is wrong with it. */
export function parseArguments(argv: readonly string[]): Arguments | { readonly problem: string } {
	const words: string[] = [];
	const options: [string, string][] = [];
	let file: string | undefined;
	for (let at = 0; at < argv.length; at++) {
		const argument = argv[at] ?? '';
		if (!argument.startsWith('-')) {
			words.push(argument);
			continue;
		}
		const [flag = '', inline] = argument.split(/=(.*)/s);
		const name = flag === '-c' ? 'config' : flag.replace(/^--/, '');
		const value = inline ?? argv[++at];
		if (name !== 'config' && !(flag.startsWith('--') && isSetting(name)))
			return { problem: `unknown option ${flag}` };
		if (value === undefined) return { problem: `option ${flag} needs a value` };
		if (name === 'config') file = value;
		else options.push([name, value]);
	}
	return { command: words.join(' '), options, ...(file === undefined ? {} : { file }) };
}

const complain = (...lines: readonly string[]): 1 => {
	for (const line of lines) process.stderr.write(`${line}\n`);
	return 1;
};

/** Settings of the original that must not be ignored silently. */
const unsupported = (config: Config): string[] => [
	...(config.enforceCertificatePinning || config.pinnedTLSCertificateSHA256Fingerprints
		? ['certificate pinning is not implemented yet']
		: []),
	...(config.infrastructure.httpServer.helmetOptions
		? ['infrastructure.httpServer.helmetOptions is not implemented yet']
		: [])
];

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

async function runStart(config: Config): Promise<number> {
	const authentication = readApiKeys(config, Date.now());
	const problems = [
		...unsupported(config),
		...moduleProblems(config),
		...(authentication.ok ? [] : authentication.problems)
	];
	if (problems.length > 0 || !authentication.ok) return complain(...problems);
	const end = signalled();
	const log = createLog(logLevel(config));
	const started = await startConnector(config, authentication.value, log);
	if (!started.ok) return complain(`${started.error.code}: ${started.error.message}`);
	return untilEnd(started.value, end, crashed(log));
}

/** 0 when asked to end, 1 when something broke for good. */
async function untilEnd(running: Running, asked: Promise<void>, crash: Promise<void>): Promise<number> {
	const code = await Promise.race([asked.then(() => 0), running.broken.then(() => 1), crash.then(() => 1)]);
	// What is broken may never stop.
	await Promise.race([running.stop(), new Promise((resolve) => setTimeout(resolve, 2 * SHUTDOWN_GRACE_MS))]);
	return code;
}

async function runStatus(config: Config): Promise<number> {
	const address = await identityAddress(config);
	if (!address.ok) return complain(`${address.error.code}: ${address.error.message}`);
	process.stdout.write(`Identity Address: ${address.value}\n`);
	return 0;
}

const COMMANDS: Readonly<Record<string, (config: Config) => Promise<number>>> = {
	start: runStart,
	'identity status': runStatus
};

/** Runs one command; the number is the exit code. */
export async function run(argv: readonly string[], env: Environment): Promise<number> {
	if (argv.some((argument) => argument === '-h' || argument === '--help')) {
		process.stdout.write(HELP);
		return 0;
	}
	const parsed = parseArguments(argv);
	if ('problem' in parsed) return complain(parsed.problem, HELP);
	const command = Object.hasOwn(COMMANDS, parsed.command) ? COMMANDS[parsed.command] : undefined;
	if (!command)
		return complain(parsed.command === '' ? 'a command is missing' : `unknown command '${parsed.command}'`, HELP);
	const config = readConfig({ options: parsed.options, env, file: parsed.file });
	if (!config.ok) return complain(...config.problems.map((line) => `configuration: ${line}`));
	setGlobalProxyFromEnv(process.env as Record<string, string>);
	return command(config.config);
}
