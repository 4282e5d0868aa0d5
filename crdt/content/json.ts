/**
 * JSON values from outside: is it JSON at all, are two equal. Promise: never throws, never recurses deeper than
 * `maxJsonDepth`, member order does not matter (content-model.md §0: key order).
 */
import { maxJsonDepth } from '../limits.ts';
import type { Json, JsonObject } from '../views.ts';

export const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

export function isJson(value: unknown, depth = maxJsonDepth): value is Json {
	if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
	if (typeof value === 'number') return Number.isFinite(value);
	if (typeof value !== 'object' || depth === 0) return false;
	if (Array.isArray(value)) return value.every((element) => isJson(element, depth - 1));
	return Object.values(value).every((member) => member === undefined || isJson(member, depth - 1));
}

export const isJsonObject = (value: unknown): value is JsonObject => isObject(value) && isJson(value);

/** Structural equality; an absent member equals one that is `undefined`. */
export function isEqualJson(a: unknown, b: unknown): boolean {
	if (a === b) return true; // and so 0 and -0, which JSON writes alike
	if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((x, i) => isEqualJson(x, b[i]));
	if (!isObject(a) || !isObject(b)) return false;
	const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
	return [...keys].every((key) => isEqualJson(own(a, key), own(b, key)));
}

/** Its own member: one named `__proto__` is a member like others. */
const own = (object: { readonly [key: string]: unknown }, key: string): unknown =>
	Object.hasOwn(object, key) ? object[key] : undefined;

/** Equal values have equal texts. */
export const jsonText = (value: unknown): string =>
	JSON.stringify(value, (_name, member: unknown) =>
		isObject(member)
			? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
			: member
	);

/** Without members that are `undefined`, so that what is stored equals what travels. */
export function compact<T extends { readonly [key: string]: unknown }>(value: T): Compact<T> {
	return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Compact<T>;
}
type Compact<T> = {
	[K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };
