/** What an operator may set, and what is made of it. */
import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';

const made = (args: string[], env: Record<string, string> = {}) => {
	const parsed = parseConfig(args, env);
	if (!parsed.ok) throw new Error(parsed.problems.join());
	return parsed.config;
};

test('without settings it listens on this machine only and asks nobody for a client', () => {
	expect(made([])).toMatchObject({
		port: 8080,
		host: '127.0.0.1',
		addressHost: 'localhost',
		client: undefined,
		logLevel: 'info'
	});
});

test('flags win over the environment, and an empty variable is none', () => {
	expect(made(['--port', '9'], { PORT: '8', HOST: '' })).toMatchObject({ port: 9, host: '127.0.0.1' });
	expect(made(['--data-dir=/x'], { DATA_DIR: '/y' }).dataDir).toBe('/x');
});

test('the host in addresses is the public one when that is a name, and localhost for a number', () => {
	const host = (PUBLIC_URL: string, more: Record<string, string> = {}) =>
		made([], { PUBLIC_URL, ...more }).addressHost;
	expect(host('https://relay.example.org/')).toBe('relay.example.org');
	expect(host('http://192.168.1.7:8080')).toBe('localhost');
	expect(host('http://[::1]:8080')).toBe('localhost');
	expect(host('https://a.example', { ADDRESS_HOST: 'Fixed.Example' })).toBe('fixed.example');
	expect(made([], { PUBLIC_URL: 'https://a.example///' }).publicUrl).toBe('https://a.example');
});

test('what makes no sense is told by name', () => {
	const problems = (env: Record<string, string>, args: string[] = []) => {
		const parsed = parseConfig(args, env);
		return parsed.ok ? [] : parsed.problems;
	};
	expect(problems({ PORT: '70000', PUBLIC_URL: 'ftp://x' })).toEqual([
		'PORT must be at most 65535',
		'PUBLIC_URL must begin with http:// or https://'
	]);
	expect(problems({ LIMITS: '{"lines": 0}' })).toEqual([expect.stringContaining('LIMITS must be')]);
	expect(problems({ LIMITS: 'no' })).toHaveLength(1);
	expect(problems({ CLIENT_SECRET: 'x' })).toEqual(['CLIENT_ID and CLIENT_SECRET belong together']);
	expect(problems({}, ['--prot', '1'])).toEqual([expect.stringContaining('--prot')]);
	expect(made([], { LIMITS: '{"lines": 5}' }).limits).toMatchObject({ lines: 5, mailDays: 30 });
});
