/**
 * References (connector-api.md §4.2): how a template, token or file is named to somebody else, with the key that opens it.
 *
 *   truncated  base64url( id[@baseUrl]|alg|key|forIdentityTail|password part )
 *   url        baseUrl/r/id#base64url( alg|key|forIdentityTail|password part )
 *
 * alg 2 = AES-256-GCM, ours. alg 3 (XChaCha20) belongs to codes of the original Backbone: recognised, not redeemed.
 */
import { fromBase64Url, fromUtf8, toBase64Url, utf8, type Bytes } from './bytes.ts';
import { ok, refuse, type Result } from '../result.ts';

export interface Reference {
	readonly kind: 'template' | 'token' | 'file';
	readonly id: string;
	readonly key: Bytes;
	/** Undefined when the reference does not say (short forms). */
	readonly baseUrl?: string;
	/** Last 4 hex digits of the address it is meant for. */
	readonly forIdentityTail?: string;
	/** `pw` or `pin<n>` with salt: protected by a password. */
	readonly password?: string;
}

/** Longer base URLs would break the 150-character limit of file references, so they are left out. */
export const MAX_BASE_URL = 43;
const ALG = '2';
const KINDS = { RLT: 'template', TOK: 'token', FIL: 'file' } as const;

export function writeReference(reference: Omit<Reference, 'kind'> & { readonly baseUrl: string }): {
	truncated: string;
	url: string;
} {
	const secret = [ALG, toBase64Url(reference.key), reference.forIdentityTail ?? '', reference.password ?? ''].join(
		'|'
	);
	const host = reference.baseUrl.length <= MAX_BASE_URL ? `@${reference.baseUrl}` : '';
	return {
		truncated: toBase64Url(utf8(`${reference.id}${host}|${secret}`)),
		url: `${reference.baseUrl}/r/${reference.id}#${toBase64Url(utf8(secret))}`
	};
}

const INVALID = 'error.runtime.invalidReference';
const FOREIGN = 'error.app.foreignBackbone';

/** Reads either form. Refuses `error.runtime.invalidReference`, or `error.app.foreignBackbone` for the original's codes. */
export function parseReference(text: string): Result<Reference> {
	const trimmed = text.trim();
	const url = /^(https?:\/\/.+)\/r\/((?:TOK|RLT|FIL)[A-Za-z0-9]{17})(?:\?app=[^#]*)?#([A-Za-z0-9_-]+)$/.exec(trimmed);
	if (url) return parts(url[2]!, url[1], decodeText(url[3]!)?.split('|'));
	if (!/^[A-Za-z0-9_-]{40,}=*$/.test(trimmed)) return refuse(INVALID, 'This is not a reference.');
	const fields = decodeText(trimmed)?.split('|');
	const [named, ...secret] = fields ?? [];
	const at = named?.indexOf('@') ?? -1;
	const id = at < 0 ? (named ?? '') : named!.slice(0, at);
	return parts(id, at < 0 ? undefined : named!.slice(at + 1), secret);
}

function decodeText(base64: string): string | undefined {
	const bytes = fromBase64Url(base64);
	try {
		return bytes && fromUtf8(bytes);
	} catch {
		return undefined;
	}
}

function parts(id: string, baseUrl: string | undefined, secret: string[] | undefined): Result<Reference> {
	const kind = /^[A-Z]{3}[A-Za-z0-9]{17}$/.test(id) ? KINDS[id.slice(0, 3) as keyof typeof KINDS] : undefined;
	if (!kind || !secret || (secret.length !== 2 && secret.length !== 4))
		return refuse(INVALID, 'The reference is incomplete.');
	const [alg, keyText, tail, password] = secret;
	if (alg === '3') return refuse(FOREIGN, 'This code belongs to another Backbone.');
	const key = fromBase64Url(keyText ?? '');
	if (alg !== ALG || key?.length !== 32) return refuse(INVALID, 'The key of the reference is damaged.');
	return ok({
		kind,
		id,
		key,
		...(baseUrl ? { baseUrl } : {}),
		...(tail ? { forIdentityTail: tail } : {}),
		...(password ? { password } : {})
	});
}
