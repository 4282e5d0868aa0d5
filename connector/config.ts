/**
 * The Connector's configuration (connector-api.md §7).
 *
 * Sources, the first wins, merged member by member:
 *   1. command line   --infrastructure:httpServer:port 8080
 *   2. environment    infrastructure__httpServer__port=8080, or with `:`; a value that is JSON is taken as JSON
 *   3. a JSON file    -c/--config, else CUSTOM_CONFIG_LOCATION, else ./config.json (only this one may be missing)
 *   4. DEFAULTS
 *
 * Unknown top-level keys are tolerated (unrelated environment variables land there), everything below is strict, a module
 * that is switched off is never looked into. Every violation is one line; `readConfig` returns them all.
 */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { problemLines } from './http/schema.ts';

export const DEFAULTS = {
	debug: false,
	transportLibrary: { allowIdentityCreation: true, platformTimeout: 60_000, platformMaxRedirects: 10 },
	database: { driver: 'sqlite', folder: 'data/connector', dbName: 'default' },
	logging: { level: 'info' },
	infrastructure: {
		httpServer: {
			enabled: true,
			port: 80,
			cors: { origin: false },
			authentication: { apiKey: { headerName: 'X-API-KEY', keys: {} } }
		}
	},
	modules: {
		notification: { enabled: true },
		decider: { enabled: true },
		request: { enabled: true },
		coreHttpApi: { enabled: true, docs: { enabled: false } },
		sync: { enabled: false, interval: 60 },
		sse: { enabled: false },
		webhooks: { enabled: false, targets: {}, webhooks: [], skipTlsCheck: false },
		autoAcceptPendingRelationships: { enabled: false },
		autoDecomposeDeletionProposedRelationships: { enabled: false },
		messageBrokerPublisher: { enabled: false, brokers: [] }
	}
};

/** Settings without a value of their own until somebody gives one. */
const UNSET = ['pinnedTLSCertificateSHA256Fingerprints', 'enforceCertificatePinning'];
/** Whether a name of one part is a setting of ours, and not somebody else's environment variable. */
export const isSetting = (name: string): boolean => Object.hasOwn(DEFAULTS, name) || UNSET.includes(name);

const ALIASES: Readonly<Record<string, string>> = {
	DATABASE_NAME: 'database:dbName',
	DATABASE_CONNECTION_STRING: 'database:connectionString',
	SYNC_ENABLED: 'modules:sync:enabled',
	PLATFORM_CLIENT_ID: 'transportLibrary:platformClientId',
	PLATFORM_CLIENT_SECRET: 'transportLibrary:platformClientSecret',
	DEBUG: 'debug'
};

const text = v.string();
const flag = v.boolean();
const positive = v.pipe(v.number(), v.minValue(0));
const isoDate = v.pipe(
	text,
	v.check((value) => !Number.isNaN(Date.parse(value)), 'must match ISO8601 datetime format')
);

const apiKeySchema = v.strictObject({
	key: text,
	enabled: v.optional(flag),
	description: v.optional(text),
	expiresAt: v.optional(isoDate),
	scopes: v.optional(v.array(text))
});
export type ApiKeyConfig = v.InferOutput<typeof apiKeySchema>;

const corsSchema = v.strictObject({
	origin: v.optional(v.union([flag, text, v.array(text)], 'must be boolean, string or array of strings')),
	methods: v.optional(v.union([text, v.array(text)], 'must be string or array of strings')),
	allowedHeaders: v.optional(v.union([text, v.array(text)], 'must be string or array of strings')),
	exposedHeaders: v.optional(v.union([text, v.array(text)], 'must be string or array of strings')),
	credentials: v.optional(flag),
	maxAge: v.optional(positive),
	preflightContinue: v.optional(flag),
	optionsSuccessStatus: v.optional(positive)
});
export type CorsConfig = v.InferOutput<typeof corsSchema>;

const portSchema = v.pipe(
	v.union([v.number(), text], 'must be number or string'),
	v.transform(Number),
	v.check((port) => Number.isInteger(port) && port >= 0 && port <= 65_535, 'must be a port from 0 to 65535')
);

const moduleSchema = v.looseObject({ enabled: flag, location: v.optional(text), displayName: v.optional(text) });
export type ModuleConfig = v.InferOutput<typeof moduleSchema>;

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
/** What a log4js configuration calls levels that have other names here. */
const LEVEL_ALIASES: Readonly<Record<string, (typeof LEVELS)[number]>> = { off: 'silent', all: 'trace', mark: 'fatal' };
const level = v.pipe(
	text,
	v.transform((name) => name.toLowerCase()),
	v.transform((name) => LEVEL_ALIASES[name] ?? name),
	v.picklist(LEVELS)
);
/** `AB:CD…`, `ab cd…` or `abcd…`: a SHA-256. */
const fingerprint = v.pipe(
	text,
	v.transform((value) => value.replaceAll(/[:\s]/g, '').toLowerCase()),
	v.check((value) => /^[0-9a-f]{64}$/.test(value), 'must be a SHA-256 fingerprint in hex')
);

