/** connector-api.md §5.1 with its corrections: who gets in, by which of the three ways, and what those hear who do not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SignJWT } from 'jose';
import { PREFIX } from './routes/table.ts';
import { startIssuer } from './testing/issuer.ts';
import { authenticationOf, KEY, stillClock, testApp, testConfig } from './testing/parts.ts';

type Issuer = Awaited<ReturnType<typeof startIssuer>>;
type Tree = { [key: string]: unknown };
let issuer: Issuer;
beforeAll(async () => {
	issuer = await startIssuer();
});
afterAll(() => issuer.close());

const INFO = `${PREFIX}/Account/IdentityInfo`;
const AUDIENCE = 'https://connector.example';

/** An app with these mechanisms only, on the time of day, and what it waited. */
function appWith(authentication: Tree, at = () => Date.now()) {
	const config = testConfig({
		infrastructure: { httpServer: { authentication: { apiKey: { enabled: false }, ...authentication } } }
	});
	const slept: number[] = [];
	const clock = { now: at, sleep: async (ms: number) => void slept.push(ms) };
	return { app: testApp({ config, clock, authentication: authenticationOf(config, at()) }), slept };
}
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const codeOf = async (response: Response) =>
	((await response.json()) as { error?: { code: string; message: string } }).error?.code;

describe('§5.1 a JWT as bearer token', () => {
	const scope = 'core:account core:messages';
	const withIssuer = (more: Tree = {}) =>
		appWith({ jwtBearer: { issuerBaseURL: issuer.url, audience: AUDIENCE, ...more } });

	test('opens what its scope names, split on blanks, and nothing else', async () => {
		const { app } = withIssuer();
		const token = await issuer.token(AUDIENCE, { scope });
		expect((await app.request(INFO, bearer(token))).status).toBe(200);
		expect((await app.request(`${PREFIX}/Messages`, bearer(token))).status).toBe(200);
		expect((await app.request(`${PREFIX}/Tokens/Own`, bearer(token))).status).toBe(403);
		expect((await app.request(INFO, { headers: { authorization: `bearer ${token}` } })).status).toBe(200);
	});

	test('without a scope is known and may nothing', async () => {
		const { app, slept } = withIssuer();
		expect((await app.request(INFO, bearer(await issuer.token(AUDIENCE)))).status).toBe(403);
		const unknownPath = await app.request(`${PREFIX}/nowhere`, bearer(await issuer.token(AUDIENCE)));
		expect([unknownPath.status, await codeOf(unknownPath)]).toEqual([
			404,
			'error.connector.http.routeDoesNotExist'
		]);
		expect(slept).toEqual([]);
	});

	test('that is expired, not yet valid, for others, of others, by others or no token is a delayed 401', async () => {
		const { app, slept } = withIssuer();
		const later = Math.floor(Date.now() / 1000) + 600;
		const wrong = [
			await issuer.token(AUDIENCE, { scope }, { seconds: -60 }),
			await issuer.token(AUDIENCE, { scope, nbf: later }),
			await issuer.token('https://other.example', { scope }),
			await issuer.token(AUDIENCE, { scope, iss: 'https://other.example' }),
			await issuer.token(AUDIENCE, { scope }, { isStranger: true }),
			await issuer.token(AUDIENCE, { scope, exp: undefined } as never),
			await new SignJWT({ scope, aud: AUDIENCE, iss: issuer.url })
				.setProtectedHeader({ alg: 'HS256', kid: 'one' })
				.setExpirationTime('1h')
				.sign(new TextEncoder().encode('x'.repeat(40))),
			'nonsense',
			'a.b.c'
		];
		for (const token of wrong) {
			const response = await app.request(INFO, bearer(token));
			expect([response.status, await codeOf(response)], token).toEqual([401, 'error.connector.unauthorized']);
		}
		const basic = await app.request(INFO, { headers: { authorization: 'Basic YTpi' } });
		expect(basic.status).toBe(401);
		expect((await app.request(INFO)).status).toBe(401);
		expect(slept).toHaveLength(wrong.length + 2);
		for (const ms of slept) expect(ms >= 1000 && ms <= 4000).toBe(true);
	});

	test('is judged by the clock of the Connector', async () => {
		const token = await issuer.token(AUDIENCE, { scope });
		const options = { jwtBearer: { issuerBaseURL: issuer.url, audience: AUDIENCE } };
		const at = (ms: number) => appWith(options, () => Date.now() + ms).app.request(INFO, bearer(token));
		expect((await at(3_590_000)).status).toBe(200);
		expect((await at(3_610_000)).status).toBe(401);
	});

	test('may also be signed with keys at a known place, or with a shared secret', async () => {
		const known = appWith({
			jwtBearer: { issuer: issuer.url, jwksUri: `${issuer.url}/keys`, audience: [AUDIENCE, 'b'] }
		});
		expect((await known.app.request(INFO, bearer(await issuer.token(AUDIENCE, { scope })))).status).toBe(200);
		const secret = 'a shared secret of thirty-two characters';
		const shared = appWith({
			jwtBearer: { issuer: 'https://us', secret, tokenSigningAlg: 'HS256', audience: AUDIENCE }
		});
		const sign = (words: string) =>
			new SignJWT({ scope, aud: AUDIENCE, iss: 'https://us' })
				.setProtectedHeader({ alg: 'HS256' })
				.setExpirationTime('1h')
				.sign(new TextEncoder().encode(words));
		expect((await shared.app.request(INFO, bearer(await sign(secret)))).status).toBe(200);
		expect((await shared.app.request(INFO, bearer(await sign(`${secret}!`)))).status).toBe(401);
	});

	test('strict takes access tokens only', async () => {
		const { app } = withIssuer({ strict: true });
		const full = { scope, sub: 'a', client_id: 'b', jti: 'c' };
		expect((await app.request(INFO, bearer(await issuer.token(AUDIENCE, full, { typ: 'at+jwt' })))).status).toBe(
			200
		);
		expect((await app.request(INFO, bearer(await issuer.token(AUDIENCE, full)))).status).toBe(401);
		expect(
			(await app.request(INFO, bearer(await issuer.token(AUDIENCE, { scope }, { typ: 'at+jwt' })))).status
		).toBe(401);
	});

	test('an issuer that cannot be reached lets nobody in, and is asked again', async () => {
		const { app } = withIssuer();
		const token = await issuer.token(AUDIENCE, { scope });
		issuer.down(true);
		expect((await app.request(INFO, bearer(token))).status).toBe(401);
		issuer.down(false);
		expect((await app.request(INFO, bearer(token))).status).toBe(200);
	});
});

