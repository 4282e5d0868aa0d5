import { expect, it } from 'vitest';
import { paragraphs, quote, replySubject } from './mail.ts';

it('leaves what peers write as text: no tag, no script, no image survives', () => {
	const pieces = paragraphs('<script>alert(1)</script>Hi <img src=x onerror=y>there\n\njavascript:alert(1)').flat();
	expect(pieces.map((p) => p.text).join('|')).toBe('alert(1)Hi there|javascript:alert(1)');
	expect(pieces.some((p) => p.href)).toBe(false);
});

it('keeps what only begins like a tag, however often it does', () => {
	expect(paragraphs('2 < 3, <b>and</b> 4 > 3').flat()).toEqual([{ text: '2 < 3, and 4 > 3' }]);
	expect(paragraphs('<'.repeat(50_000)).flat()).toEqual([{ text: '<'.repeat(50_000) }]);
});

it('finds web links, without the full stop behind them, and names their host', () => {
	const [pieces] = paragraphs('See https://a.example/x?y=1. Or (http://b.example), ok.');
	expect(pieces!.filter((p) => p.href).map((p) => [p.href, p.host])).toEqual([
		['https://a.example/x?y=1', 'a.example'],
		['http://b.example', 'b.example']
	]);
	expect(pieces!.map((p) => p.text).join('')).toBe('See https://a.example/x?y=1. Or (http://b.example), ok.');
});

it('adds Re: once and quotes every line', () => {
	expect(replySubject('Hello')).toBe('Re: Hello');
	expect(replySubject('RE: Hello')).toBe('RE: Hello');
	expect(quote('a\n<b>b</b>')).toBe('> a\n> b');
});
