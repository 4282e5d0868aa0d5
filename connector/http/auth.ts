/**
 * Who may call (connector-api.md §5.1): API key, then JWT bearer, then OIDC session; the first one a request carries
 * credentials for decides. Judged once at the start (`readAuthentication`), then per request.
 */
import type { GenericSchema, InferOutput } from 'valibot';
import * as v from 'valibot';
import type { Config } from '../config.ts';
import { bearerOf, bearerSchema } from './bearer.ts';
import { readKeys, scopesOf } from './keys.ts';
import { isMechanismOn, PLACE } from './mechanism.ts';
import { oidcOf, oidcSchema, type Oidc } from './oidc.ts';
import { problemLines } from './schema.ts';

export type Judgement =
	| {
			readonly kind: 'known';
			readonly roles: readonly string[];
			/** `set-cookie` values for the answer. */
			readonly cookies: readonly string[];
	  }
	| { readonly kind: 'refused' }
	/** A browser without session: this answer sends it to log in. */
	| { readonly kind: 'login'; readonly response: Response };

export interface Authentication {
	/** Header of the API keys. */
	readonly headerName: string;
	/** Nothing is configured and debug mode is on: everybody may do everything. */
	readonly open: boolean;
	judge(request: Request, now: number): Promise<Judgement>;
	/** The routes of a login, answered before anybody is known; undefined: another path. */
	page: Oidc['page'];
}

const REFUSED: Judgement = { kind: 'refused' };
const known = (roles: readonly string[], cookies: readonly string[] = []): Judgement => ({
	kind: 'known',
	roles,
	cookies
});

/** The options of a mechanism that is on, or the lines that say what is wrong with them. */
function optionsOf<S extends GenericSchema>(
	config: Config,
	name: 'oidc' | 'jwtBearer',
	schema: S
): { readonly value?: InferOutput<S>; readonly problems: readonly string[] } {
	const { enabled, ...given } = config.infrastructure.httpServer.authentication[name] ?? {};
	if (!isMechanismOn({ enabled, ...given })) return { problems: [] };
	const parsed = v.safeParse(schema, given);
	if (parsed.success) return { value: parsed.output, problems: [] };
	const lines = problemLines(parsed.issues).map(
		(line, index) => `${PLACE}.${name}${parsed.issues[index]?.path === undefined ? ' ' : '.'}${line}`
	);
	return { problems: lines };
}

/** What authentication a configuration asks for, or the lines that say why it cannot start. */
export function readAuthentication(
	config: Config,
	now: number,
	/** Told why a token or a login was not believed; never shown to the caller. */
	onFailure: (mechanism: string, error: unknown) => void = () => undefined
): { ok: true; value: Authentication } | { ok: false; problems: string[] } {
	const { keys, problems } = readKeys(config, now);
	const jwt = optionsOf(config, 'jwtBearer', bearerSchema);
	const login = optionsOf(config, 'oidc', oidcSchema);
	const isAnyOn = keys !== undefined || jwt.value !== undefined || login.value !== undefined;
	const wrong = [...problems, ...jwt.problems, ...login.problems];
	if (!isAnyOn && wrong.length === 0 && !config.debug)
		wrong.push(`${PLACE} must be configured (only debug mode runs without)`);
	if (wrong.length > 0) return { ok: false, problems: wrong };

	const { headerName } = config.infrastructure.httpServer.authentication.apiKey;
	const bearer = jwt.value && bearerOf(jwt.value, (error) => onFailure('jwtBearer', error));
	const oidc = login.value && oidcOf(login.value, (error) => onFailure('oidc', error));

	async function judge(request: Request, at: number): Promise<Judgement> {
		if (!isAnyOn) return known(['**']);
		const key = keys && request.headers.get(headerName);
		if (typeof key === 'string') {
			const scopes = scopesOf(keys ?? [], key, at);
			return scopes === undefined ? REFUSED : known(scopes);
		}
		const verdict = await bearer?.(request, at);
		if (verdict !== undefined) return verdict === 'refused' ? REFUSED : known(verdict);
		const session = await oidc?.judge(request, at);
		if (session) return known(session.roles, session.cookies);
		const response = await oidc?.login(request);
		return response ? { kind: 'login', response } : REFUSED;
	}
	return {
		ok: true,
		value: {
			headerName,
			open: !isAnyOn,
			judge,
			page: async (request, form, at) => oidc?.page(request, form, at)
		}
	};
}
