/** Refusals of what is kept about identities (connector-api.md §2.7). */
import type { Row } from './rows.ts';
import { INVALID, STRANGER, type Member } from './town.ts';

interface Asking {
	readonly person: Member;
}

const metadata = (
	name: string,
	refusal: Pick<Row<Asking>, 'code' | 'says'>,
	method: string,
	reference: string,
	body?: object
): Row<Asking> => ({
	name,
	...refusal,
	call: ({ person }) =>
		body
			? person.call(method, '/IdentityMetadata', { reference, ...body })
			: person.call(method, `/IdentityMetadata?reference=${reference}&key=none`)
});
const NO_METADATA = {
	code: 'error.runtime.identityMetadata.notFound',
	says: 'There is no stored IdentityMetadata for the specified combination of reference and key.'
} as const;
export const metadataRows: readonly Row<Asking>[] = [
	metadata(
		'a note about a stranger',
		{ code: 'error.runtime.identityMetadata.unfamiliarReferencedIdentity' },
		'PUT',
		STRANGER,
		{ value: 1 }
	),
	metadata('a note about nobody', { code: INVALID }, 'PUT', 'nobody', { value: 1 }),
	metadata(
		'a note without value',
		{ code: INVALID, says: "must have required property 'value'" },
		'PUT',
		STRANGER,
		{}
	),
	metadata('a note nobody wrote', NO_METADATA, 'GET', STRANGER),
	metadata('a note nobody wrote is forgotten', NO_METADATA, 'DELETE', STRANGER),
	metadata('notes about nobody', { code: INVALID }, 'GET', 'nobody')
];
