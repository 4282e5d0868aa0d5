/**
 * What a scanned, pasted or opened text is, before anything is asked of a relay: one of our codes, or something else that can be
 * named (app-spec §3.3). No screen parses codes itself.
 */
export type Recognised =
	| { readonly kind: 'reference'; readonly text: string; readonly id?: string }
	| { readonly kind: 'device'; readonly text: string }
	| { readonly kind: 'legacy' }
	| { readonly kind: 'cut' }
	| { readonly kind: 'web'; readonly host: string }
	| { readonly kind: 'other'; readonly what: 'wifi' | 'contactCard' | 'email' | 'phone' | 'text' }
	| { readonly kind: 'empty' };

export function recognise(input: string, origin: string): Recognised {
	const text = input.trim();
	if (!text) return { kind: 'empty' };
	if (/^nmshd(-dev)?:\/\//i.test(text)) return { kind: 'legacy' };
	if (/^https?:\/\/\S+\/link(#\S*)?$/i.test(text))
		return text.includes('#') ? { kind: 'device', text } : { kind: 'cut' };
	const link = /^https?:\/\/[^\s]+?\/r\/([A-Za-z0-9]+)(\?[^#]*)?(#(.*))?$/i.exec(text);
	if (link) {
		const [, id = '', , , fragment = ''] = link;
		return fragment.length < 20 ? { kind: 'cut' } : { kind: 'reference', text, id };
	}
	if (/^(UkxU|VE9L|RklM)[A-Za-z0-9_-]{40,}=*$/.test(text)) return { kind: 'reference', text };
	if (/^https?:\/\//i.test(text)) {
		const host = hostOf(text);
		return host === hostOf(origin) ? { kind: 'cut' } : { kind: 'web', host };
	}
	if (/^WIFI:/i.test(text)) return { kind: 'other', what: 'wifi' };
	if (/^(BEGIN:VCARD|MECARD:)/i.test(text)) return { kind: 'other', what: 'contactCard' };
	if (/^mailto:/i.test(text)) return { kind: 'other', what: 'email' };
	if (/^(tel|sms):/i.test(text)) return { kind: 'other', what: 'phone' };
	return { kind: 'other', what: 'text' };
}

/** Characters of a reference as URL. */
const LONGEST = 2048;
const FILE_ID = /^FIL[A-Za-z0-9]{17}$/;

/** The file a reference names, in either form; its key is not looked at. */
export function fileIdIn(reference: string): string | undefined {
	if (FILE_ID.test(reference)) return reference;
	// What a peer sends may be of any length; only what is as short as a reference is searched for an id.
	const [, named] = (reference.length <= LONGEST && /\/r\/([A-Za-z0-9]{20})(?:\?[^#]*)?#/.exec(reference)) || [];
	if (named) return FILE_ID.test(named) ? named : undefined;
	if (!/^[A-Za-z0-9_-]{40}/.test(reference)) return undefined;
	const start = atob(reference.slice(0, 28).replaceAll('-', '+').replaceAll('_', '/'));
	return FILE_ID.test(start.slice(0, 20)) ? start.slice(0, 20) : undefined;
}

function hostOf(text: string): string {
	try {
		return new URL(text).host;
	} catch {
		return text.slice(0, 60);
	}
}
