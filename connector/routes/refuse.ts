/** Refusals several endpoints share. */
import type { Result } from '../../crdt/index.ts';
import { ok } from '../../crdt/index.ts';
import { notFound } from '../http/errors.ts';
import { invalidValue } from '../http/schema.ts';

/** A row, or 404 with the entity's name. */
export const found = <T>(entity: string, row: T | undefined): Result<T> =>
	row === undefined ? notFound(entity) : ok(row);

export const asCheck = (result: Result<unknown>): Result<{ isSuccess: boolean; code?: string; message?: string }> =>
	ok(result.ok ? { isSuccess: true } : { isSuccess: false, code: result.error.code, message: result.error.message });

export const isPast = (date: string | undefined, now: number) => date !== undefined && Date.parse(date) < now;
export const expiryInPast = () => invalidValue("'expiresAt' must be in the future");
