/** What every group of operations stands on. */
import type { Bytes } from '../../codec/bytes.ts';
import { idOf } from '../../codec/ids.ts';
import { RelayUnreachable, type Clock, type Random } from '../../ports.ts';
import { refuse, type Result } from '../../result.ts';
import type { Iso } from '../../views.ts';
import { UNREACHABLE, type Core } from '../core.ts';

export type IdPrefix = 'ATT' | 'REQ' | 'MSG' | 'RLT' | 'TOK' | 'REL';

export interface Base {
	readonly core: Core;
	readonly self: Core['self'];
	readonly clock: Clock;
	readonly random: Random;
	now(): Iso;
	/** A fresh id of this identity and the bytes it is computed from (protocol.md §1). */
	newId(prefix: IdPrefix): { readonly id: string; readonly random: Bytes };
	/** Refusals are values; a relay out of reach is one too. */
	reaching<T>(work: () => Promise<Result<T>>): Promise<Result<T>>;
}

export function makeBase(core: Core): Base {
	const { self, ports } = core;
	const { clock, random } = ports;
	return {
		core,
		self,
		clock,
		random,
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

export const INVALID = 'error.runtime.validation.invalidPropertyValue';
export const notFound = (entity: string, detail = 'Make sure the ID exists and the record is not expired.') =>
	refuse('error.runtime.recordNotFound', `${entity} not found. ${detail}`);
