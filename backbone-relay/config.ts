/**
 * What an operator sets: environment names, or flags of the same names (`--data-dir` for DATA_DIR). Flags win. Unknown flags
 * and impossible values are told in one line each, before anything is opened.
 */
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { configDirOf } from './folder.ts';
import { parseLimits, type Limits } from './limits.ts';

const DNS_NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

const text = v.pipe(v.string(), v.trim(), v.minLength(1, 'must not be empty'));
const webUrl = v.pipe(
	text,
	v.url('must be a URL'),
	v.regex(/^https?:\/\//, 'must begin with http:// or https://'),
	v.transform((url) => url.replace(/\/+$/, ''))
);
const port = v.pipe(
	text,
	v.regex(/^\d+$/, 'must be a number'),
	v.transform(Number),
	v.maxValue(65_535, 'must be at most 65535')
);

const SETTINGS = v.object({
	/** 0 takes a free one. */
	PORT: v.optional(port, '8080'),
	/** The address listened on. Only this machine unless told otherwise: 0.0.0.0 (or ::) opens it to the network. */
	HOST: v.optional(text, '127.0.0.1'),
	/** Everything the relay keeps: relay.sqlite, blobs/, relay.key. */
	DATA_DIR: v.optional(text, 'data/relay'),
	/** The operator's files: announcements.json, tags.json, codes.json (folder.ts). Default: `config` in DATA_DIR. */
	CONFIG_DIR: v.optional(text),
	/** The address others reach it by; part of links. HTTPS makes it send HSTS. */
	PUBLIC_URL: v.optional(webUrl),
	/** The host in addresses of identities made here; never change it afterwards. */
	ADDRESS_HOST: v.optional(v.pipe(text, v.toLowerCase(), v.regex(DNS_NAME, 'must be a DNS name'))),
	/** The built App (web/build), served at /. */
	APP_DIR: v.optional(text),
	/** When both are set, registration needs them. */
	CLIENT_ID: v.optional(text),
	CLIENT_SECRET: v.optional(text),
	/** JSON object of names in limits.ts. */
	LIMITS: v.optional(text),
	/** 1 = the last address of X-Forwarded-For is the client (set it only behind a proxy of your own). */
	TRUST_PROXY: v.optional(v.picklist(['0', '1'], 'must be 0 or 1'), '0'),
	LOG_LEVEL: v.optional(v.picklist(['silent', 'error', 'warn', 'info', 'debug']), 'info')
});
type Name = keyof typeof SETTINGS.entries;
const NAMES = Object.keys(SETTINGS.entries) as Name[];

export interface Config {
	readonly port: number;
	readonly host: string;
	readonly dataDir: string;
	readonly configDir: string;
	/** Undefined: http://localhost:<the port it got>. */
	readonly publicUrl: string | undefined;
	readonly addressHost: string;
	readonly appDir: string | undefined;
	readonly client: { readonly id: string; readonly secret: string } | undefined;
	readonly limits: Limits;
	readonly trustProxy: boolean;
	readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
}

const flagOf = (name: Name) => name.toLowerCase().replaceAll('_', '-');

function readFlags(args: readonly string[]): { [flag: string]: string | undefined } | string {
	const options = Object.fromEntries(NAMES.map((name) => [flagOf(name), { type: 'string' as const }]));
	try {
		return parseArgs({ args: [...args], options, strict: true }).values as { [flag: string]: string | undefined };
	} catch (error) {
		return (error as Error).message;
	}
}

function limitsOf(json: string | undefined): Limits | undefined {
	try {
		return parseLimits(json === undefined ? undefined : JSON.parse(json));
	} catch {
		return undefined;
	}
}

const hostOf = (url: string | undefined): string => {
	const host = url === undefined ? 'localhost' : new URL(url).hostname;
	return DNS_NAME.test(host) ? host : 'localhost';
};

export function parseConfig(
	args: readonly string[],
	env: { readonly [name: string]: string | undefined }
): { ok: true; config: Config } | { ok: false; problems: string[] } {
	const flags = readFlags(args);
	if (typeof flags === 'string') return { ok: false, problems: [flags] };
	const given = Object.fromEntries(NAMES.map((name) => [name, flags[flagOf(name)] ?? (env[name] || undefined)]));
	const parsed = v.safeParse(SETTINGS, given);
	if (!parsed.success) {
		return { ok: false, problems: parsed.issues.map((issue) => `${v.getDotPath(issue)} ${issue.message}`) };
	}
	const s = parsed.output;
	const limits = limitsOf(s.LIMITS);
	const problems: string[] = [];
	if (!limits)
		problems.push('LIMITS must be a JSON object of positive integers with names of backbone-relay/limits.ts');
	if ((s.CLIENT_ID === undefined) !== (s.CLIENT_SECRET === undefined))
		problems.push('CLIENT_ID and CLIENT_SECRET belong together');
	if (!limits || problems.length > 0) return { ok: false, problems };
	return {
		ok: true,
		config: {
			port: s.PORT as number,
			host: s.HOST,
			dataDir: s.DATA_DIR,
			configDir: configDirOf(s.DATA_DIR, s.CONFIG_DIR),
			publicUrl: s.PUBLIC_URL,
			addressHost: s.ADDRESS_HOST ?? hostOf(s.PUBLIC_URL),
			appDir: s.APP_DIR,
			client: s.CLIENT_ID && s.CLIENT_SECRET ? { id: s.CLIENT_ID, secret: s.CLIENT_SECRET } : undefined,
			limits,
			trustProxy: s.TRUST_PROXY === '1',
			logLevel: s.LOG_LEVEL
		}
	};
}
