/**
 * What an operator does by hand, `npm run relay -- admin …`: it writes the files of CONFIG_DIR (folder.ts), which a running
 * relay reads again by itself. Nothing here opens the store or needs the relay to be stopped.
 *
 *   admin announce add --title en=… --body en=… [--title de=… --body de=…] [--severity Low|Medium|High] [--expires <ISO date>]
 *                      [--silent] [--query <IQL>] [--action '<link> en=… de=…'] [--for <address>] …
 *   admin announce list | delete <ANC…>
 *   admin codes list | set <code> --title en=… --body en=… | delete <code>
 *   admin tags show | set <file>
 *   admin check                              whether the files are right
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { PUBLISHED, type PublishedName } from '@enmeshed/crdt/wire';
import { configDirOf, fileOf, readPublication } from './folder.ts';
import { DEVELOPMENT, parsePublication, type Publication } from './publications.ts';

export interface AdminPorts {
	readonly configDir: string;
	readonly now: () => number;
	readonly print: (line: string) => void;
}

type Told = { ok: true; line: string } | { ok: false; line: string };
const told = (line: string): Told => ({ ok: true, line });
const refuse = (line: string): Told => ({ ok: false, line });

const OPTIONS = {
	'config-dir': { type: 'string' },
	'data-dir': { type: 'string' },
	title: { type: 'string', multiple: true },
	body: { type: 'string', multiple: true },
	action: { type: 'string', multiple: true },
	for: { type: 'string', multiple: true },
	severity: { type: 'string' },
	expires: { type: 'string' },
	query: { type: 'string' },
	silent: { type: 'boolean' }
} as const;
type Values = ReturnType<typeof parse>['values'];
const parse = (args: readonly string[]) =>
	parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** ANC and 17 characters; bytes beyond the last whole alphabet are left out, so each is equally likely. */
function announcementId(): string {
	let id = 'ANC';
	while (id.length < 20)
		for (const byte of randomBytes(32)) if (byte < 248 && id.length < 20) id += ALPHABET[byte % 62];
	return id;
}

/** `en=Hello` … as { en: "Hello" }; undefined when one is written otherwise. */
function byLanguage(all: readonly string[] = []): { [language: string]: string } | undefined {
	const pairs = all.map((text) => /^([a-z]{2})=([\s\S]*)$/.exec(text));
	if (pairs.some((pair) => !pair)) return undefined;
	return Object.fromEntries(pairs.map((pair) => [pair![1]!, pair![2]!]));
}

function textsOf({ title, body }: Values): { [language: string]: { title: string; body: string } } | undefined {
	const [titles, bodies] = [byLanguage(title), byLanguage(body)];
	if (!titles || !bodies) return undefined;
	const languages = new Set([...Object.keys(titles), ...Object.keys(bodies)]);
	return Object.fromEntries(
		[...languages].map((language) => [language, { title: titles[language] ?? '', body: bodies[language] ?? '' }])
	);
}

/** `<link> en=Open de=Öffnen` */
function actionOf(text: string): { link: string; displayName: { [language: string]: string } } | undefined {
	const [link, ...rest] = text.split(/\s+(?=[a-z]{2}=)/);
	const displayName = byLanguage(rest);
	return link && displayName ? { link, displayName } : undefined;
}

/** The file's content; what a relay publishes by itself when there is none. */
function load<N extends PublishedName>(folder: string, name: N): { ok: true; value: Publication[N] } | Told {
	const path = fileOf(folder, name);
	if (!existsSync(path)) return { ok: true, value: DEVELOPMENT.current()[name] };
	const read = readPublication(path, name);
	return read.ok ? read : refuse(`${path}: ${read.problem}`);
}

