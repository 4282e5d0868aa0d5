/** Refusals several endpoints share, and what is not built yet. */
import type { JsonObject, Refusal, Result } from '../../crdt/index.ts';
import { ok } from '../../crdt/index.ts';
import { notFound, notImplemented } from '../http/errors.ts';
import { invalidValue } from '../http/schema.ts';

/** A row, or 404 with the entity's name. */
export const found = <T>(entity: string, row: T | undefined): Result<T> =>
	row === undefined ? notFound(entity) : ok(row);

export const asCheck = (result: Result<unknown>): Result<{ isSuccess: boolean; code?: string; message?: string }> =>
	ok(result.ok ? { isSuccess: true } : { isSuccess: false, code: result.error.code, message: result.error.message });

export const isPast = (date: string | undefined, now: number) => date !== undefined && Date.parse(date) < now;
export const expiryInPast = () => invalidValue("'expiresAt' must be in the future");

/** Request items of the content model that this version does not carry out. */
const UNBUILT = new Set(['TransferFileOwnershipRequestItem']);
/** Where those may stand; everything else in a content is the caller's own and is not looked at. */
const PLACES = ['onNewRelationship', 'onExistingRelationship', 'items', 'query', 'attribute'];

function unbuiltIn(value: unknown): string | undefined {
	if (Array.isArray(value)) return value.map(unbuiltIn).find((name) => name !== undefined);
	if (typeof value !== 'object' || value === null) return undefined;
	const named = (value as { readonly '@type'?: unknown })['@type'];
	if (typeof named === 'string' && UNBUILT.has(named)) return named;
	return PLACES.map((place) => unbuiltIn((value as JsonObject)[place])).find((name) => name !== undefined);
}

/** 501 when a content asks for something not built yet. */
export function refuseUnbuilt(content: unknown): { ok: false; error: Refusal } | undefined {
	const name = unbuiltIn(content);
	return name === undefined ? undefined : notImplemented(name);
}
