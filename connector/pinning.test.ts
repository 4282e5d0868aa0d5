/** §7.2 Certificate pinning, against a TLS server that this process trusts anyway. */
import { createServer } from 'node:https';
import { once } from 'node:events';
import { request } from 'node:https';
import tls from 'node:tls';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pinnedCheck } from './pinning.ts';
import { makeCertificate } from './testing/certificate.ts';

const certificate = makeCertificate();
const server = createServer(certificate, (_, response) => response.end('ok'));
let port = 0;
beforeAll(async () => {
	server.listen(0, 'localhost');
	await once(server, 'listening');
	port = (server.address() as AddressInfo).port;
});
const original = tls.checkServerIdentity;
afterAll(() => {
	tls.checkServerIdentity = original;
	server.close();
});

/** The status of a call over TLS, or what was wrong, with these pins. */
function call(pins: Record<string, string[]>, enforced = false): Promise<number | string> {
	tls.checkServerIdentity = pinnedCheck(original, pins, enforced);
	return new Promise((resolve) =>
		request({ host: 'localhost', port, ca: certificate.cert, agent: false }, (response) => {
			response.resume();
			resolve(response.statusCode ?? 0);
		})
			.on('error', (error) => resolve(error.message))
			.end()
	);
}

describe('§7.2 pinned certificates', () => {
	const other = '00'.repeat(32);

	test('the pinned certificate is taken, in any spelling and among several', async () => {
		expect(await call({ localhost: [certificate.fingerprint] })).toBe(200);
		expect(await call({ LOCALHOST: [other, certificate.fingerprint.toLowerCase()] }, true)).toBe(200);
		expect(await call({ localhost: [certificate.fingerprint.replaceAll(':', '').toLowerCase()] })).toBe(200);
	});

	test('another one is not, however well it is signed', async () => {
		expect(await call({ localhost: [other] })).toBe('the certificate of the host is not the pinned one');
		expect(await call({ localhost: [] })).toBe('the certificate of the host is not the pinned one');
	});

	test('a host without pins is spoken to, unless pinning is enforced', async () => {
		expect(await call({ 'other.example': [other] })).toBe(200);
		expect(await call({ 'other.example': [other] }, true)).toBe(
			'the host has no pinned certificate, and pinning is enforced'
		);
	});

	test('what the name check objects to stays an objection', () => {
		const objection = new Error('wrong host');
		const check = pinnedCheck(() => objection, { localhost: [certificate.fingerprint] }, false);
		expect(check('localhost', { fingerprint256: certificate.fingerprint } as never)).toBe(objection);
	});
});