describe('§5.1 the first way a request has credentials for decides', () => {
	const all = () =>
		appWith({
			apiKey: { enabled: true },
			jwtBearer: { issuerBaseURL: issuer.url, audience: AUDIENCE },
			oidc: oidcOptions()
		});

	test('a wrong key is refused, whatever else is there; a right one decides alone', async () => {
		const { app } = all();
		const { authorization } = bearer(await issuer.token(AUDIENCE, { scope: '**' })).headers;
		expect((await app.request(INFO, { headers: { 'x-api-key': 'wrong', authorization } })).status).toBe(401);
		expect((await app.request(INFO, { headers: { 'x-api-key': KEY, authorization: 'Bearer x' } })).status).toBe(
			200
		);
		expect((await app.request(INFO, { headers: { authorization } })).status).toBe(200);
	});

	test('a wrong bearer token is refused although a session is there', async () => {
		const { app } = all();
		const cookie = await logIn(app);
		expect((await app.request(INFO, { headers: { cookie } })).status).toBe(200);
		expect((await app.request(INFO, { headers: { cookie, authorization: 'Bearer x' } })).status).toBe(401);
		expect((await app.request(INFO, { headers: { cookie, 'x-api-key': 'wrong' } })).status).toBe(401);
	});
});

const BASE = 'https://connector.example';
const oidcOptions = (more: Tree = {}): Tree => ({
	issuerBaseURL: issuer.url,
	baseURL: BASE,
	clientID: 'office',
	secret: 'something long and secret',
	rolesPath: 'resource.connector.roles',
	...more
});
const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
type App = ReturnType<typeof testApp>;

