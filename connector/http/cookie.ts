/**
 * Sealed cookies: what the browser keeps for us and cannot read or change. AES-256-GCM under a key derived from the
 * configured secret and the cookie's purpose; of several secrets the first seals, all open (so that one can be replaced).
 *
 * Browsers keep about 4 kB a cookie; longer values are cut into `name.0`, `name.1`, …
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface Sealer {
	seal(value: unknown): string;
	/** undefined: not ours, or changed. */
	open(text: string): unknown;
}

export function sealer(secrets: readonly string[], purpose: string): Sealer {
	const keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', `connector/${purpose}`, 32)));
	const openWith = (key: Buffer, bytes: Buffer): unknown => {
		const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
		decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
		const plain = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
		return JSON.parse(plain.toString());
	};
	return {
		seal(value) {
			const [key] = keys;
			if (key === undefined) throw new Error('no secret to seal with');
			const iv = randomBytes(IV_BYTES);
			const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
			const sealed = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()]);
			return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
		},
		open(text) {
			const bytes = Buffer.from(text, 'base64url');
			if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
			for (const key of keys)
				try {
					return openWith(key, bytes);
				} catch {
					// Another secret's, or nobody's.
				}
			return undefined;
		}
	};
}

/** The cookies of a request. */
export const cookiesOf = (request: Request): ReadonlyMap<string, string> =>
	new Map(
		(request.headers.get('cookie') ?? '').split(';').flatMap((pair) => {
			const at = pair.indexOf('=');
			return at < 0 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const];
		})
	);

export interface CookieRules {
	readonly path: string;
	readonly domain?: string | undefined;
	readonly secure: boolean;
	readonly httpOnly: boolean;
	readonly sameSite?: string | undefined;
	/** Seconds; absent: until the browser is closed. */
	readonly maxAge?: number | undefined;
}

/** One `set-cookie` value. */
export const setCookie = (name: string, value: string, rules: CookieRules): string =>
	[
		`${name}=${value}`,
		`Path=${rules.path}`,
		...(rules.domain === undefined ? [] : [`Domain=${rules.domain}`]),
		...(rules.maxAge === undefined ? [] : [`Max-Age=${rules.maxAge}`]),
		...(rules.httpOnly ? ['HttpOnly'] : []),
		...(rules.secure ? ['Secure'] : []),
		...(rules.sameSite === undefined ? [] : [`SameSite=${rules.sameSite}`])
	].join('; ');

const CHUNK = 3800;

/** `name`, or `name.0`, `name.1`, … put together. */
export function readChunked(cookies: ReadonlyMap<string, string>, name: string): string | undefined {
	const whole = cookies.get(name);
	if (whole !== undefined) return whole;
	const parts: string[] = [];
	for (let at = 0; cookies.has(`${name}.${at}`); at++) parts.push(cookies.get(`${name}.${at}`) ?? '');
	return parts.length === 0 ? undefined : parts.join('');
}

/** The `set-cookie` values for a value of any length; those the browser has and that are no longer needed are taken back. */
export function writeChunked(
	cookies: ReadonlyMap<string, string>,
	name: string,
	value: string,
	rules: CookieRules
): string[] {
	const chunks =
		value.length <= CHUNK
			? [[name, value] as const]
			: Array.from(
					{ length: Math.ceil(value.length / CHUNK) },
					(_, at) => [`${name}.${at}`, value.slice(at * CHUNK, (at + 1) * CHUNK)] as const
				);
	const kept = new Set(value === '' ? [] : chunks.map(([own]) => own));
	const stale = [...cookies.keys()].filter(
		(own) =>
			(own === name || (own.startsWith(`${name}.`) && /^\d+$/.test(own.slice(name.length + 1)))) && !kept.has(own)
	);
	return [
		...(value === '' ? [] : chunks.map(([own, part]) => setCookie(own, part, rules))),
		...stale.map((own) => setCookie(own, '', { ...rules, maxAge: 0 }))
	];
}
