/**
 * API keys (connector-api.md §5.1). Judged once at the start (`readApiKeys`), then per request (`authenticate`).
 *
 * Keys are compared by their SHA-256 in constant time, all of them every time, so that nothing about a key shows in how long
 * an answer takes. Expiry is looked at again with every request.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKeyConfig, Config } from '../config.ts';

export interface ApiKey {
	readonly hash: Buffer;
	/** Milliseconds since 1970; Infinity = never. */
	readonly expiresAt: number;
	readonly scopes: readonly string[];
}
export interface Authentication {
	readonly headerName: string;
	readonly keys: readonly ApiKey[];
	/** Nothing is configured and debug mode is on: everybody may do everything. */
	readonly open: boolean;
}

const hashOf = (key: string) => createHash('sha256').update(key).digest();
const SPECIAL = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
const countOf = (key: string, test: (character: string) => boolean) => [...key].filter(test).length;

/** Why a key is too weak to start with, or undefined. */
export function weakness(key: string): string | undefined {
	if ([...key].length < 30) return 'must have at least 30 characters';
	if (countOf(key, (each) => /[0-9]/.test(each)) < 2) return 'must have at least 2 digits';
	if (countOf(key, (each) => /[A-Z]/.test(each)) < 2) return 'must have at least 2 upper case letters';
	if (countOf(key, (each) => /[a-z]/.test(each)) < 2) return 'must have at least 2 lower case letters';
	if (countOf(key, (each) => SPECIAL.includes(each)) < 1)
		return `must have at least 1 of the special characters ${SPECIAL}`;
	return undefined;
}

const PLACE = 'infrastructure.httpServer.authentication';

function keyProblems(keys: Readonly<Record<string, ApiKeyConfig>>): string[] {
	const entries = Object.entries(keys);
	const problems = entries.flatMap(([id, { key }]) => {
		const weak = weakness(key);
		return weak === undefined ? [] : [`${PLACE}.apiKey.keys.${id}.key ${weak}`];
	});
	const distinct = new Set(entries.map(([, { key }]) => key)).size === entries.length;
	return distinct ? problems : [...problems, `${PLACE}.apiKey.keys must be pairwise distinct`];
}

const isUsable = (key: ApiKeyConfig, now: number) =>
	key.enabled !== false && (key.expiresAt === undefined || Date.parse(key.expiresAt) > now);
const isOn = (mechanism: { readonly enabled?: boolean | undefined } | undefined, filled: boolean) =>
	mechanism?.enabled ?? filled;

/** What authentication a configuration asks for, or the lines that say why it cannot start. */
export function readApiKeys(
	config: Config,
	now: number
): { ok: true; value: Authentication } | { ok: false; problems: string[] } {
	const { apiKey, oidc, jwtBearer } = config.infrastructure.httpServer.authentication;
	const foreign = Object.entries({ oidc, jwtBearer })
		.filter(([, options]) => isOn(options, Object.keys(options ?? {}).length > 0))
		.map(([name]) => `${PLACE}.${name} is not implemented yet, use ${PLACE}.apiKey`);
	const isKeyed = isOn(apiKey, Object.keys(apiKey.keys).length > 0);
	const usable = Object.values(apiKey.keys).filter((key) => isUsable(key, now));
	const problems = [
		...foreign,
		...(isKeyed ? keyProblems(apiKey.keys) : []),
		...(isKeyed && usable.length === 0
			? [`${PLACE}.apiKey.keys must have at least one key that is enabled and not expired`]
			: []),
		...(!isKeyed && !config.debug ? [`${PLACE} must be configured (only debug mode runs without)`] : [])
	];
	if (problems.length > 0) return { ok: false, problems };
	const keys = isKeyed ? usable : [];
	return {
		ok: true,
		value: {
			headerName: apiKey.headerName,
			open: !isKeyed,
			keys: keys.map(({ key, expiresAt, scopes }) => ({
				hash: hashOf(key),
				expiresAt: expiresAt === undefined ? Infinity : Date.parse(expiresAt),
				scopes: scopes ?? ['**']
			}))
		}
	};
}

/** The roles of the caller, or undefined: not authenticated. */
export function authenticate(
	authentication: Authentication,
	given: string | undefined,
	now: number
): readonly string[] | undefined {
	if (authentication.open) return ['**'];
	if (given === undefined) return undefined;
	const hash = hashOf(given);
	const found = authentication.keys.filter((key) => timingSafeEqual(key.hash, hash) && key.expiresAt > now);
	return found[0]?.scopes;
}
