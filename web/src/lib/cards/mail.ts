/** Mail as people see it: subject, first line, who to. Content of peers is text, never markup. */
import type { Json, MessageRow } from '@enmeshed/crdt';

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
export const subjectOf = (message: MessageRow): string => text(message.content['subject']).trim();
export const bodyOf = (message: MessageRow): string => text(message.content['body']);

/** The first words of the body on one line; long bodies are not walked to their end. */
export const firstLine = (message: MessageRow): string =>
	plain(bodyOf(message).slice(0, 240)).replace(/\s+/g, ' ').trim();

/** Tags out, Markdown signs out: for previews only. */
const plain = (body: string): string => body.replace(/<[^<>]*>/g, ' ').replace(/[*_`#>]+/g, '');

/** Body as paragraphs of words and links; a link is shown with the host it leads to. Everything else stays text. */
export type Piece = { readonly text: string; readonly href?: string; readonly host?: string };
export function paragraphs(body: string): Piece[][] {
	return body
		.replace(/<br\s*\/?>|<\/p>/gi, '\n')
		.replace(/<[^<>]*>/g, '')
		.split(/\n{2,}/)
		.filter((part) => part.trim())
		.map(pieces);
}

function pieces(part: string): Piece[] {
	const found: Piece[] = [];
	let at = 0;
	for (const match of part.matchAll(/https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:!?]/gi)) {
		const href = match[0];
		if (!URL.canParse(href)) continue;
		if (match.index > at) found.push({ text: part.slice(at, match.index) });
		found.push({ text: href, href, host: new URL(href).host });
		at = match.index + href.length;
	}
	if (at < part.length) found.push({ text: part.slice(at) });
	return found;
}

/** The mails exchanged with somebody, in the order given. */
export const mailsWith = (mails: readonly MessageRow[], address: string): MessageRow[] =>
	mails.filter((mail) => mail.createdBy === address || mail.recipients.some((to) => to.address === address));

export const replySubject = (subject: string): string => (/^re:/i.test(subject) ? subject : `Re: ${subject}`);
export const quote = (body: string): string =>
	body
		.replace(/<[^<>]*>/g, '')
		.split('\n')
		.map((line) => `> ${line}`)
		.join('\n');