/** Whole or not at all: a relay that reads meanwhile finds the old file or the new one. */
function save(folder: string, name: PublishedName, value: unknown, line: string): Told {
	const parsed = parsePublication(name, value);
	if (!parsed.ok) return refuse(parsed.problem);
	mkdirSync(folder, { recursive: true, mode: 0o755 });
	const path = fileOf(folder, name);
	const file = openSync(`${path}.tmp`, 'w', 0o644);
	try {
		writeSync(file, `${JSON.stringify(parsed.value, undefined, '\t')}\n`);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
	renameSync(`${path}.tmp`, path);
	return told(line);
}

function addAnnouncement({ configDir, now }: AdminPorts, values: Values): Told {
	const known = load(configDir, 'announcements');
	if (!('value' in known)) return known;
	const texts = textsOf(values);
	if (!texts) return refuse('--title and --body are written <language>=<text>, as in --title en=Hello');
	const actions = (values.action ?? []).map(actionOf);
	if (actions.includes(undefined)) return refuse("--action is written '<link> en=<text> de=<text>'");
	const id = announcementId();
	const added = {
		id,
		createdAt: new Date(now()).toISOString(),
		...(values.expires === undefined ? {} : { expiresAt: values.expires }),
		severity: values.severity ?? 'Low',
		isSilent: values.silent ?? false,
		texts,
		actions,
		...(values.query === undefined ? {} : { iqlQuery: values.query }),
		...(values.for ? { recipients: values.for } : {})
	};
	return save(configDir, 'announcements', [...known.value, added], id);
}

function announce(ports: AdminPorts, [verb, id]: readonly string[], values: Values): Told {
	if (verb === 'add') return addAnnouncement(ports, values);
	const known = load(ports.configDir, 'announcements');
	if (!('value' in known)) return known;
	if (verb === 'list') {
		const lines = known.value.map(
			({ id, createdAt, severity, texts, recipients }) =>
				`${id}  ${createdAt}  ${severity}  ${recipients ? `${recipients.length} recipients` : 'everybody'}  ${texts['en']?.title}`
		);
		return told(lines.join('\n') || 'no announcements');
	}
	if (verb !== 'delete') return refuse('admin announce add, list or delete <id>');
	const left = known.value.filter((each) => each.id !== id);
	if (left.length === known.value.length) return refuse(`there is no announcement ${id ?? ''}`.trim());
	return save(ports.configDir, 'announcements', left, `${id} is deleted`);
}

function codes({ configDir }: AdminPorts, [verb, code]: readonly string[], values: Values): Told {
	const known = load(configDir, 'codes');
	if (!('value' in known)) return known;
	if (verb === 'list')
		return told(
			Object.entries(known.value)
				.map(([name, texts]) => `${name}  ${texts['en']?.title}`)
				.join('\n') || 'no codes'
		);
	if (!code) return refuse('admin codes list, set <code> or delete <code>');
	if (verb === 'set') {
		const texts = textsOf(values);
		if (!texts) return refuse('--title and --body are written <language>=<text>, as in --title en=Hello');
		return save(configDir, 'codes', { ...known.value, [code]: texts }, `${code} is set`);
	}
	if (verb !== 'delete') return refuse('admin codes list, set <code> or delete <code>');
	if (!Object.hasOwn(known.value, code)) return refuse(`there is no code ${code}`);
	const { [code]: _deleted, ...left } = known.value;
	return save(configDir, 'codes', left, `${code} is deleted`);
}

function tags({ configDir }: AdminPorts, [verb, path]: readonly string[]): Told {
	if (verb === 'show') {
		const known = load(configDir, 'tags');
		return 'value' in known ? told(JSON.stringify(known.value, undefined, '\t')) : known;
	}
	if (verb !== 'set' || !path) return refuse('admin tags show, or set <file>');
	try {
		return save(configDir, 'tags', JSON.parse(readFileSync(path, 'utf8')), 'the tags are set');
	} catch (error) {
		return refuse(
			`${path}: ${error instanceof SyntaxError ? 'is no JSON' : (error as NodeJS.ErrnoException).code}`
		);
	}
}

function check({ configDir }: AdminPorts): Told {
	const problems = PUBLISHED.flatMap((name) => {
		const known = load(configDir, name);
		return 'value' in known ? [] : [known.line];
	});
	return problems.length > 0 ? refuse(problems.join('\n')) : told('all files are right');
}

/** Runs one command; false when it was refused. `args` begin after the word admin. */
export function admin(
	args: readonly string[],
	env: { readonly [name: string]: string | undefined },
	ports: Pick<AdminPorts, 'now' | 'print'>
): boolean {
	let parsed: ReturnType<typeof parse>;
	try {
		parsed = parse(args);
	} catch (error) {
		ports.print((error as Error).message);
		return false;
	}
	const { values, positionals } = parsed;
	const [what, ...rest] = positionals;
	const dataDir = values['data-dir'] ?? (env['DATA_DIR'] || 'data/relay');
	const all: AdminPorts = {
		...ports,
		configDir: configDirOf(dataDir, values['config-dir'] ?? (env['CONFIG_DIR'] || undefined))
	};
	const commands: { readonly [what: string]: () => Told } = {
		announce: () => announce(all, rest, values),
		codes: () => codes(all, rest, values),
		tags: () => tags(all, rest),
		check: () => check(all)
	};
	const command = what !== undefined && Object.hasOwn(commands, what) ? commands[what] : undefined;
	const result = command
		? command()
		: refuse('admin announce, codes, tags or check; backbone-relay/admin.ts says how');
	ports.print(result.line);
	return result.ok;
}
