/**
 * Writes the list of operations into docs/conformance.md, from the route table: `node connector/conformance.ts`. A test holds
 * the file to it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Route } from './routes/route.ts';
import { DEBUG_ROUTES, PREFIX, ROUTES } from './routes/table.ts';

export const DOCUMENT = new URL('../docs/conformance.md', import.meta.url);
const BEGIN = '<!-- operations: written by `node connector/conformance.ts` -->';
const END = '<!-- /operations -->';

const line = (row: Route) =>
	`| ${row.method} | \`${PREFIX}${row.path}\` | ${row.roles.map((role) => `\`${role}\``).join(' or ')} |`;

const operations = (): string =>
	[
		BEGIN,
		'',
		`${ROUTES.length} operations, and ${DEBUG_ROUTES.length} for debug mode.`,
		'',
		'| Method | Path | Role |',
		'|---|---|---|',
		...[...ROUTES, ...DEBUG_ROUTES].map(line),
		'',
		END
	].join('\n');

/** The document with its list as it should be. */
export function renewed(document: string): string {
	const [before = '', rest = ''] = document.split(BEGIN);
	return before + operations() + (rest.split(END)[1] ?? '\n');
}

if (import.meta.main) writeFileSync(DOCUMENT, renewed(readFileSync(DOCUMENT, 'utf8')));
