/** What the rows are judged by: every part of a refusal counts. */
import { describe, expect, test } from 'vitest';
import { judge, type Answer, type Row } from './testing/rows.ts';

const row: Row<never> = {
	name: 'a path nobody knows',
	code: 'error.connector.http.routeDoesNotExist',
	status: 404,
	says: 'The requested route does not exist.',
	call: () => Promise.reject(new Error('never called'))
};
const error = {
	id: 'ERRABCDEFGHJKLMNPQRS',
	code: row.code,
	message: 'The requested route does not exist.',
	docs: `https://enmeshed.eu/integrate/error-codes#${row.code}`,
	time: '2026-01-31T12:00:00.000Z'
};
const judged = (answer: Answer, given: Row<never> = row) => expect(() => judge(given, answer));

test('a refusal as it is promised is one', () => {
	judged({ status: 404, error }).not.toThrow();
	judged(
		{ status: 404, error: { ...error, stacktrace: ['Error', 'at here'] } },
		{ ...row, debug: true }
	).not.toThrow();
});

test.each<[string, Answer]>([
	['another status', { status: 400, error }],
	['no error', { status: 404, result: {} }],
	['another code', { status: 404, error: { ...error, code: 'error.connector.forbidden' } }],
	['another text', { status: 404, error: { ...error, message: `${error.message} Sorry.` } }],
	['a member too many', { status: 404, error: { ...error, details: 'x' } }],
	['a stack outside debug mode', { status: 404, error: { ...error, stacktrace: ['at here'] } }],
	['a member too few', { status: 404, error: { ...error, time: undefined } }],
	['an id of another form', { status: 404, error: { ...error, id: 'ERR1' } }],
	['the page of another code', { status: 404, error: { ...error, docs: 'https://enmeshed.eu' } }]
])('%s is noticed', (_, answer) => {
	judged(answer).toThrow();
});

describe('a verdict', () => {
	const verdict = { ...row, status: 200, verdict: true } as const;
	const failed = { isSuccess: false, code: row.code, message: row.says, items: [] };
	const parent = { isSuccess: false, code: 'error.consumption.requests.validation.inheritedFromItem', message: 'x' };

	test('stands at the end that fails, however deep', () => {
		const deep = {
			...parent,
			items: [
				{ isSuccess: true, items: [] },
				{ ...parent, items: [failed] }
			]
		};
		judged({ status: 200, result: failed }, verdict).not.toThrow();
		judged({ status: 200, result: deep }, verdict).not.toThrow();
	});

	test.each<[string, unknown]>([
		['a success', { isSuccess: true, items: [] }],
		['another code', { ...failed, code: 'error.connector.forbidden' }],
		['one fault more', { ...parent, items: [failed, failed] }]
	])('%s is noticed', (_, result) => {
		judged({ status: 200, result }, verdict).toThrow();
	});
});
