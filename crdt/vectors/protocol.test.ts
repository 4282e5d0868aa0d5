/** PROTOCOL.md and the code name the same things: a new operation, record, refusal or action without its line fails here. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CHAIN_TYPES, RESERVED_CHAIN_TYPES } from '../codec/chain.ts';
import { ANONYMOUS, FRAME_LIMITS, OPERATIONS, REFUSALS, type Operation } from '../codec/frame.ts';
import { strengths } from '../relationship/fold.ts';
import { rules } from '../relationship/rules.ts';
import { KINDS, RESERVED_OPS } from '../sync/record.ts';

const text = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');
const cells = (line: string): string[] =>
	line
		.slice(1, -1)
		.replaceAll('\\|', '¦')
		.split('|')
		.map((cell) => cell.trim());

/** Rows of the table whose head begins so. */
function table(head: string): string[][] {
	const lines = text.split('\n');
	const at = lines.findIndex((line) => line.startsWith(`| ${head}`));
	expect(at, head).toBeGreaterThan(0);
	const end = lines.findIndex((line, i) => i > at && !line.startsWith('|'));
	return lines.slice(at + 2, end).map(cells);
}

describe('operations', () => {
	const rows = new Map(table('op | Who').map(([op, ...rest]) => [op, rest]));

	test('are the ones of the wire', () => {
		expect([...rows.keys()].sort()).toEqual(Object.keys(OPERATIONS).sort());
	});

	test.each(Object.keys(OPERATIONS) as Operation[])('%s: who may, and each member with its necessity', (op) => {
		const [who, request] = rows.get(op)!;
		expect(who!.startsWith('a')).toBe(op === 'hello' || ANONYMOUS.includes(op));
		const named = new Set(
			[...request!.matchAll(/\b([a-zA-Z]+)\b(\??)/g)].map(([, name, optional]) => name! + optional!)
		);
		for (const [name, schema] of Object.entries(OPERATIONS[op].entries as { [name: string]: { type: string } }))
			expect([...named], name).toContain(schema.type === 'optional' ? `${name}?` : name);
	});

	test('their bounds are the ones of the code', () => {
		const row = (op: string) => rows.get(op)!.join(' ');
		expect(row('register')).toContain(`1–${FRAME_LIMITS.chain}`);
		expect(row('append')).toContain(`1–${FRAME_LIMITS.entriesPerAppend}`);
		expect(row('commit')).toContain(`slots 0–${FRAME_LIMITS.slots}`);
		expect(row('commit')).toContain(`envelopes? ≤ ${FRAME_LIMITS.envelopes}`);
		expect(row('commit')).toContain(`aliases? ≤ ${FRAME_LIMITS.aliases}`);
		expect(row('objectPut')).toContain(`≤ ${FRAME_LIMITS.objectBytes >> 20} MiB`);
		expect(row('deliver')).toContain(`≤ ${FRAME_LIMITS.envelopeBytes >> 20} MiB`);
		expect(row('rendezvousPut')).toContain(`≤ ${FRAME_LIMITS.rendezvousBytes >> 10} KiB`);
	});

	test('every refusal has its status', () => {
		const named: { [type: string]: number } = {};
		for (const row of table('Refusal | HTTP'))
			for (let i = 0; i + 1 < row.length; i += 2) {
				const [types, status] = [row[i]!, Number(row[i + 1])];
				for (const part of types.split(/,| · /)) {
					const [type, own] = part.trim().split(' ');
					named[type!] = own ? Number(own) : status;
				}
			}
		expect(named).toEqual(Object.fromEntries(Object.entries(REFUSALS).map(([type, { status }]) => [type, status])));
	});
});

describe('the log', () => {
	test('every kind of record has its line', () => {
		const kinds = table('Kind `k`').flatMap(([kind]) => kind!.split(', '));
		expect(kinds.sort()).toEqual([...KINDS].sort());
	});

	test('reserved operations are named', () => {
		expect(text).toContain(`\`${RESERVED_OPS.join(' ')}\``);
	});
});

test('every type of chain record has its line, and the reserved ones say so', () => {
	const rows = table('type | Name').flatMap(([types, names, body]) =>
		types!.split(', ').map((type, i) => ({ type: Number(type), name: names!.split(', ')[i]!, body: body! }))
	);
	const spelled = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
	expect(Object.fromEntries(rows.map(({ name, type }) => [name, type]))).toEqual(
		Object.fromEntries(Object.entries(CHAIN_TYPES).map(([name, type]) => [spelled(name), type]))
	);
	for (const { type, body } of rows) expect(body.startsWith('reserved')).toBe(RESERVED_CHAIN_TYPES.includes(type));
});

describe('relationships', () => {
	const sides: { [side: string]: string } = {
		author: 'author',
		peer: 'peer',
		either: 'either',
		asker: 'who asked',
		asked: 'who was asked'
	};
	const requests: { [need: string]: string } = { absent: 'no open request', open: 'open request' };

	test('the table is the one the fold reads', () => {
		const expected = Object.entries(rules).map(([action, rule]) => [
			action,
			rule.from.join(', ').replace('None', 'none'),
			sides[rule.by],
			'request' in rule ? requests[rule.request] : '',
			rule.to,
			rule.reason
		]);
		expect(table('Action | from')).toEqual(expected);
	});

	test('so is the order of strength', () => {
		expect(text).toContain(`\`${strengths.join(', ')}\``);
	});
});