/** What a browser would send back of these `set-cookie` values. */
const jar = (response: Response, before = ''): string => {
	const cookies = new Map(before.split('; ').flatMap((each) => (each === '' ? [] : [each.split(/=(.*)/s) as never])));
	for (const line of response.headers.getSetCookie()) {
		const [name = '', value = ''] = line.split(';')[0]!.split(/=(.*)/s);
		if (/Max-Age=0(;|$)/.test(line)) cookies.delete(name);
		else cookies.set(name, value);
	}
	return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
};

async function comeBack(app: App, started: Response, said: URLSearchParams): Promise<Response> {
	const headers = { cookie: jar(started), 'content-type': 'application/x-www-form-urlencoded' };
	return said.has('id_token')
		? app.request('/callback', { method: 'POST', headers, body: said.toString() })
		: app.request(`/callback?${said}`, { headers: { cookie: headers.cookie } });
}

/** Goes through the login with what the issuer says; the session's cookies. */
async function logIn(app: App): Promise<string> {
	issuer.is({ sub: 'ada', resource: { connector: { roles: ['core:*'] } } });
	const started = await app.request(INFO, { headers: browser });
	const ended = await comeBack(app, started, await issuer.login(started.headers.get('location') ?? ''));
	expect([ended.status, ended.headers.get('location')]).toEqual([302, INFO]);
	return jar(ended);
}

