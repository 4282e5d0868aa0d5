/** Identity metadata (connector-api.md §2.7): what programs keep about an identity, one value per reference and key. */
import * as v from 'valibot';
import type { IdentityMetadataRow, Json, Result } from '../../crdt/index.ts';
import { ok } from '../../crdt/index.ts';
import { parseInput, strict } from '../http/schema.ts';
import { address, first, text } from './input.ts';
import { endpoint, type Query } from './route.ts';
import { withoutAbsent } from './templates.ts';

const slot = { reference: address, key: v.optional(text) };
const asked = (query: Query) => parseInput(strict(slot), first(query, ['reference', 'key']));

/** Callers know it by reference and key, not by its inner id. */
const asShown = (kept: Result<IdentityMetadataRow>): Result<Omit<IdentityMetadataRow, 'id'>> => {
	if (!kept.ok) return kept;
	const { id: _inner, ...shown } = kept.value;
	return ok(shown);
};

export const put = endpoint({
	summary: 'Keep a value about an identity',
	body: strict({ ...slot, value: v.custom<Json>((value) => value !== undefined, 'must be JSON') }),
	run: async ({ engine, body }) => asShown(await engine.metadata.set(withoutAbsent(body)))
});

export const get = endpoint({
	summary: 'What is kept about an identity under a key',
	accept: 'any',
	options: ['reference', 'key'],
	run({ engine, query }) {
		const place = asked(query);
		return place.ok ? asShown(engine.metadata.get(place.value.reference, place.value.key)) : place;
	}
});

export const remove = endpoint({
	summary: 'Forget what is kept about an identity under a key',
	accept: 'any',
	options: ['reference', 'key'],
	run({ engine, query }) {
		const place = asked(query);
		return place.ok ? engine.metadata.delete(place.value.reference, place.value.key) : place;
	}
});
