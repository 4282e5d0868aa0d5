/**
 * Challenges and bearer tokens for HTTP, without a table: both are MACs under a key that lives as long as the process.
 *
 *   challenge = expiry 8 | random 16 | HMAC-SHA-256(key, "challenge" ‖ expiry ‖ random)[0..16]      answered once
 *   token     = expiry 8 | identityTag 16 | device 16 | HMAC-SHA-256(key, "token" ‖ …)[0..16]       base64url
 *
 * A challenge that was answered is remembered until it expires. A token names the device; whether the device still belongs
 * to the account is asked at each use. After a restart everybody signs in again.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { concat, fromBase64Url, readUint, toBase64Url, uint, utf8, type Bytes } from '@enmeshed/crdt/wire';
import { nameOf } from './names.ts';

const MAC = 16;
const EXPIRY = 8;

export interface Challenges {
	challenge(): Bytes;
	/** True once for a challenge of ours that has not expired. */
	redeem(challenge: Bytes): boolean;
	token(tag: Bytes, device: Bytes): { token: string; expiresAt: number };
	/** Whom a token names; undefined for anything that is not a living token of ours. */
	parseToken(token: string): { tag: Bytes; device: Bytes } | undefined;
}

export function createChallenges(
	key: Bytes,
	now: () => number,
	random: (length: number) => Bytes,
	limits: { readonly challengeMs: number; readonly bearerMs: number; readonly usedChallenges: number }
): Challenges {
	let used = new Set<string>();
	let usedBefore = new Set<string>();
	let turnedAt = now();

	const mac = (purpose: string, body: Uint8Array) =>
		new Uint8Array(createHmac('sha256', key).update(utf8(purpose)).update(body).digest()).slice(0, MAC);

	const seal = (purpose: string, expiresAt: number, rest: Uint8Array): Bytes => {
		const body = concat(uint(0, EXPIRY - 6), uint(expiresAt, 6), rest);
		return concat(body, mac(purpose, body));
	};

	function open(purpose: string, sealed: Bytes, restLength: number): Bytes | undefined {
		if (sealed.length !== EXPIRY + restLength + MAC) return undefined;
		const body = sealed.slice(0, -MAC);
		if (!timingSafeEqual(mac(purpose, body), sealed.slice(-MAC))) return undefined;
		return readUint(body, EXPIRY - 6, 6) > now() ? body.slice(EXPIRY) : undefined;
	}

	/** Two generations, each at least as long as a challenge lives: nothing that could be repeated is forgotten. */
	function turn(): void {
		if (now() - turnedAt < limits.challengeMs && used.size < limits.usedChallenges) return;
		usedBefore = used;
		used = new Set();
		turnedAt = now();
	}

	return {
		challenge: () => seal('challenge', now() + limits.challengeMs, random(16)),
		redeem(challenge) {
			if (!open('challenge', challenge, 16)) return false;
			turn();
			const name = nameOf(challenge);
			if (used.has(name) || usedBefore.has(name)) return false;
			used.add(name);
			return true;
		},
		token(tag, device) {
			const expiresAt = now() + limits.bearerMs;
			return { token: toBase64Url(seal('token', expiresAt, concat(tag, device))), expiresAt };
		},
		parseToken(token) {
			const sealed = fromBase64Url(token);
			const body = sealed && open('token', sealed, 32);
			return body && { tag: body.slice(0, 16), device: body.slice(16, 32) };
		}
	};
}
