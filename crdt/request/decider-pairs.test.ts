/** Rules as they are configured: which answers fit which items, and what is no rule (content-behaviours E4). */
import { describe, expect, test } from 'vitest';
import { anna } from '../attribute/testing/party.ts';
import { parseRules } from './decider.ts';
import { accept, deletion, general, identity, items, reject, rule } from './testing/rules.ts';

describe('E4 pairs of what must hold and what is answered', () => {
	const responses: { readonly [name: string]: object } = {
		reject,
		accept,
		delete: deletion,
		propose: { accept: true, attribute: identity },
		read: { accept: true, newAttribute: identity }
	};
	const needs: { readonly [type: string]: string } = {
		DeleteAttributeRequestItem: 'delete',
		ProposeAttributeRequestItem: 'propose',
		ReadAttributeRequestItem: 'read'
	};
	const types = [...new Set(Object.values(items).map((item) => item['@type']))];
	const configs: [string, object, string][] = [
		['general', general, 'accept'],
		['relationship', { relationshipAlreadyExists: true }, 'accept'],
		['an item of no type', { 'content.item.mustBeAccepted': true }, 'accept'],
		...types.map((type): [string, object, string] => [
			type,
			{ 'content.item.@type': type },
			needs[type] ?? 'accept'
		])
	];
	test.each(
		configs.flatMap(([name, config, fitting]) =>
			Object.keys(responses).map((response) => [name, response, config, fitting] as const)
		)
	)(
		'E4.11 each kind of item with each kind of answer, refused where the two cannot work together: %s with %s',
		(_name, response, config, fitting) => {
			const parsed = parseRules([rule({ peer: anna }), rule(config, responses[response])]);
			expect(parsed.ok ? 'ok' : parsed.error.code).toBe(
				response === fitting || response === 'reject'
					? 'ok'
					: 'error.runtime.decide.requestConfigDoesNotMatchResponseConfig'
			);
		}
	);

	test.each([
		['no list', {}],
		['no parts', [{}]],
		['no accept', [{ requestConfig: {}, responseConfig: {} }]],
		['null', [null]]
	])('E4.11 what is no rule at all is refused: %s', (_name, config) =>
		expect(parseRules(config)).toMatchObject({
			ok: false,
			error: { code: 'error.runtime.validation.invalidPropertyValue' }
		})
	);
	test('E4.11 rules that cannot work together are refused, however many good ones stand beside', () => {
		const bad = rule({ 'content.item.@type': 'ReadAttributeRequestItem' });
		const good = rule({ peer: anna });
		for (const rules of [[bad], [good, bad], [bad, good], [good, good, bad]])
			expect(parseRules(rules)).toMatchObject({
				ok: false,
				error: { code: 'error.runtime.decide.requestConfigDoesNotMatchResponseConfig' }
			});
		expect(parseRules([good, good]).ok).toBe(true);
	});
	test('E4.1 absent is no rule', () => expect(parseRules(undefined)).toEqual({ ok: true, value: [] }));
});
