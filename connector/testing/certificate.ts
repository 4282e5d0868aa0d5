/** A certificate for `localhost`, made and signed here: just enough DER (X.690, RFC 5280) for a TLS server in a test. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

const bytes = (...parts: (number[] | Buffer)[]) => Buffer.concat(parts.map((part) => Buffer.from(part)));
function tagged(tag: number, content: Buffer): Buffer {
	if (content.length < 128) return bytes([tag, content.length], content);
	const length = content.length < 256 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 255];
	return bytes([tag, ...length], content);
}
const sequence = (...parts: Buffer[]) => tagged(0x30, Buffer.concat(parts));
const oid = (...content: number[]) => tagged(0x06, Buffer.from(content));
const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const name = (text: string) => sequence(tagged(0x31, sequence(oid(0x55, 0x04, 0x03), tagged(0x0c, Buffer.from(text)))));
const time = (text: string) => tagged(0x18, Buffer.from(text));
const bits = (content: Buffer) => tagged(0x03, bytes([0], content));
/** subjectAltName: localhost */
const ALTERNATIVES = tagged(
	0xa3,
	sequence(sequence(oid(0x55, 0x1d, 0x11), tagged(0x04, sequence(tagged(0x82, Buffer.from('localhost'))))))
);

export interface Certificate {
	readonly cert: string;
	readonly key: string;
	/** SHA-256 of the certificate, hex with colons. */
	readonly fingerprint: string;
}

export function makeCertificate(): Certificate {
	const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const body = sequence(
		tagged(0xa0, tagged(0x02, Buffer.from([2]))),
		tagged(0x02, Buffer.from([1])),
		ECDSA_WITH_SHA256,
		name('localhost'),
		sequence(time('20200101000000Z'), time('21000101000000Z')),
		name('localhost'),
		publicKey.export({ type: 'spki', format: 'der' }),
		ALTERNATIVES
	);
	const der = sequence(body, ECDSA_WITH_SHA256, bits(sign('sha256', body, privateKey)));
	const pem = der.toString('base64').replace(/(.{64})/g, '$1\n');
	const hash = createHash('sha256').update(der).digest('hex').toUpperCase();
	return {
		cert: `-----BEGIN CERTIFICATE-----\n${pem}\n-----END CERTIFICATE-----\n`,
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
		fingerprint: hash.match(/../g)!.join(':')
	};
}
