/**
 * A small identity provider inside the test process: discovery, keys, tokens, and a login page that says yes at once. It signs
 * what the test wants, right or wrong.
 */
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';

export interface Login {
	readonly redirectUri: string;
	readonly params: URLSearchParams;
}

export async function startIssuer() {
	const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
	const stranger = await generateKeyPair('RS256');
	const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
	const codes = new Map<string, { nonce: string; challenge: string; person: JWTPayload }>();
	const asked: string[] = [];
	let person: JWTPayload = { sub: 'ada', name: 'Ada' };
	let refreshes = true;
	let isUp = true;

	const server = createServer((request, response) => {
		let body = '';
		request.on('data', (chunk: Buffer) => (body += chunk.toString()));
		request.on('end', () => {
			void answer(new URL(request.url ?? '/', url), new URLSearchParams(body)).then((value) => {
				response.writeHead(value === undefined || !isUp ? 404 : 200, { 'content-type': 'application/json' });
				response.end(JSON.stringify(value ?? { error: 'invalid_request' }));
			});
		});
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

	/** A token for an audience; `changes` replace claims, `undefined` takes one away. */
	const token = (
		audience: string,
		changes: JWTPayload = {},
		{ isStranger = false, typ = 'JWT', seconds = 3600, alg = 'RS256' } = {}
	) => {
		const now = Math.floor(Date.now() / 1000);
		const claims = { iss: url, aud: audience, iat: now, exp: now + seconds, ...changes };
		const kept = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
		return new SignJWT(kept)
			.setProtectedHeader({ alg, kid: 'one', typ })
			.sign(isStranger ? stranger.privateKey : privateKey);
	};

	async function answer({ pathname }: URL, form: URLSearchParams): Promise<unknown> {
		asked.push(pathname);
		if (pathname === '/.well-known/openid-configuration')
			return {
				issuer: url,
				jwks_uri: `${url}/keys`,
				authorization_endpoint: `${url}/authorize`,
				token_endpoint: `${url}/token`,
				end_session_endpoint: `${url}/end`,
				response_types_supported: ['id_token', 'code'],
				subject_types_supported: ['public'],
				id_token_signing_alg_values_supported: ['RS256']
			};
		if (pathname === '/keys') return { keys: [jwk] };
		if (pathname !== '/token') return undefined;
		const answered = { access_token: 'access', token_type: 'Bearer', expires_in: 60, refresh_token: 'again' };
		if (form.get('grant_type') === 'refresh_token')
			return refreshes ? { ...answered, id_token: await token('office', person) } : undefined;
		const known = codes.get(form.get('code') ?? '');
		const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(form.get('code_verifier') ?? ''));
		if (known === undefined || Buffer.from(hash).toString('base64url') !== known.challenge) return undefined;
		return { ...answered, id_token: await token('office', { ...known.person, nonce: known.nonce }) };
	}

	return {
		url,
		asked,
		token,
		close: () => server.close(),
		/** Who logs in from now on. */
		is: (who: JWTPayload) => void (person = who),
		refuseRefresh: () => void (refreshes = false),
		down: (isDown: boolean) => void (isUp = !isDown),
		/** What the login page would send back for the address a browser was sent to. */
		async login(location: string, changes: JWTPayload = {}): Promise<URLSearchParams> {
			const { searchParams } = new URL(location);
			const nonce = searchParams.get('nonce') ?? '';
			const state = searchParams.get('state') ?? '';
			if (searchParams.get('response_type') === 'id_token')
				return new URLSearchParams({
					state,
					id_token: await token('office', { ...person, nonce, ...changes })
				});
			const code = crypto.randomUUID();
			codes.set(code, { nonce, challenge: searchParams.get('code_challenge') ?? '', person });
			return new URLSearchParams({ state, code });
		}
	};
}
