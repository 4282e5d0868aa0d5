import { expect, it } from 'vitest';
import { maxFileSize } from '../../../../crdt/limits.ts';
import { fileFault, fileHref, fileRefusal, kindText, MAX_FILE, sizeText } from './files.ts';

it('takes what the engine takes', () => {
	expect(MAX_FILE).toBe(maxFileSize);
	expect(fileFault(MAX_FILE)).toBeUndefined();
	expect(fileFault(MAX_FILE + 1)).toContain('10.5 MB');
	expect(fileFault(0)).toMatch(/empty/);
});

it.each([
	[12, '12 bytes'],
	[999, '999 bytes'],
	[118_400, '118 kB'],
	[999_499, '999 kB'],
	[999_500, '1 MB'],
	[1_440_000, '1.4 MB']
])('%i is %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));

it.each([
	['application/pdf', 'a', 'PDF'],
	['image/svg+xml', 'a.svg', 'Picture'],
	['application/octet-stream', 'list.docx', 'DOCX file'],
	['', 'no ending', 'File'],
	['application/x', 'x.<script>', 'File']
])('%s called %s is a %s', (mimetype, filename, kind) => expect(kindText({ mimetype, filename })).toBe(kind));

it('knows the screen of a file, and none for what names no file', () => {
	const id = `FIL${'a'.repeat(17)}`;
	expect(fileHref('/p/x', `https://app.example/r/${id}#a2V5`)).toBe(`/p/x/files/${id}`);
	expect(fileHref('/p/x', 'nothing')).toBeUndefined();
});

it.each([
	['error.transport.request.unknown', /connection/],
	['error.runtime.recordNotFound', /no longer/],
	['error.transport.files.cipherMismatch', /changed/],
	['error.app.foreignRelay', /another relay/],
	['error.runtime.validation.invalidPropertyValue', /neither/],
	['error.platform.unexpected', /later/],
	['', /Try again/]
])('%s is told in words', (code, words) => expect(fileRefusal(code)).toMatch(words));