describe('§5.1 a session by OpenID Connect', () => {
	test('a browser is sent to log in and comes back to where it was; others are told 401', async () => {
		const { app, slept } = appWith({ oidc: oidcOptions() });
		const started = await app.request(`${INFO}?a=1`, { headers: browser });
		expect(started.status).toBe(302);
		const to = new URL(started.headers.get('location') ?? '');
		expect(to.origin + to.pathname).toBe(`${issuer.url}/authorize`);
		expect(Object.fromEntries(to.searchParams)).toMatchObject({
			client_id: 'office',
			redirect_uri: `${BASE}/callback`,
			response_type: 'id_token',
			response_mode: 'form_post',
			scope: 'openid profile email'
		});
		expect(started.headers.getSetCookie().join()).toMatch(/^auth_verification=.*HttpOnly; Secure; SameSite=None/);
		const ended = await comeBack(app, started, await issuer.login(to.href));
		expect([ended.status, ended.headers.get('location')]).toEqual([302, `${INFO}?a=1`]);
		expect(slept).toEqual([]);
		for (const headers of [
			{ accept: 'application/json' },
			{ accept: '*/*' },
			{},
			{ ...browser, 'x-requested-with': 'XMLHttpRequest' }
		]) {
			const refused = await app.request(INFO, { headers });
			expect([refused.status, await codeOf(refused)]).toEqual([401, 'error.connector.unauthorized']);
		}
		expect(slept).toHaveLength(4);
	});

	test('nobody is sent to another site by a path that looks like one', async () => {
		const { app } = appWith({ oidc: oidcOptions() });
		for (const path of ['//evil.example/x', '/\\evil.example/x', '///evil.example/x']) {
			const started = await app.request(`http://localhost${path}`, { headers: browser });
			const ended = await comeBack(app, started, await issuer.login(started.headers.get('location') ?? ''));
			expect(ended.headers.get('location')).toBe('/evil.example/x');
		}
	});

	test('holds the roles that rolesPath leads to; a path that leads nowhere gives none', async () => {
		const { app } = appWith({ oidc: oidcOptions() });
		const cookie = await logIn(app);
		expect((await app.request(INFO, { headers: { cookie } })).status).toBe(200);
		expect((await app.request('/Monitoring/Version', { headers: { cookie } })).status).toBe(403);
		for (const rolesPath of ['resource.connector', 'nobody.home', undefined, 'sub']) {
			const other = appWith({ oidc: oidcOptions({ rolesPath }) }).app;
			expect((await other.request(INFO, { headers: { cookie: await logIn(other) } })).status).toBe(403);
		}
	});

	test('is sealed: a changed cookie, another secret’s or another purpose’s is nobody', async () => {
		const { app } = appWith({ oidc: oidcOptions() });
		const cookie = await logIn(app);
		expect(cookie).toMatch(/^appSession=[\w-]+$/);
		const changed = cookie.slice(0, -2) + (cookie.endsWith('A') ? 'B' : 'A') + cookie.slice(-1);
		const started = await app.request(INFO, { headers: browser });
		const login = jar(started).replace('auth_verification', 'appSession');
		for (const given of [changed, 'appSession=x', 'appSession=', login])
			expect((await app.request(INFO, { headers: { cookie: given } })).status).toBe(401);
		const replaced = appWith({ oidc: oidcOptions({ secret: ['a new one', 'something long and secret'] }) }).app;
		expect((await replaced.request(INFO, { headers: { cookie } })).status).toBe(200);
		const other = appWith({ oidc: oidcOptions({ secret: 'another' }) }).app;
		expect((await other.request(INFO, { headers: { cookie } })).status).toBe(401);
	});

	test('ends after a day without use and after a week in any case', async () => {
		let ahead = 0;
		const { app } = appWith({ oidc: oidcOptions() }, () => Date.now() + ahead);
		const hour = 3_600_000;
		let cookie = await logIn(app);
		ahead = 25 * hour;
		expect((await app.request(INFO, { headers: { cookie } })).status).toBe(401);
		ahead = 0;
		for (; ahead < 160 * hour; ahead += 20 * hour) {
			const response = await app.request(INFO, { headers: { cookie } });
			expect(response.status).toBe(200);
			cookie = jar(response, cookie);
		}
		ahead = 170 * hour;
		expect((await app.request(INFO, { headers: { cookie } })).status).toBe(401);
	});

	test('begins with what the issuer said to this browser, for us, just now, and with nothing else', async () => {
		const { app } = appWith({ oidc: oidcOptions() });
		const started = await app.request(INFO, { headers: browser });
		const location = started.headers.get('location') ?? '';
		const said = await issuer.login(location);
		const foreign = await issuer.login(
			(await app.request(INFO, { headers: browser })).headers.get('location') ?? ''
		);
		const lies = [
			new URLSearchParams({ state: 'x', id_token: said.get('id_token') ?? '' }),
			new URLSearchParams({ state: said.get('state') ?? '', id_token: foreign.get('id_token') ?? '' }),
			await issuer.login(location, { aud: 'other' }),
			await issuer.login(location, { iss: 'https://other' }),
			await issuer.login(location, { exp: 1 }),
			new URLSearchParams({ state: said.get('state') ?? '', id_token: 'a.b.c' }),
			new URLSearchParams({ error: 'access_denied', state: said.get('state') ?? '' }),
			new URLSearchParams()
		];
		for (const lie of lies) {
			const headers = { cookie: jar(started), 'content-type': 'application/x-www-form-urlencoded' };
			const ended = await app.request('/callback', { method: 'POST', headers, body: lie.toString() });
			expect([ended.status, await codeOf(ended)], lie.toString().slice(0, 40)).toEqual([
				401,
				'error.connector.unauthorized'
			]);
			expect(ended.headers.getSetCookie()).toEqual([]);
		}
		const elsewhere = await app.request('/callback', {
			method: 'POST',
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
			body: said.toString()
		});
		expect(elsewhere.status).toBe(401);
		expect((await comeBack(app, started, said)).status).toBe(302);
	});

	test('with a code: PKCE, and an expired access token is replaced if the issuer allows', async () => {
		let ahead = 0;
		const options = oidcOptions({
			clientSecret: 'client secret',
			authorizationParams: { response_type: 'code', scope: 'openid offline_access' }
		});
		const { app } = appWith({ oidc: options }, () => Date.now() + ahead);
		let cookie = await logIn(app);
		const before = issuer.asked.filter((path) => path === '/token').length;
		expect((await app.request(INFO, { headers: { cookie } })).status).toBe(200);
		expect(issuer.asked.filter((path) => path === '/token')).toHaveLength(before);
		ahead = 120_000;
		issuer.is({ sub: 'ada', resource: { connector: { roles: ['core:messages'] } } });
		const refreshed = await app.request(`${PREFIX}/Messages`, { headers: { cookie } });
		expect(refreshed.status).toBe(200);
		expect(issuer.asked.filter((path) => path === '/token')).toHaveLength(before + 1);
		cookie = jar(refreshed, cookie);
		expect((await app.request(INFO, { headers: { cookie } })).status).toBe(403);
		ahead = 240_000;
		issuer.refuseRefresh();
		expect((await app.request(INFO, { headers: { cookie } })).status).toBe(401);
	});

	test('ends at /logout, at the issuer too when told so', async () => {
		const { app } = appWith({ oidc: oidcOptions() });
		const cookie = await logIn(app);
		const out = await app.request('/logout', { headers: { cookie } });
		expect([out.status, out.headers.get('location'), jar(out, cookie)]).toEqual([302, `${BASE}/`, '']);
		const thorough = appWith({
			oidc: oidcOptions({ idpLogout: true, routes: { logout: '/bye', postLogoutRedirect: '/done' } })
		}).app;
		const end = await thorough.request('/bye', { headers: { cookie: await logIn(thorough) } });
		const to = new URL(end.headers.get('location') ?? '');
		expect([to.pathname, to.searchParams.get('post_logout_redirect_uri')]).toEqual(['/end', `${BASE}/done`]);
		expect(to.searchParams.get('id_token_hint')).toBeTruthy();
	});

	test('/login is there for everybody; silent login asks the issuer once without a question', async () => {
		const { app } = appWith({ oidc: oidcOptions({ attemptSilentLogin: true }) });
		const login = await app.request('/login');
		expect([login.status, login.headers.get('location')?.startsWith(issuer.url)]).toEqual([302, true]);
		const silent = await app.request(INFO, { headers: browser });
		const to = new URL(silent.headers.get('location') ?? '');
		expect(to.searchParams.get('prompt')).toBe('none');
		const state = to.searchParams.get('state') ?? '';
		const back = await comeBack(app, silent, new URLSearchParams({ error: 'login_required', state, id_token: '' }));
		expect([back.status, back.headers.get('location')]).toEqual([302, INFO]);
		const second = await app.request(INFO, { headers: { ...browser, cookie: jar(back, jar(silent)) } });
		expect(new URL(second.headers.get('location') ?? '').searchParams.has('prompt')).toBe(false);
	});

	test('a long list of claims is spread over cookies and put together again', async () => {
		const { app } = appWith({ oidc: oidcOptions() });
		issuer.is({
			sub: 'ada',
			groups: Array.from({ length: 500 }, (_, at) => `group-${at}`),
			resource: { connector: { roles: ['core:*'] } }
		});
		const started = await app.request(INFO, { headers: browser });
		const ended = await comeBack(app, started, await issuer.login(started.headers.get('location') ?? ''));
		const cookie = jar(ended);
		expect(cookie).toMatch(/appSession\.0=.*appSession\.1=/);
		expect((await app.request(INFO, { headers: { cookie } })).status).toBe(200);
		expect((await app.request(INFO, { headers: { cookie: cookie.split('; ')[0]! } })).status).toBe(401);
	});
});

