/**
 * The command line (connector-api.md §7.3). Arguments are strict; what fails prints one line per cause on stderr and ends with
 * exit code 1.
 */
import { setGlobalProxyFromEnv } from 'node:http';
import { complain, type Command } from './commands/command.ts';
import { deviceInvite, deviceJoin } from './commands/device.ts';
import { healthcheck } from './commands/health.ts';
import { cancelDeletion, identityStatus, initiateDeletion } from './commands/identity.ts';
import { start } from './commands/start.ts';
import { isSetting, readConfig } from './config.ts';
import { pinCertificates } from './pinning.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Row {
	/** Words after the command's own. */
	readonly words: readonly string[];
	readonly summary: string;
	readonly run: Command;
	readonly takesYes?: true;
}
const COMMANDS: Readonly<Record<string, Row>> = {
	start: { words: [], summary: 'run the Connector', run: start },
	'identity status': { words: [], summary: 'show the address of the own identity', run: identityStatus },
	'identityDeletion init': {
		words: [],
		summary: 'begin the deletion of the identity, with its grace period',
		run: initiateDeletion
	},
	'identityDeletion cancel': { words: [], summary: 'take the deletion back', run: cancelDeletion },
	'device invite': {
		words: [],
		summary: 'print a one-time link by which another device joins this identity',
		run: deviceInvite,
		takesYes: true
	},
	'device join': {
		words: ['<link>'],
		summary: 'make an empty database a device of the identity that invited',
		run: deviceJoin,
		takesYes: true
	},
	healthcheck: { words: [], summary: 'exit code 0 if the running Connector is healthy', run: healthcheck }
};

const usage = ([name, { words, summary }]: readonly [string, Row]) =>
	`  ${[name, ...words].join(' ').padEnd(24)} ${summary}`;

const HELP = `Usage: node connector/main.ts <command> [-c <file>] [--a:b:c <value> ...]

Commands:
${Object.entries(COMMANDS).map(usage).join('\n')}

Options:
  -c, --config <file>    configuration file (else CUSTOM_CONFIG_LOCATION, else ./config.json)
  --a:b:c <value>        one setting, e.g. --infrastructure:httpServer:port 8080
  --yes <code>           device: go on without asking if this is the code both sides must show
  -h, --help             this text
`;

interface Arguments {
	readonly words: readonly string[];
	readonly file?: string;
	readonly yes?: string;
	readonly options: readonly (readonly [string, string])[];
}

/** Words and options of a command line, or the line that says what is wrong with it. */
export function parseArguments(argv: readonly string[]): Arguments | { readonly problem: string } {
	const words: string[] = [];
	const options: [string, string][] = [];
	const named: { config?: string; yes?: string } = {};
	for (let at = 0; at < argv.length; at++) {
		const argument = argv[at] ?? '';
		if (!argument.startsWith('-')) {
			words.push(argument);
			continue;
		}
		const [flag = '', inline] = argument.split(/=(.*)/s);
		const name = flag === '-c' ? 'config' : flag.startsWith('--') ? flag.slice(2) : '';
		const value = inline ?? argv[++at];
		const isNamed = name === 'config' || name === 'yes';
		if (!isNamed && !isSetting(name.split(':')[0] ?? '')) return { problem: `unknown option ${flag}` };
		if (value === undefined) return { problem: `option ${flag} needs a value` };
		if (isNamed && named[name] !== undefined) return { problem: `option ${flag} is there twice` };
		if (isNamed) named[name] = value;
		else options.push([name, value]);
	}
	const { config: file, yes } = named;
	return {
		words,
		options,
		...(file === undefined ? {} : { file }),
		...(yes === undefined ? {} : { yes })
	};
}

/** The command that the words begin with, and the words after it; or the line that says why there is none. */
function commandOf({ words, yes }: Arguments): { row: Row; rest: readonly string[] } | { readonly problem: string } {
	const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find((each) => Object.hasOwn(COMMANDS, each));
	const row = name === undefined ? undefined : COMMANDS[name];
	if (name === undefined || row === undefined)
		return { problem: words.length === 0 ? 'a command is missing' : `unknown command '${words.join(' ')}'` };
	const rest = words.slice(name.split(' ').length);
	if (rest.length > row.words.length) return { problem: `unknown command '${words.join(' ')}'` };
	if (rest.length < row.words.length) return { problem: `${name} needs ${row.words.slice(rest.length).join(' ')}` };
	return yes === undefined || row.takesYes ? { row, rest } : { problem: `${name} takes no --yes` };
}

/** Runs one command; the number is the exit code. */
export async function run(argv: readonly string[], env: Environment): Promise<number> {
	if (argv.some((argument) => argument === '-h' || argument === '--help')) {
		process.stdout.write(HELP);
		return 0;
	}
	const parsed = parseArguments(argv);
	if ('problem' in parsed) return complain(parsed.problem, HELP);
	const command = commandOf(parsed);
	if ('problem' in command) return complain(command.problem, HELP);
	const config = readConfig({ options: parsed.options, env, file: parsed.file });
	if (!config.ok) return complain(...config.problems.map((line) => `configuration: ${line}`));
	setGlobalProxyFromEnv(process.env as Record<string, string>);
	pinCertificates(config.config);
	const { yes } = parsed;
	return command.row.run(config.config, {
		warnings: config.warnings,
		words: command.rest,
		...(yes === undefined ? {} : { yes })
	});
}
