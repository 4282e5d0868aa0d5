/**
 * XML as a person types it: whether it is well-formed as far as its tags go, and where the first thing that is wrong stands. Read as
 * text, because the browser's own parser answers in English and is closed to text here (Trusted Types).
 */
import type { TextFault } from './jsonText.ts';

export type XmlFault =
	/** Nothing but text. */
	| 'none'
	/** A tag that is not written as one. */
	| 'tag'
	/** `name` is never closed. */
	| 'open'
	/** `</name>` closes what was not opened last. */
	| 'close'
	/** Text, or a second element, outside the outermost one. */
	| 'outside'
	/** A bare &. */
	| 'ampersand'
	/** A comment or the like that does not end. */
	| 'end';

const NAME = String.raw`[\p{L}_:][\p{L}\p{N}_:.\-]*`;
const ATTRIBUTE = String.raw`\s+${NAME}\s*=\s*(?:"[^"<]*"|'[^'<]*')`;
const OPENING = new RegExp(String.raw`<(${NAME})(?:${ATTRIBUTE})*\s*(/?)>`, 'uy');
const CLOSING = new RegExp(String.raw`</(${NAME})\s*>`, 'uy');
const BARE_AMPERSAND = /&(?!(?:[a-zA-Z][\w.-]*|#\d+|#x[0-9a-fA-F]+);)/;
/** What starts so ends so, whatever stands between. */
const SKIPPED = [
	['<!--', '-->'],
	['<![CDATA[', ']]>'],
	['<?', '?>'],
	['<!DOCTYPE', '>']
] as const;

export function xmlFault(text: string): (TextFault<XmlFault> & { readonly name?: string }) | undefined {
	const open: { readonly name: string; readonly at: number }[] = [];
	let at = 0;
	let roots = 0;
	const told = (fault: XmlFault, where = at, name?: string) => ({
		fault,
		line: text.slice(0, where).split('\n').length,
		...(name === undefined ? {} : { name })
	});
	const tag = (pattern: RegExp) => {
		pattern.lastIndex = at;
		return pattern.exec(text);
	};

	while (at < text.length) {
		const next = text.indexOf('<', at);
		const words = text.slice(at, next < 0 ? text.length : next);
		const start = at + words.search(/\S/);
		if (words.trim() && open.length === 0) return told(roots || next >= 0 ? 'outside' : 'none', start);
		const bare = words.search(BARE_AMPERSAND);
		if (bare >= 0) return told('ampersand', at + bare);
		if (next < 0) break;
		at = next;

		const skipped = SKIPPED.find(([begin]) => text.startsWith(begin, at));
		if (skipped) {
			const end = text.indexOf(skipped[1], at + skipped[0].length);
			if (end < 0) return told('end');
			at = end + skipped[1].length;
			continue;
		}
		const closing = tag(CLOSING);
		if (closing) {
			if (open.at(-1)?.name !== closing[1]) return told('close', at, closing[1]);
			open.pop();
			at += closing[0].length;
			continue;
		}
		const opening = tag(OPENING);
		if (!opening) return told('tag');
		if (BARE_AMPERSAND.test(opening[0])) return told('ampersand');
		if (open.length === 0 && roots++ > 0) return told('outside');
		if (!opening[2]) open.push({ name: opening[1]!, at });
		at += opening[0].length;
	}
	const last = open.at(-1);
	if (last) return told('open', last.at, last.name);
	return roots ? undefined : told('none', 0);
}