describe('§5.1 several API keys', () => {
	const second = 'Other-Key-0123456789-ABCDEFGHIJKLMN';
	test('each has its own scopes and its own end; one that is switched off opens nothing', async () => {
		const clock = stillClock();
		const config = testConfig({
			infrastructure: {
				httpServer: {
					authentication: {
						apiKey: {
							keys: {
								test: { key: KEY, scopes: ['core:account'], description: 'ours' },
								second: {
									key: second,
									scopes: ['core:messages'],
									expiresAt: new Date(clock.now() + 1000).toISOString()
								},
								third: { key: `${second}3`, enabled: false },
								fourth: { key: `${second}4` },
								fifth: { key: `${second}5`, scopes: [] }
							}
						}
					}
				}
			}
		});
		const authentication = authenticationOf(config);
		const app = testApp({ config, authentication });
		const status = async (path: string, key: string, target = app) =>
			(await target.request(path, { headers: { 'x-api-key': key } })).status;
		expect([await status(INFO, KEY), await status(`${PREFIX}/Messages`, KEY)]).toEqual([200, 403]);
		expect([await status(INFO, second), await status(`${PREFIX}/Messages`, second)]).toEqual([403, 200]);
		expect(await status(INFO, `${second}3`)).toBe(401);
		expect([await status(INFO, `${second}4`), await status('/Monitoring/Version', `${second}4`)]).toEqual([
			200, 200
		]);
		expect(await status(INFO, `${second}5`)).toBe(403);
		const late = testApp({ config, authentication, clock: stillClock(clock.now() + 1000) });
		expect(await status(`${PREFIX}/Messages`, second, late)).toBe(401);
		expect(await status(INFO, KEY, late)).toBe(200);
	});
});
