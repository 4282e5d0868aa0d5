import { expect, it } from 'vitest';
import { fileIdIn, recognise } from './reference.ts';

const origin = 'https://app.example';
it.each([
	['', 'empty'],
	['https://app.example/r/RLT12345678901234567#bG9uZyBlbm91Z2ggdG8gYmUgYSBrZXk', 'reference'],
	['  https://other.example/r/TOK12345678901234567?app=x#bG9uZyBlbm91Z2ggdG8gYmUgYSBrZXk ', 'reference'],
	['UkxUMTIzNDU2Nzg5MDEyMzQ1Njd8MnxrZXlrZXlrZXlrZXlrZXlrZXlrZXlrZXk', 'reference'],
	['https://app.example/r/RLT12345678901234567', 'cut'],
	['https://app.example/r/RLT12345678901234567#abc', 'cut'],
	['https://app.example/link#c2VjcmV0', 'device'],
	['https://app.example/link', 'cut'],
	['https://app.example/welcome', 'cut'],
	['nmshd://tr#UkxU', 'legacy'],
	['https://shop.example.org/offer', 'web'],
	['WIFI:S:net;T:WPA;P:x;;', 'other'],
	['BEGIN:VCARD', 'other'],
	['mailto:a@b.c', 'other'],
	['hello', 'other']
])('%s is %s', (text, kind) => expect(recognise(text, origin).kind).toBe(kind));

const id = `FIL${'a'.repeat(17)}`;
const truncated = (named: string) => btoa(`${named}@https://relay.example|2|${'k'.repeat(43)}||`).replace(/=+$/, '');
it.each([
	[id, id],
	[truncated(id), id],
	[truncated(id.replace('FIL', 'RLT')), undefined],
	[`https://app.example/r/${id}#a2V5`, id],
	[`https://app.example/r/${id}?app=x#a2V5`, id],
	[`https://app.example/r/RLT${'a'.repeat(17)}#a2V5`, undefined],
	['contract.pdf', undefined],
	['', undefined]
])('%s names the file %s', (reference, named) => expect(fileIdIn(reference)).toBe(named));

it('is not searched for a file in a text longer than any', () => {
	const within = (more: number) => fileIdIn(`https://a.example/r/FIL12345678901234567?app=${'a'.repeat(more)}#x`);
	expect([within(9), within(2048)]).toEqual(['FIL12345678901234567', undefined]);
	expect(fileIdIn('/r/FIL12345678901234567?'.repeat(40_000))).toBeUndefined();
});