const configSchema = v.object({
	debug: flag,
	transportLibrary: v.strictObject({
		baseUrl: v.pipe(
			text,
			v.check(
				(url) => /^https?:\/\/./.test(url) && (url.includes('|') || URL.canParse(url)),
				'must begin with http:// or https://'
			),
			v.check((url) => !url.includes('|'), "must not contain '|'")
		),
		platformClientId: v.optional(text),
		platformClientSecret: v.optional(text),
		allowIdentityCreation: flag,
		platformTimeout: positive,
		platformMaxRedirects: positive,
		platformMaxUnencryptedFileSize: v.optional(positive),
		platformMaxContentLength: v.optional(positive),
		platformAdditionalHeaders: v.optional(v.record(text, text)),
		addressGenerationHostnameOverride: v.optional(text),
		datawalletEnabled: v.optional(flag),
		tagCacheLifetimeInMinutes: v.optional(positive),
		debug: v.optional(flag)
	}),
	database: v.strictObject({
		// With a connection string for PostgreSQL the driver is not looked at; the views stay in the folder.
		driver: v.picklist(['sqlite', 'postgres']),
		connectionString: v.optional(text),
		folder: v.pipe(text, v.minLength(1)),
		dbName: v.pipe(
			text,
			v.check((name) => /^[A-Za-z0-9._-]{1,100}$/.test(name) && !/^\.+$/.test(name), 'must be a plain file name')
		)
	}),
	logging: v.strictObject({
		level,
		// A log4js configuration of the original is accepted; only its default level is used, lines go to stdout.
		appenders: v.optional(v.looseObject({})),
		categories: v.optional(v.looseObject({ default: v.optional(v.looseObject({ level: v.optional(level) })) })),
		levels: v.optional(v.unknown()),
		pm2: v.optional(v.unknown()),
		pm2InstanceVar: v.optional(v.unknown()),
		disableClustering: v.optional(v.unknown())
	}),
	infrastructure: v.strictObject({
		httpServer: v.strictObject({
			enabled: flag,
			port: portSchema,
			cors: corsSchema,
			helmetOptions: v.optional(v.looseObject({})),
			authentication: v.strictObject({
				apiKey: v.strictObject({
					enabled: v.optional(flag),
					headerName: v.pipe(text, v.minLength(1)),
					keys: v.record(text, apiKeySchema)
				}),
				oidc: v.optional(v.looseObject({ enabled: v.optional(flag) })),
				jwtBearer: v.optional(v.looseObject({ enabled: v.optional(flag) }))
			})
		})
	}),
	pinnedTLSCertificateSHA256Fingerprints: v.optional(v.record(text, v.array(fingerprint))),
	enforceCertificatePinning: v.optional(flag),
	modules: v.record(text, v.unknown())
});
type Parsed = v.InferOutput<typeof configSchema>;
export type Config = Omit<Parsed, 'modules'> & { readonly modules: Readonly<Record<string, ModuleConfig>> };

export type ConfigResult =
	| {
			readonly ok: true;
			readonly config: Config;
			/** What was ignored, one line each. */ readonly warnings: readonly string[];
	  }
	| { readonly ok: false; readonly problems: readonly string[] };

type Tree = { [key: string]: unknown };
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const isUnsafe = (key: string) => key === '' || key === '__proto__' || key === 'constructor' || key === 'prototype';

/** `over` on top of `under`, member by member; arrays and scalars replace. */
export function merge(under: Tree, over: Tree): Tree {
	const merged: Tree = { ...under };
	for (const [key, value] of Object.entries(over)) {
		if (isUnsafe(key)) continue;
		const below = Object.hasOwn(merged, key) ? merged[key] : undefined;
		merged[key] = isTree(below) && isTree(value) ? merge(below, value) : value;
	}
	return merged;
}

const nest = (segments: readonly string[], value: unknown): Tree =>
	segments.some(isUnsafe) ? {} : (segments.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree);

const jsonOrText = (value: string): unknown => {
	try {
		return JSON.parse(value);
	} catch {
		return value;
	}
};

/** Environment variables as a tree; the aliases first, so that a full name wins over its alias. */
export function environmentTree(env: Readonly<Record<string, string | undefined>>): Tree {
	let tree: Tree = {};
	const add = (name: string, value: string) => {
		const segments = name.split(/:|__/);
		if (segments.length > 1 || isSetting(name)) tree = merge(tree, nest(segments, jsonOrText(value)));
	};
	for (const [alias, name] of Object.entries(ALIASES)) if (env[alias] !== undefined) add(name, env[alias]);
	for (const [name, value] of Object.entries(env)) if (value !== undefined && !(name in ALIASES)) add(name, value);
	return tree;
}

