import { describe, expect, test } from 'vitest';
import { readAuthentication } from './auth.ts';
import { weakness } from './keys.ts';
import { isPermitted } from './roles.ts';
import { testConfig } from '../testing/parts.ts';

describe('roles', () => {
	test.each([
		['core:account', 'core:account', true],
		['core:*', 'core:account', true],
		['core:*', 'core:requests:incoming', false],
		['core:**', 'core:requests:incoming', true],
		['**', 'core:requests:incoming', true],
		['*', 'core:account', false],
		['*:account', 'core:account', true],
		['**:incoming', 'core:requests:incoming', true],
		['core:**:incoming', 'core:incoming', false],
		['core', 'core:account', false],
		['core:account:x', 'core:account', false],
		['', 'core:account', false]
	])('%s opens %s: %s', (held, role, expected) => {
		expect(isPermitted([held], [role])).toBe(expected);
	});

	test('one of the permitted roles is enough, no role is not', () => {
		expect(isPermitted(['core:*'], ['core:requests', 'core:requests:incoming'])).toBe(true);
		expect(isPermitted(['core:requests:incoming'], ['core:requests', 'core:requests:outgoing'])).toBe(false);
		expect(isPermitted([], ['core:account'])).toBe(false);
	});
});

describe('API keys at the start', () => {
	const good = 'Aa0-Bb1-0123456789-abcdefghijkl';
	const other = 'Zz9-Yy8-0123456789-abcdefghijkl';
	const now = Date.parse('2026-01-31T12:00:00.000Z');
	const problems = (keys: { [key: string]: unknown }, more: { [key: string]: unknown } = {}) => {
		// The base's own key is switched off, so that only the given ones count.
		const apiKey = {
			...more,
			keys: { test: { key: 'Test-Key-0123456789-ABCDEFGHIJKLMN', enabled: false }, ...keys }
		};
		const read = readAuthentication(
			testConfig({ infrastructure: { httpServer: { authentication: { apiKey } } } }),
			now
		);
		return read.ok ? [] : read.problems;
	};

	test('must be strong', () => {
		expect(weakness(good)).toBeUndefined();
		expect(weakness('Aa0-')).toContain('30 characters');
		expect(weakness(good.replaceAll(/[0-9]/g, 'x'))).toContain('2 digits');
		expect(weakness(good.toLowerCase())).toContain('2 upper case');
		expect(weakness(good.toUpperCase())).toContain('2 lower case');
		expect(weakness(good.replaceAll('-', 'x'))).toContain('special');
		expect(problems({ a: { key: 'weak' } })).toEqual(
			[
				'infrastructure.httpServer.authentication.apiKey.keys.a.key must have at least 30 characters',
				expect.stringContaining('at least 1')
			].slice(0, 1)
		);
	});

	test('must be pairwise distinct, and one must be usable', () => {
		expect(problems({ a: { key: good }, b: { key: other } })).toEqual([]);
		expect(problems({ a: { key: good }, b: { key: good } })).toEqual([
			expect.stringContaining('pairwise distinct')
		]);
		expect(
			problems({ a: { key: good, enabled: false }, b: { key: other, expiresAt: '2026-01-31T11:59:59.000Z' } })
		).toEqual([expect.stringContaining('at least one key')]);
	});

	test('nothing configured starts in debug mode only', () => {
		expect(problems({}, { enabled: false })).toEqual([expect.stringContaining('must be configured')]);
		const open = readAuthentication(
			testConfig({
				debug: true,
				infrastructure: { httpServer: { authentication: { apiKey: { enabled: false } } } }
			}),
			now
		);
		expect(open).toMatchObject({ ok: true, value: { open: true } });
	});

	test('what is missing of another mechanism is one line each; one that is switched off is not looked into', () => {
		const read = (authentication: { [key: string]: unknown }) => {
			const result = readAuthentication(testConfig({ infrastructure: { httpServer: { authentication } } }), now);
			return result.ok ? [] : result.problems;
		};
		const place = 'infrastructure.httpServer.authentication';
		expect(read({ oidc: { issuerBaseURL: 'https://x' } })).toEqual([
			`${place}.oidc.baseURL is required`,
			`${place}.oidc.clientID is required`,
			`${place}.oidc.secret is required`
		]);
		expect(read({ jwtBearer: { audience: 'a' } })).toEqual([
			`${place}.jwtBearer needs issuerBaseURL, or issuer and jwksUri, or issuer, secret and tokenSigningAlg (HS256, HS384 or HS512)`
		]);
		expect(read({ jwtBearer: { enabled: true } })).toEqual([`${place}.jwtBearer.audience is required`]);
		expect(read({ jwtBearer: { enabled: false, audience: 7 }, oidc: {} })).toEqual([]);
	});
});
