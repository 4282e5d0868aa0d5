/**
 * Login of people by OpenID Connect, with a session in a sealed cookie (connector-api.md §5.1, §14; OpenID Connect Core 1.0).
 * Options are those of the original's library.
 *
 *   GET  /login     → issuer (state, nonce, PKCE kept in a sealed cookie of its own)
 *   GET|POST /callback → checks what the issuer says, begins the session, goes back to where the person was
 *   GET  /logout    → ends it (with `idpLogout` at the issuer too)
 *
 * The session holds the claims about the person and, if the issuer gave them, what is needed to refresh an expired access
 * token. Roles are what `rolesPath` leads to in the claims, if that is a list of texts.
 */
import * as client from 'openid-client';
import * as v from 'valibot';
import { preferred } from './accept.ts';
import { cookiesOf, readChunked, sealer, setCookie, writeChunked, type CookieRules } from './cookie.ts';

const text = v.pipe(v.string(), v.minLength(1));
const url = v.pipe(
	v.string(),
	v.check((value) => /^https?:\/\/./.test(value) && URL.canParse(value), 'must begin with http:// or https://')
);
const seconds = v.pipe(v.number(), v.minValue(1));

export const oidcSchema = v.looseObject({
	issuerBaseURL: url,
	baseURL: url,
	clientID: text,
	secret: v.union([text, v.array(text)], 'must be string or array of strings'),
	clientSecret: v.optional(text),
	clientAuthMethod: v.optional(
		v.picklist(['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'none'])
	),
	rolesPath: v.optional(text),
	authorizationParams: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
	routes: v.optional(
		v.looseObject({
			login: v.optional(text),
			logout: v.optional(text),
			callback: v.optional(text),
			postLogoutRedirect: v.optional(v.string())
		})
	),
	session: v.optional(
		v.looseObject({
			name: v.optional(text),
			rolling: v.optional(v.boolean()),
			rollingDuration: v.optional(seconds),
			absoluteDuration: v.optional(v.union([seconds, v.literal(false)])),
			cookie: v.optional(
				v.looseObject({
					domain: v.optional(text),
					path: v.optional(text),
					transient: v.optional(v.boolean()),
					httpOnly: v.optional(v.boolean()),
					secure: v.optional(v.boolean()),
					sameSite: v.optional(v.picklist(['Lax', 'Strict', 'None', 'lax', 'strict', 'none']))
				})
			)
		})
	),
	idTokenSigningAlg: v.optional(text),
	clockTolerance: v.optional(v.pipe(v.number(), v.minValue(0))),
	idpLogout: v.optional(v.boolean()),
	attemptSilentLogin: v.optional(v.boolean())
});
export type OidcOptions = v.InferOutput<typeof oidcSchema>;

const sessionSchema = v.object({
	user: v.record(v.string(), v.unknown()),
	/** Seconds since 1970. */
	begunAt: v.number(),
	usedAt: v.number(),
	/** When the access token expires, if there is one. */
	expiresAt: v.optional(v.number()),
	refreshToken: v.optional(v.string()),
	idToken: v.optional(v.string())
});
type Session = v.InferOutput<typeof sessionSchema>;

const loginSchema = v.object({
	state: v.string(),
	nonce: v.string(),
	verifier: v.string(),
	returnTo: v.string(),
	silent: v.boolean()
});

export interface Oidc {
	/** The roles of the session, with the cookies to give back; undefined: nobody is logged in. */
	judge(request: Request, now: number): Promise<{ roles: readonly string[]; cookies: readonly string[] } | undefined>;
	/** Where a browser goes to log in; undefined: the caller is no browser. */
	login(request: Request): Promise<Response | undefined>;
	/** Answers the three routes of the login; undefined: another path. `refused`: what the issuer says cannot be believed. */
	page(
		request: Request,
		form: Readonly<Record<string, unknown>>,
		now: number
	): Promise<Response | 'refused' | undefined>;
}

const PROTOCOL_CLAIMS = new Set([
	'iss',
	'aud',
	'exp',
	'iat',
	'nbf',
	'nonce',
	'at_hash',
	'c_hash',
	's_hash',
	'azp',
	'jti'
]);
const personOf = (claims: object) =>
	Object.fromEntries(Object.entries(claims).filter(([name]) => !PROTOCOL_CLAIMS.has(name)));

/** What a dotted path leads to, if that is a list of texts. */
function rolesAt(user: unknown, path: string | undefined): readonly string[] {
	const found = path
		?.split('.')
		.reduce<unknown>(
			(value, name) =>
				typeof value === 'object' && value !== null && Object.hasOwn(value, name)
					? (value as Record<string, unknown>)[name]
					: undefined,
			user
		);
	return Array.isArray(found) ? found.filter((role) => typeof role === 'string') : [];
}

/** A browser: it asks for a page before data, and not from a script. */
const isBrowser = (request: Request) =>
	request.headers.get('x-requested-with')?.toLowerCase() !== 'xmlhttprequest' &&
	preferred(request.headers.get('accept') ?? '*/*', ['application/json', 'text/html']) === 'text/html';

const CLIENT_AUTH = {
	client_secret_basic: client.ClientSecretBasic,
	client_secret_post: client.ClientSecretPost,
	client_secret_jwt: client.ClientSecretJwt,
	none: () => client.None()
} as const;

/** What the issuer tells about itself; asked for once, and again after a failure. */
function issuerOf(options: OidcOptions): () => Promise<client.Configuration> {
	const { clientSecret, clientAuthMethod, issuerBaseURL, idTokenSigningAlg } = options;
	const responseType = String(options.authorizationParams?.['response_type'] ?? 'id_token');
	const method = clientAuthMethod ?? (clientSecret === undefined ? 'none' : 'client_secret_basic');
	const discover = async () => {
		const issuer = new URL(issuerBaseURL);
		const found = await client.discovery(
			issuer,
			options.clientID,
			{
				...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
				...(idTokenSigningAlg === undefined ? {} : { id_token_signed_response_alg: idTokenSigningAlg }),
				[client.clockTolerance]: options.clockTolerance ?? 60
			},
			CLIENT_AUTH[method](clientSecret),
			issuer.protocol === 'http:' ? { execute: [client.allowInsecureRequests] } : {}
		);
		if (responseType === 'id_token') client.useIdTokenResponseType(found);
		if (responseType === 'code id_token') client.useCodeIdTokenResponseType(found);
		return found;
	};
	let found: Promise<client.Configuration> | undefined;
	return () => {
		found ??= discover();
		found.catch(() => (found = undefined));
		return found;
	};
}

const redirect = (location: string, cookies: readonly string[]): Response => {
	const headers = new Headers({ location, 'cache-control': 'no-store' });
	for (const cookie of cookies) headers.append('set-cookie', cookie);
	return new Response(null, { status: 302, headers });
};

const LOGIN_COOKIE = 'auth_verification';
const SILENT_COOKIE = 'skipSilentLogin';
const LOGIN_SECONDS = 3600;

export function oidcOf(options: OidcOptions, onFailure: (error: unknown) => void): Oidc {
	const secrets = typeof options.secret === 'string' ? [options.secret] : options.secret;
	const sessions = sealer(secrets, 'session');
	const logins = sealer(secrets, 'login');
	const issuer = issuerOf(options);
	const base = options.baseURL.replace(/\/+$/, '');
	const basePath = new URL(base).pathname.replace(/\/+$/, '');
	const isSecure = base.startsWith('https:');
	const {
		login = '/login',
		logout = '/logout',
		callback: back = '/callback',
		postLogoutRedirect = ''
	} = options.routes ?? {};
	const callback = `${base}/${back.replace(/^\/+/, '')}`;
	const { name = 'appSession', rolling = true, rollingDuration = 86_400, cookie } = options.session ?? {};
	const absoluteDuration = options.session?.absoluteDuration ?? 604_800;
	const asked: Record<string, string> = {
		response_type: 'id_token',
		scope: 'openid profile email',
		...Object.fromEntries(
			Object.entries(options.authorizationParams ?? {}).map(([member, value]) => [member, String(value)])
		)
	};
	const usesCode = asked['response_type']?.split(' ').includes('code') === true;
	asked['response_mode'] ??= usesCode ? 'query' : 'form_post';
	const isPosted = asked['response_mode'] === 'form_post';

	const sessionRules = (maxAge: number): CookieRules => ({
		path: cookie?.path ?? '/',
		domain: cookie?.domain,
		httpOnly: cookie?.httpOnly ?? true,
		secure: cookie?.secure ?? isSecure,
		sameSite: cookie?.sameSite ?? 'Lax',
		...(cookie?.transient === true && maxAge > 0 ? {} : { maxAge })
	});
	/** The issuer's form comes from its own site: the cookie must come with it. */
	const loginRules: CookieRules = {
		path: '/',
		httpOnly: true,
		secure: isSecure,
		sameSite: !isPosted ? 'Lax' : isSecure ? 'None' : undefined
	};

	const keep = (request: Request, session: Session): string[] =>
		writeChunked(cookiesOf(request), name, sessions.seal(session), sessionRules(rollingDuration));
	const forget = (request: Request): string[] => writeChunked(cookiesOf(request), name, '', sessionRules(0));

	function sessionOf(request: Request, now: number): Session | undefined {
		const sealed = readChunked(cookiesOf(request), name);
		const read = v.safeParse(sessionSchema, sealed === undefined ? undefined : sessions.open(sealed));
		if (!read.success) return undefined;
		const { begunAt, usedAt } = read.output;
		const isOver =
			now / 1000 > usedAt + rollingDuration ||
			(absoluteDuration !== false && now / 1000 > begunAt + absoluteDuration);
		return isOver ? undefined : read.output;
	}

	const tokensOf = (answer: Awaited<ReturnType<typeof client.refreshTokenGrant>>, now: number) => {
		const seconds = answer.expiresIn();
		return {
			...(seconds === undefined ? {} : { expiresAt: Math.floor(now / 1000) + seconds }),
			...(answer.refresh_token === undefined ? {} : { refreshToken: answer.refresh_token })
		};
	};

	/** The session with a fresh access token where the old one has expired and can be replaced; undefined: the issuer said no. */
	async function refreshed(session: Session, now: number): Promise<Session | undefined> {
		const { expiresAt, refreshToken } = session;
		if (expiresAt === undefined || expiresAt > now / 1000 || refreshToken === undefined) return session;
		try {
			const answer = await client.refreshTokenGrant(await issuer(), refreshToken);
			const claims = answer.claims();
			return {
				...session,
				...tokensOf(answer, now),
				...(claims === undefined ? {} : { user: personOf(claims) })
			};
		} catch (error) {
			onFailure(error);
			return undefined;
		}
	}

	async function toIssuer(returnTo: string, silent: boolean, cookies: readonly string[] = []): Promise<Response> {
		const login = {
			state: client.randomState(),
			nonce: client.randomNonce(),
			verifier: client.randomPKCECodeVerifier(),
			returnTo,
			silent
		};
		const to = client.buildAuthorizationUrl(await issuer(), {
			...asked,
			redirect_uri: callback,
			state: login.state,
			nonce: login.nonce,
			...(silent ? { prompt: 'none' } : {}),
			...(usesCode
				? {
						code_challenge: await client.calculatePKCECodeChallenge(login.verifier),
						code_challenge_method: 'S256'
					}
				: {})
		});
		const kept = setCookie(LOGIN_COOKIE, logins.seal(login), { ...loginRules, maxAge: LOGIN_SECONDS });
		return redirect(to.href, [kept, ...cookies]);
	}

	/** What the issuer says, checked; throws when it cannot be believed. */
	async function heard(
		request: Request,
		form: Readonly<Record<string, unknown>>,
		{ state, nonce, verifier }: v.InferOutput<typeof loginSchema>,
		now: number
	): Promise<Session> {
		const fields = Object.entries(form).map(([field, value]): [string, string] => [field, String(value)]);
		const said =
			request.method === 'POST'
				? new Request(callback, { method: 'POST', body: new URLSearchParams(fields) })
				: new URL(callback + new URL(request.url).search);
		const begunAt = Math.floor(now / 1000);
		const checks = { expectedState: state, expectedNonce: nonce };
		if (!usesCode) {
			const claims = await client.implicitAuthentication(await issuer(), said, nonce, { expectedState: state });
			const idToken = form['id_token'];
			const hint = options.idpLogout === true && typeof idToken === 'string' ? { idToken } : {};
			return { user: personOf(claims), begunAt, usedAt: begunAt, ...hint };
		}
		const answer = await client.authorizationCodeGrant(await issuer(), said, {
			...checks,
			pkceCodeVerifier: verifier,
			idTokenExpected: true
		});
		const hint = options.idpLogout === true && answer.id_token !== undefined ? { idToken: answer.id_token } : {};
		const user = personOf(answer.claims() ?? {});
		return { user, begunAt, usedAt: begunAt, ...tokensOf(answer, now), ...hint };
	}

	async function comeBack(
		request: Request,
		form: Readonly<Record<string, unknown>>,
		now: number
	): Promise<Response | 'refused'> {
		const done = setCookie(LOGIN_COOKIE, '', { ...loginRules, maxAge: 0 });
		const sealed = cookiesOf(request).get(LOGIN_COOKIE);
		const begun = v.safeParse(loginSchema, sealed === undefined ? undefined : logins.open(sealed));
		if (!begun.success) return 'refused';
		try {
			const session = await heard(request, form, begun.output, now);
			return redirect(begun.output.returnTo, [done, ...keep(request, session)]);
		} catch (error) {
			if (begun.output.silent) return redirect(begun.output.returnTo, [done]);
			onFailure(error);
			return 'refused';
		}
	}

	async function logOut(request: Request, now: number): Promise<Response> {
		const home = new URL(postLogoutRedirect, `${base}/`).href;
		const session = sessionOf(request, now);
		if (options.idpLogout !== true || session === undefined) return redirect(home, forget(request));
		const end = client.buildEndSessionUrl(await issuer(), {
			post_logout_redirect_uri: home,
			...(session.idToken === undefined ? {} : { id_token_hint: session.idToken })
		});
		return redirect(end.href, forget(request));
	}

	return {
		async judge(request, now) {
			const found = sessionOf(request, now);
			const session = found === undefined ? undefined : await refreshed(found, now);
			if (session === undefined) return undefined;
			const used = { ...session, usedAt: Math.floor(now / 1000) };
			const cookies = rolling || session !== found ? keep(request, used) : [];
			return { roles: rolesAt(session.user, options.rolesPath), cookies };
		},
		async login(request) {
			if (!isBrowser(request)) return undefined;
			const { pathname, search } = new URL(request.url);
			// `//host` would be another site.
			const returnTo = basePath + pathname.replace(/^\/+/, '/') + search;
			const tried = cookiesOf(request).has(SILENT_COOKIE);
			if (options.attemptSilentLogin !== true || tried) return toIssuer(returnTo, false);
			return toIssuer(returnTo, true, [setCookie(SILENT_COOKIE, 'true', { ...loginRules, sameSite: 'Lax' })]);
		},
		async page(request, form, now) {
			const path = new URL(request.url).pathname.replace(/(?<=.)\/$/, '');
			const isAt = (route: string) => path === `/${route.replace(/^\/+/, '')}`;
			if (isAt(back) && (request.method === 'GET' || request.method === 'POST'))
				return comeBack(request, form, now);
			if (request.method !== 'GET') return undefined;
			if (isAt(login)) return toIssuer(`${basePath}/`, false);
			return isAt(logout) ? logOut(request, now) : undefined;
		}
	};
}
