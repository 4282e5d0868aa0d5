/**
 * OAuth2 bearer tokens that are JWTs (connector-api.md §5.1; RFC 6750, RFC 9068). Options are those of the original's
 * library: an issuer to be discovered (`issuerBaseURL`), or `issuer` with `jwksUri`, or `issuer` with a shared `secret` and
 * `tokenSigningAlg`; always an `audience`.
 *
 * Keys of the issuer are fetched when a token asks for them and kept (jose). A token that cannot be verified, for whatever
 * reason, is refused like a wrong key.
 */
import { createRemoteJWKSet, jwtVerify, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose';
import * as v from 'valibot';
import { scopeRoles, type Verdict } from './mechanism.ts';

const url = v.pipe(
	v.string(),
	v.check((value) => /^https?:\/\/./.test(value) && URL.canParse(value), 'must begin with http:// or https://')
);
const amount = v.pipe(v.number(), v.minValue(0));
const algorithm = v.pipe(
	v.string(),
	v.check((value) => /^((RS|PS|ES|HS)(256|384|512)|EdDSA|Ed25519)$/.test(value), 'must be a signature algorithm')
);

export const bearerSchema = v.pipe(
	v.looseObject({
		audience: v.union([v.string(), v.array(v.string())], 'must be string or array of strings'),
		issuerBaseURL: v.optional(url),
		issuer: v.optional(v.string()),
		jwksUri: v.optional(url),
		secret: v.optional(v.pipe(v.string(), v.minLength(32))),
		tokenSigningAlg: v.optional(algorithm),
		/** Seconds; the durations below are milliseconds. */
		clockTolerance: v.optional(amount),
		maxTokenAge: v.optional(amount),
		strict: v.optional(v.boolean()),
		cooldownDuration: v.optional(amount),
		timeoutDuration: v.optional(amount),
		cacheMaxAge: v.optional(amount)
	}),
	v.check(
		({ issuerBaseURL, issuer, jwksUri, secret, tokenSigningAlg }) =>
			issuerBaseURL !== undefined ||
			(issuer !== undefined && jwksUri !== undefined && secret === undefined) ||
			(issuer !== undefined && secret !== undefined && tokenSigningAlg?.startsWith('HS') === true),
		'needs issuerBaseURL, or issuer and jwksUri, or issuer, secret and tokenSigningAlg (HS256, HS384 or HS512)'
	)
);
export type BearerOptions = v.InferOutput<typeof bearerSchema>;

interface Issuer {
	readonly issuer: string;
	readonly key: JWTVerifyGetKey;
	readonly algorithms: readonly string[] | undefined;
}

const discovery = v.looseObject({
	issuer: v.string(),
	jwks_uri: url,
	id_token_signing_alg_values_supported: v.optional(v.array(v.string()))
});
const WELL_KNOWN = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];
const isAsymmetric = (name: string) => !name.startsWith('HS') && name !== 'none';

async function discover(base: string, timeoutMs: number): Promise<v.InferOutput<typeof discovery>> {
	const address = base.replace(/\/$/, '');
	const places = address.includes('/.well-known/') ? [address] : WELL_KNOWN.map((path) => address + path);
	for (const place of places) {
		const response = await fetch(place, { signal: AbortSignal.timeout(timeoutMs) });
		if (response.ok) return v.parse(discovery, await response.json());
		await response.body?.cancel();
	}
	throw new Error('the issuer cannot be discovered');
}

/** The issuer's name and keys; asked for once, and again after a failure. */
function issuerOf(options: BearerOptions): () => Promise<Issuer> {
	const timeoutDuration = options.timeoutDuration ?? 5000;
	const remote = (uri: string) =>
		createRemoteJWKSet(new URL(uri), {
			cooldownDuration: options.cooldownDuration ?? 30_000,
			timeoutDuration,
			cacheMaxAge: options.cacheMaxAge ?? 600_000
		});
	const asked = options.tokenSigningAlg === undefined ? undefined : [options.tokenSigningAlg];
	const { secret } = options;
	if (secret !== undefined) {
		const key = new TextEncoder().encode(secret);
		return async () => ({ issuer: options.issuer ?? '', key: async () => key, algorithms: asked });
	}
	if (options.issuer !== undefined && options.jwksUri !== undefined) {
		const known = { issuer: options.issuer, key: remote(options.jwksUri), algorithms: asked };
		return async () => known;
	}
	let found: Promise<Issuer> | undefined;
	return () => {
		found ??= discover(options.issuerBaseURL ?? '', timeoutDuration).then((told) => ({
			issuer: told.issuer,
			key: remote(told.jwks_uri),
			algorithms: asked ?? told.id_token_signing_alg_values_supported?.filter(isAsymmetric)
		}));
		found.catch(() => (found = undefined));
		return found;
	};
}

const STRICT_CLAIMS = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'];

const rulesOf = (options: BearerOptions, { issuer, algorithms }: Issuer, now: number): JWTVerifyOptions => ({
	issuer,
	audience: options.audience,
	currentDate: new Date(now),
	clockTolerance: options.clockTolerance ?? 5,
	requiredClaims: options.strict === true ? STRICT_CLAIMS : ['exp'],
	...(options.strict === true ? { typ: 'at+jwt' } : {}),
	...(options.maxTokenAge === undefined ? {} : { maxTokenAge: options.maxTokenAge }),
	...(algorithms === undefined || algorithms.length === 0 ? {} : { algorithms: [...algorithms] })
});

export type Bearer = (request: Request, now: number) => Promise<Verdict>;

/** Judges `Authorization: Bearer`: the roles of its scope (none: no rights), or refused. */
export function bearerOf(options: BearerOptions, onFailure: (error: unknown) => void): Bearer {
	const issuer = issuerOf(options);
	const payloadOf = async (token: string, now: number): Promise<JWTPayload | undefined> => {
		try {
			const known = await issuer();
			return (await jwtVerify(token, known.key, rulesOf(options, known, now))).payload;
		} catch (error) {
			onFailure(error);
			return undefined;
		}
	};
	return async (request, now) => {
		const header = request.headers.get('authorization');
		if (header === null) return undefined;
		const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header)?.[1];
		const payload = token === undefined ? undefined : await payloadOf(token, now);
		return payload === undefined ? 'refused' : scopeRoles(payload['scope']);
	};
}
