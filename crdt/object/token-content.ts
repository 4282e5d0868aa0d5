/**
 * Where a token leads (transport-backbone.md §2.10): to a template or to a file. Ours name it by its reference; by id and key,
 * as the original's do, they are read too where the key is one of ours.
 *
 *   TokenContentRelationshipTemplate  { templateReference }  or  { templateId, secretKey }
 *   TokenContentFile                  { fileReference }      or  { fileId, secretKey }
 */
import { fromBase64Url } from '../codec/bytes.ts';
import { isId } from '../codec/ids.ts';
import { parseReference, type Reference } from '../codec/reference.ts';
import type { Json, JsonObject } from '../views.ts';

const FORMS = {
	TokenContentRelationshipTemplate: { kind: 'template', by: 'templateReference', id: 'templateId', prefix: 'RLT' },
	TokenContentFile: { kind: 'file', by: 'fileReference', id: 'fileId', prefix: 'FIL' }
} as const;

export const templateTokenContent = (reference: string): JsonObject => ({
	'@type': 'TokenContentRelationshipTemplate',
	templateReference: reference
});
export const fileTokenContent = (reference: string): JsonObject => ({
	'@type': 'TokenContentFile',
	fileReference: reference
});

/** What the token leads to, or undefined when it holds nothing of the kind. */
export function referenceIn(content: Json): Reference | undefined {
	if (typeof content !== 'object' || content === null || Array.isArray(content)) return undefined;
	const members = content as JsonObject;
	const form = FORMS[String(members['@type']) as keyof typeof FORMS] as
		(typeof FORMS)[keyof typeof FORMS] | undefined;
	if (!form) return undefined;
	const { [form.by]: named, [form.id]: id, secretKey } = members;
	if (typeof named === 'string') {
		const reference = parseReference(named);
		return reference.ok && reference.value.kind === form.kind ? reference.value : undefined;
	}
	const key = typeof secretKey === 'string' ? fromBase64Url(secretKey) : undefined;
	return typeof id === 'string' && isId(id, form.prefix) && key?.length === 32
		? { kind: form.kind, id, key }
		: undefined;
}