/** `[['a:b', 'value'], …]` of the command line as a tree. */
const optionsTree = (options: readonly (readonly [string, string])[]): Tree =>
	options.reduce<Tree>((tree, [name, value]) => merge(tree, nest(name.split(':'), jsonOrText(value))), {});

/** A file may be missing, whoever named it: an image names one for all who mount theirs there (connector-api.md §7.1). */
function readFile(path: string): { tree: Tree; missing?: string } | { problem: string } {
	let content: string;
	try {
		content = readFileSync(path, 'utf8');
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ENOENT'
			? { tree: {}, missing: `${path}: the configuration file does not exist` }
			: { problem: `${path}: the configuration file cannot be read` };
	}
	const tree = jsonOrText(content);
	return isTree(tree) ? { tree } : { problem: `${path}: the configuration file is not a JSON object` };
}

const SETTING = '{"driver":"sqlite","folder":"data/connector","dbName":"default"}';
const isForMongo = (connectionString: unknown) =>
	typeof connectionString === 'string' && /^mongodb(\+srv)?:\/\//.test(connectionString);
const isForPostgres = (connectionString: unknown) =>
	typeof connectionString === 'string' &&
	/^postgres(ql)?:\/\//.test(connectionString) &&
	URL.canParse(connectionString);

/**
 * The database settings without what is not for us. A driver we do not have is one line that names the setting that works; a
 * connection string for MongoDB that stands there without its driver (an environment that was kept) is ignored with a warning.
 */
function judgeDatabase(tree: Tree): { database: unknown; problem?: string; warning?: string } {
	const { database } = tree;
	if (!isTree(database)) return { database };
	const { connectionString, ...rest } = database;
	const isOurs = rest['driver'] === 'sqlite' || rest['driver'] === 'postgres';
	if (isOurs && isForPostgres(connectionString)) return { database };
	if (rest['driver'] === 'sqlite' && connectionString === undefined) return { database };
	if (isOurs && isForMongo(connectionString))
		return {
			database: rest,
			warning: `database.connectionString is ignored: there is no MongoDB here, the database is ${SETTING}`
		};
	const given = isOurs ? 'connectionString' : `driver ${JSON.stringify(rest['driver'])}`;
	return {
		database: DEFAULTS.database,
		problem: `database: ${given} is not supported, use ${SETTING} or a connectionString postgres://…`
	};
}

function moduleProblems(modules: Tree): string[] {
	return Object.entries(modules).flatMap(([name, module]) => {
		if (isTree(module) && module['enabled'] === false) return [];
		const parsed = v.safeParse(moduleSchema, module);
		return parsed.success ? [] : problemLines(parsed.issues).map((line) => `modules.${name}.${line}`);
	});
}

/** Merges the sources and judges the result. */
export function readConfig(sources: {
	readonly options?: readonly (readonly [string, string])[];
	readonly env?: Readonly<Record<string, string | undefined>>;
	readonly file?: string | undefined;
}): ConfigResult {
	const env = sources.env ?? {};
	const named = sources.file ?? env['CUSTOM_CONFIG_LOCATION'];
	const file = readFile(named ?? './config.json');
	if ('problem' in file) return { ok: false, problems: [file.problem] };
	const layers = [file.tree, environmentTree(env), optionsTree(sources.options ?? [])];
	const parsed = parseConfig(layers.reduce(merge, DEFAULTS as Tree));
	if (named === undefined || file.missing === undefined) return parsed;
	return parsed.ok
		? { ...parsed, warnings: [file.missing, ...parsed.warnings] }
		: { ...parsed, problems: [file.missing, ...parsed.problems] };
}

/** A merged tree to a configuration, or all its violations, one line each. */
export function parseConfig(tree: Tree): ConfigResult {
	const { database, problem, warning } = judgeDatabase(tree);
	const parsed = v.safeParse(configSchema, { ...tree, database });
	const problems = [
		...(problem === undefined ? [] : [problem]),
		...(parsed.success ? [] : problemLines(parsed.issues)),
		...(isTree(tree['modules']) ? moduleProblems(tree['modules']) : [])
	];
	if (!parsed.success || problems.length > 0) return { ok: false, problems };
	return { ok: true, config: parsed.output as Config, warnings: warning === undefined ? [] : [warning] };
}

/** The log level: ours, or the default category of a log4js configuration. */
export const logLevel = (config: Config): string => config.logging.categories?.default?.level ?? config.logging.level;
