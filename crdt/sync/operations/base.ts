/** What every group of operations stands on. */
import type { Bytes } from '../../codec/bytes.ts';
import { toCbor } from '../../codec/cbor.ts';
import { idOf } from '../../codec/ids.ts';
import { envelopeBucket } from '../../codec/padding.ts';
import type { AnswerFrame, RefusalType } from '../../codec/frame.ts';
import { emptyTagCollection, type AttributeTagCollection } from '../../content/tags.ts';
import { maxContentBytes, maxLettersBytes } from '../../limits.ts';
import { RelayUnreachable, type Clock, type Random } from '../../ports.ts';
import { ok, refuse, type Result } from '../../result.ts';
import type { Iso, Json } from '../../views.ts';
import { UNREACHABLE, type Core } from '../core.ts';

export type IdPrefix = 'NOT' | 'ATT' | 'REQ' | 'MSG' | 'RLT' | 'TOK' | 'REL' | 'FIL' | 'CHL' | 'IDP';

export interface Base {
	readonly core: Core;
	readonly self: Core['self'];
	readonly clock: Clock;
	readonly random: Random;
	/** Whether this engine keeps default attributes: the App does, a Connector does not. */
	readonly defaults: boolean;
	/** Tags the operator publishes, as far as they are known here. */
	tags(): AttributeTagCollection;
	now(): Iso;
	/** A fresh id of this identity and the bytes it is computed from (protocol.md §1). */
	newId(prefix: IdPrefix): { readonly id: string; readonly random: Bytes };
	/** Refusals are values; a relay out of reach is one too. */
	reaching<T>(work: () => Promise<Result<T>>): Promise<Result<T>>;
}

export interface EngineOptions {
	readonly defaults?: boolean;
}

export function makeBase(core: Core, options: EngineOptions = {}): Base {
	const { self, ports } = core;
	const { clock, random } = ports;
	return {
		core,
		self,
		clock,
		random,
		defaults: options.defaults ?? false,
		tags: () =>
			(core.base().get('published', 'tags')?.value as unknown as AttributeTagCollection) ?? emptyTagCollection,
		now: () => new Date(clock.now()).toISOString(),
		newId(prefix) {
			const bytes = random.bytes(16);
			return { id: idOf(prefix, self.address, bytes), random: bytes };
		},
		async reaching(work) {
			try {
				return await work();
			} catch (error) {
				if (error instanceof RelayUnreachable) return UNREACHABLE;
				throw error;
			}
		}
	};
}

/** Refusals of the relay with a meaning of their own (connector-api.md §13 rows 4 and 5); all others are a surprise. */
const UNEXPECTED = 'error.platform.unexpected';
const UNSAID = 'Received invalid error content from platform. Contact the platform team.';
/** What stands around content in an envelope, at most. */
const AROUND = 2 ** 16;
const TOO_MUCH = ['error.transport.request.bodyLengthExceeded', 'The relay does not take that much.', 413] as const;
const BY_RELAY: { readonly [T in RefusalType]?: readonly [code: string, message: string, status: number] } = {
	quota: [UNEXPECTED, UNSAID, 429],
	'rate-limited': [UNEXPECTED, UNSAID, 429],
	'mailbox-full': [UNEXPECTED, UNSAID, 429],
	unavailable: [UNEXPECTED, UNSAID, 503],
	'storage-full': [UNEXPECTED, UNSAID, 507],
	'too-large': TOO_MUCH,
	'not-signed-in': ['error.platform.unauthorized', 'The relay does not know this device.', 401],
	'signature-invalid': ['error.platform.forbidden', 'The relay does not accept this device.', 403]
};

/** What the relay refused, as callers know it. */
export function refusedByRelay(answer: AnswerFrame): Result<never> {
	const known = answer.ok || answer.type === 'unknown' ? undefined : BY_RELAY[answer.type];
	return known ? refuse(...known) : refuse(UNEXPECTED, 'The relay refused it.');
}

/**
 * The relay's answer to content that is too large, or too large so many times at once, before anything is kept; undefined when it
 * is not.
 */
export function tooMuch(content: Json, recipients = 1): Result<never> | undefined {
	const { length } = toCbor(content);
	const isTooMuch = length > maxContentBytes || recipients * envelopeBucket(length + AROUND) > maxLettersBytes;
	return isTooMuch ? refuse(...TOO_MUCH) : undefined;
}

export const INVALID = 'error.runtime.validation.invalidPropertyValue';
export const notFound = (entity: string, detail = 'Make sure the ID exists and the record is not expired.') =>
	refuse('error.runtime.recordNotFound', `${entity} not found. ${detail}`);

/** What a call shows after it was done; a sibling may have ended what it belongs to in the same moment, and taken it away. */
export const shown = <T>(entity: string, row: T | undefined): Result<T> =>
	row === undefined ? notFound(entity, 'It was removed meanwhile.') : ok(row);
