/** The password's share in a key: the function itself, on both platforms, and what two halves of a secret are worth alone. */
import { expect, test } from 'vitest';
import { fromHex, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import { passwordKeys } from './password.ts';
import * as stretchNode from './stretch.node.ts';
import * as stretchWeb from './stretch.web.ts';

const salt = new Uint8Array(16).fill(7) as Bytes;
const linkKey = new Uint8Array(32).fill(9) as Bytes;

test.each([
	['node', stretchNode.stretch],
	['web', stretchWeb.stretch]
])('Argon2id as in the test suite of its authors (%s)', async (_, stretch) => {
	const cost = { passes: 2, memoryKiB: 65_536, length: 32 };
	const derived = await stretch(utf8('password'), utf8('somesalt'), cost);
	expect(toHex(derived)).toBe('09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7');
});

test('the same password gives the same keys, another password, salt or reference gives others', async () => {
	const { content, verifier } = await passwordKeys(linkKey, 'Schönes Wetter', salt);
	expect(await passwordKeys(linkKey, 'Schönes Wetter', salt)).toEqual({ content, verifier });
	expect(toHex(content)).not.toBe(toHex(verifier));
	const others = [
		await passwordKeys(linkKey, 'schönes Wetter', salt),
		await passwordKeys(linkKey, 'Schönes Wetter', fromHex('00'.repeat(16))!),
		await passwordKeys(new Uint8Array(32), 'Schönes Wetter', salt)
	];
	for (const other of others) {
		expect(other.content).not.toEqual(content);
		expect(other.verifier).not.toEqual(verifier);
	}
});
