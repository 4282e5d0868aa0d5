import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DOCUMENT, renewed } from './conformance.ts';

test('docs/conformance.md lists every operation as the route table has it (else run `node connector/conformance.ts`)', () => {
	const document = readFileSync(DOCUMENT, 'utf8');
	expect(document).toBe(renewed(document));
});
