/**
 * References (connector-api.md §4.2): how a template, token or file is named to somebody else, with the key that opens it.
 *
 *   truncated  base64url( id[@baseUrl]|alg|key|forIdentityTail|password part )
 *   url        baseUrl/r/id#base64url( alg|key|forIdentityTail|password part )
 *
 * alg 2 = AES-256-GCM, ours. alg 3 (XChaCha20) belongs to codes of the original Backbone: recognised, not redeemed.
 * password part = ( "pw" | "pin" length 4…16 ) & base64(salt 16) [ & where the password is told: 0…6 or 50…99 ]
 */
import { fromBase64Url, fromUtf8, toBase64Url, utf8, type Bytes } from './bytes.ts';
import { ok, refuse, type Result } from '../result.ts';
import { maxReferenceUrl } from '../limits.ts';

/** What a reference says about the password of what it names; never the password. */
export interface PasswordPart {
	/** Digits of the PIN; undefined for a password. */
	readonly pinLength?: number;
	/** 16 bytes for Argon2id. */
	readonly salt: Bytes;
	/** Where the recipient finds it (connector-api.md §4.2). */
	readonly locationIndicator?: number;
}

export interface Reference {
	readonly kind: 'template' | 'token' | 'file';
	readonly id: string;
	readonly key: Bytes;
	/** Undefined when the reference does not say (short forms). */
	readonly baseUrl?: string;
	/** Last 4 hex digits of the address it is meant for. */
	readonly forIdentityTail?: string;
	/** There when it is protected by a password. */
	readonly password?: PasswordPart;
}

/** Longer base URLs would break the 150-character limit of file references, so they are left out. */
export const MAX_BASE_URL = 43;
const ALG = '2';
const KINDS = { RLT: 'template', TOK: 'token', FIL: 'file' } as const;

export function writeReference(reference: Omit<Reference, 'kind'> & { readonly baseUrl: string }): {
	truncated: string;
	url: string;
} {
	const password = reference.password ? writePasswordPart(reference.password) : '';
	const secret = [ALG, toBase64Url(reference.key), reference.forIdentityTail ?? '', password].join('|');
	const host = reference.baseUrl.length <= MAX_BASE_URL ? `@${reference.baseUrl}` : '';
	return {
		truncated: toBase64Url(utf8(`${reference.id}${host}|${secret}`)),
		url: `${reference.baseUrl}/r/${reference.id}#${toBase64Url(utf8(secret))}`
	};
}

const INVALID = 'error.runtime.invalidReference';
const FOREIGN = 'error.app.foreignBackbone';

/** Its parts overlap: only for texts that are no longer than a reference is. */
const URL_FORM = /^(https?:\/\/.+)\/r\/((?:TOK|RLT|FIL)[A-Za-z0-9]{17})(?:\?app=[^#]*)?#([A-Za-z0-9_-]+)$/;

/** Reads either form. Refuses `error.runtime.invalidReference`, or `error.app.foreignBackbone` for the original's codes. */
export function parseReference(text: string): Result<Reference> {
	const trimmed = text.trim();
	const url = trimmed.length <= maxReferenceUrl ? URL_FORM.exec(trimmed) : null;
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
	if (tail && !/^[0-9a-f]{4}$/.test(tail)) return refuse(INVALID, 'The reference names no identity.');
	const passwordPart = password ? parsePasswordPart(password) : undefined;
	if (password && !passwordPart) return refuse(INVALID, 'The password part of the reference is damaged.');
	return ok({
		kind,
		id,
		key,
		...(baseUrl ? { baseUrl } : {}),
		...(tail ? { forIdentityTail: tail } : {}),
		...(passwordPart ? { password: passwordPart } : {})
	});
}

const SALT_LENGTH = 16;
const isPinLength = (length: number): boolean => Number.isInteger(length) && length >= 4 && length <= 16;
/** 0 to 6 have names, 50 to 99 are the sender's own. */
const isLocationIndicator = (n: number): boolean => Number.isInteger(n) && ((n >= 0 && n <= 6) || (n >= 50 && n <= 99));

function writePasswordPart({ pinLength, salt, locationIndicator }: PasswordPart): string {
	const kind = pinLength === undefined ? 'pw' : `pin${pinLength}`;
	const where = locationIndicator === undefined ? [] : [String(locationIndicator)];
	return [kind, btoa(String.fromCharCode(...salt)), ...where].join('&');
}

function parsePasswordPart(text: string): PasswordPart | undefined {
	const match = /^(?:pw|pin([1-9]\d?))&([A-Za-z0-9+/]{22}==)(?:&(0|[1-9]\d?))?$/.exec(text);
	if (!match) return undefined;
	const [, pin, saltText, where] = match;
	const salt = fromBase64Url(saltText!.replaceAll('+', '-').replaceAll('/', '_'));
	if (salt?.length !== SALT_LENGTH || (pin && !isPinLength(Number(pin)))) return undefined;
	if (where && !isLocationIndicator(Number(where))) return undefined;
	return {
		salt,
		...(pin ? { pinLength: Number(pin) } : {}),
		...(where ? { locationIndicator: Number(where) } : {})
	};
}
