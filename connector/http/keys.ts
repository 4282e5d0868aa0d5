/**
 * API keys (connector-api.md §5.1): judged once at the start (`readKeys`), then looked up per request (`scopesOf`).
 *
 * Keys are compared by their SHA-256 in constant time, all of them every time, so that nothing about a key shows in how long
 * an answer takes. Expiry is looked at again with every request.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKeyConfig, Config } from '../config.ts';
import { isOn, PLACE } from './mechanism.ts';

export interface ApiKey {
	readonly hash: Buffer;
	/** Milliseconds since 1970; Infinity = never. */
	readonly expiresAt: number;
	readonly scopes: readonly string[];
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

/** The usable keys of a configuration; undefined when keys are off; or the lines that say why it cannot start. */
export function readKeys(
	{ infrastructure }: Config,
	now: number
): { readonly keys: readonly ApiKey[] | undefined; readonly problems: readonly string[] } {
	const { apiKey } = infrastructure.httpServer.authentication;
	if (!isOn(apiKey.enabled, Object.keys(apiKey.keys).length > 0)) return { keys: undefined, problems: [] };
	const usable = Object.values(apiKey.keys).filter((key) => isUsable(key, now));
	const none = `${PLACE}.apiKey.keys must have at least one key that is enabled and not expired`;
	return {
		problems: [...keyProblems(apiKey.keys), ...(usable.length === 0 ? [none] : [])],
		keys: usable.map(({ key, expiresAt, scopes }) => ({
			hash: hashOf(key),
			expiresAt: expiresAt === undefined ? Infinity : Date.parse(expiresAt),
			scopes: scopes ?? ['**']
		}))
	};
}

/** The scopes of a key, or undefined: unknown or expired. */
export function scopesOf(keys: readonly ApiKey[], given: string, now: number): readonly string[] | undefined {
	const hash = hashOf(given);
	const found = keys.filter((key) => timingSafeEqual(key.hash, hash) && key.expiresAt > now);
	return found[0]?.scopes;
}
