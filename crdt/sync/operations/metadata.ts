/**
 * Identity metadata: what programs keep about an identity, one value per (reference, key) (content-model.md §7). Records, not
 * documents: a program writes it whole, the last in the log counts, and it goes with the relationship in the fold.
 */
import type { Engine } from '../../api.ts';
import { ok, refuse, type Result } from '../../result.ts';
import { metadataId } from '../attribute-records.ts';
import { rowsBy } from '../../view-query.ts';
import { isJson } from '../../content/json.ts';
import { maxJsonDepth } from '../../limits.ts';
import { INVALID, shown, tooMuch, type Base } from './base.ts';

const missing = refuse(
	'error.runtime.identityMetadata.notFound',
	'There is no stored IdentityMetadata for the specified combination of reference and key.'
);

export function metadataOperations({ core, self, clock }: Base): Engine['metadata'] {
	const stored = (reference: string, key: string | undefined) =>
		core.top().get('metadata', metadataId(reference, key));
	const isFamiliar = (address: string) =>
		address === self.address ||
		rowsBy(core.top(), 'relationships', 'peer', address).some(
			(row) => row._hidden !== 'decomposed' && row._hidden !== 'gone'
		);

	return {
		async set({ reference, key, value }) {
			if (!isFamiliar(reference))
				return refuse(
					'error.runtime.identityMetadata.unfamiliarReferencedIdentity',
					'The reference of the IdentityMetadata must be the own address or that of a peer of a relationship.'
				);
			if (!isJson(value)) return refuse(INVALID, `value must be JSON of at most ${maxJsonDepth} levels`);
			const refused = tooMuch({ key, value });
			if (refused) return refused;
			const record = { reference, ...(key !== undefined && { key }), value, at: clock.now() };
			await core.intend({ kind: 'plain', shown: [core.rec('metadata.set', record)] });
			return shown('IdentityMetadata', stored(reference, key));
		},
		get(reference, key) {
			const row = stored(reference, key);
			return row ? ok(row) : missing;
		},
		list: () => core.top().list('metadata'),
		async delete(reference, key): Promise<Result<void>> {
			if (!stored(reference, key)) return missing;
			const record = { reference, ...(key !== undefined && { key }), at: clock.now() };
			await core.intend({ kind: 'plain', shown: [core.rec('metadata.deleted', record)] });
			return ok(undefined);
		}
	};
}
