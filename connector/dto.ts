/**
 * Rows to what leaves the process (crdt/views-dto.ts). Answers and events may hold rows under the names of NESTED; what people
 * wrote (content, creationContent, value) may hold members that begin with `_` too and is left alone.
 */
import { attributeDto, toDto as rowDto, type AttributeRow } from '../crdt/index.ts';

type Row = { readonly [member: string]: unknown };
const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);
const isAttribute = (row: Row) =>
	typeof row['@type'] === 'string' && typeof row['id'] === 'string' && row['id'].startsWith('ATT');
const shown = (row: Row): Row =>
	(isAttribute(row) ? attributeDto(row as unknown as AttributeRow) : rowDto(row as never)) as Row;

/** Members of an answer or event that are rows themselves. */
const NESTED = new Set(['predecessor', 'successor', 'request', 'message', 'template', 'relationship']);

/** One row, a list of rows, or an object that holds rows. */
export function toDto(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(toDto);
	if (!isRow(value)) return value;
	return Object.fromEntries(
		Object.entries(shown(value)).map(([member, inner]) => [
			member,
			NESTED.has(member) && isRow(inner) ? shown(inner) : inner
		])
	);
}
