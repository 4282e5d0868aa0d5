/** Refusals of the HTTP side itself, in the order it looks (connector-api.md §5.1, §6.2), and of the routes around it. */
import { KEY } from '../../testing/parts.ts';
import { must } from '../../testing/party.ts';
import { rowsOf, type Row } from './rows.ts';
import { INVALID, raw, type Member } from './town.ts';

export interface HttpWorld {
	readonly office: Member;
	/** In debug mode. */
	readonly bench: Member;
}

const WEAK_KEY = 'Weak-Key-0123456789-ABCDEFGHIJKLMN';
const RETIRED_KEY = 'Old-Key-0123456789-ABCDEFGHIJKLMNO';
const KEYS = 'infrastructure__httpServer__authentication__apiKey__keys__';
/** Beside the key of all tests: one for requests only, and one that is over. */
export const httpSettings: Record<string, string> = {
	[`${KEYS}weak__key`]: WEAK_KEY,
	[`${KEYS}weak__scopes`]: '["core:requests"]',
	[`${KEYS}retired__key`]: RETIRED_KEY,
	[`${KEYS}retired__expiresAt`]: '2020-01-01T00:00:00.000Z'
};

const UNAUTHORIZED = { code: 'error.connector.unauthorized', status: 401, says: 'Unauthorized.' } as const;
const FORBIDDEN = {
	code: 'error.connector.forbidden',
	status: 403,
	says: 'You are not allowed to access this endpoint.'
} as const;
const NO_ROUTE = {
	code: 'error.connector.http.routeDoesNotExist',
	status: 404,
	says: 'The requested route does not exist.'
} as const;
const NO_METHOD = {
	code: 'error.connector.http.methodNotAllowed',
	status: 405,
	says: 'The request method is not supported for the requested resource.'
} as const;
const NO_JSON = {
	code: 'error.connector.validation.invalidJsonInPayload',
	says: 'The given payload is not a valid json object.'
} as const;
const NOT_ACCEPTABLE = { code: 'error.connector.http.notAcceptable', status: 406 } as const;

const rows = rowsOf<HttpWorld>();
const withKey = (key: string, headers: Record<string, string> = {}) => ({ headers: { 'x-api-key': key, ...headers } });
const json = (body: string, headers: Record<string, string> = {}) => ({
	body,
	headers: { 'content-type': 'application/json', ...headers }
});

const unauthorized = (
	[
		['without a key', '/Attributes', {}],
		['with another key', '/Attributes', { 'x-api-key': 'Another-Key-0123456789-ABCDEFGH' }],
		['with a key that is over', '/Attributes', { 'x-api-key': RETIRED_KEY }],
		['with a bearer token nobody issued', '/Attributes', { authorization: 'Bearer a.b.c' }],
		['an unknown path without a key', '/Nowhere', {}],
		['the version without a key', '//Monitoring/Version', {}]
	] as const
).map(([name, path, headers]): Row<HttpWorld> => ({
	name,
	...UNAUTHORIZED,
	async call({ office: { url } }) {
		const place = path.startsWith('//') ? path.slice(1) : `/api/core/v1${path}`;
		const response = await fetch(url + place, { headers });
		return { ...((await response.json()) as object), status: response.status };
	}
}));

/** What is done with which body or header, and what stands against it. */
const asked = (
	name: string,
	refusal: Pick<Row<HttpWorld>, 'code' | 'status' | 'says' | 'headers'>,
	method: string,
	path: string,
	init: Parameters<typeof raw>[3] = {}
): Row<HttpWorld> => ({ name, ...refusal, call: ({ office }) => raw(office, method, path, init) });

export const httpRows: readonly Row<HttpWorld>[] = [
	...unauthorized,
	asked('a key for requests reads attributes', FORBIDDEN, 'GET', '/Attributes', withKey(WEAK_KEY)),
	asked('a key for requests writes a message', FORBIDDEN, 'POST', '/Messages', {
		body: '{}',
		...withKey(WEAK_KEY, { 'content-type': 'application/json' })
	}),
	asked('a key for requests reads the version', FORBIDDEN, 'GET', '//Monitoring/Version', withKey(WEAK_KEY)),
	asked('a path nobody knows', NO_ROUTE, 'GET', '/Nowhere'),
	asked('a path nobody knows, asked with few rights', NO_ROUTE, 'GET', '/Nowhere', withKey(WEAK_KEY)),
	asked('a path of another version', NO_ROUTE, 'GET', '//api/v2/Account/IdentityInfo'),
	asked('health is written', NO_ROUTE, 'POST', '//health'),
	asked('the version is deleted', NO_ROUTE, 'DELETE', '//Monitoring/Version'),
	asked('a route of debug mode, without it', NO_ROUTE, 'GET', '/IdentityDeletionProcess'),
	asked('a wrong verb', { ...NO_METHOD, headers: { allow: 'GET, POST, HEAD' } }, 'PATCH', '/Attributes'),
	asked('a wrong verb with few rights', NO_METHOD, 'PATCH', '/Attributes', withKey(WEAK_KEY)),
	asked('options of a path', NO_METHOD, 'OPTIONS', '/Account/Sync'),
	asked('JSON as HTML', NOT_ACCEPTABLE, 'GET', '/Account/IdentityInfo', { headers: { accept: 'text/html' } }),
	asked('JSON as a picture', NOT_ACCEPTABLE, 'GET', '/Account/IdentityInfo', { headers: { accept: 'image/png' } }),
	asked('a file as HTML', NOT_ACCEPTABLE, 'GET', '/Files/FIL00000000000000000', {
		headers: { accept: 'text/html' }
	}),
	asked('half a JSON object', NO_JSON, 'POST', '/Attributes', json('{"content":')),
	asked('half a JSON object and another key', NO_JSON, 'POST', '/Attributes', json('{', { 'x-api-key': 'none' })),
	asked('a number for a body', NO_JSON, 'POST', '/Attributes', json('7')),
	asked(
		'a body over 2 MB',
		{ code: 'error.connector.unexpected', status: 413, says: 'An unexpected error occurred.' },
		'POST',
		'/Attributes',
		json(JSON.stringify({ content: 'x'.repeat(2_100_000) }))
	),
	asked('a filter that is no pattern', { code: 'error.runtime.unknown' }, 'GET', '/Files?title=~('),
	asked('announcements in no language', { code: INVALID }, 'GET', '/Announcements'),
	asked('announcements in a language there is not', { code: INVALID }, 'GET', '/Announcements?language=xx'),
	asked('list or text for an object', { code: INVALID, says: 'must be object' }, 'POST', '/Attributes', json('[]'))
];

const PROCESS = '/IdentityDeletionProcess';
const DAYS = 'lengthOfGracePeriodInDays';
const begun = async ({ bench }: HttpWorld) => {
	const answer = await raw(bench, 'GET', PROCESS);
	if (answer.status !== 200) await must(bench.call('POST', PROCESS));
	return '';
};
const over = async ({ bench }: HttpWorld) => {
	const answer = await raw(bench, 'GET', PROCESS);
	if (answer.status === 200) await must(bench.call('DELETE', PROCESS));
	return '';
};
const NONE = 'error.runtime.identityDeletionProcess.noActiveIdentityDeletionProcess';

/** In debug mode every error says where it was made. */
export const debugRows: readonly Row<HttpWorld>[] = rows(
	{ name: 'a path nobody knows', ...NO_ROUTE, debug: true, call: ({ bench }) => raw(bench, 'GET', '/Nowhere') },
	{
		name: 'half a JSON object',
		...NO_JSON,
		debug: true,
		call: ({ bench }) => raw(bench, 'POST', '/Attributes', json('{'))
	},
	{
		name: 'with another key',
		...UNAUTHORIZED,
		debug: true,
		call: ({ bench }) => raw(bench, 'GET', '/Attributes', withKey(`${KEY}x`))
	},
	{
		name: 'no deletion to look at',
		code: NONE,
		debug: true,
		given: over,
		call: ({ bench }) => raw(bench, 'GET', PROCESS)
	},
	{
		name: 'no deletion to end',
		code: NONE,
		debug: true,
		given: over,
		call: ({ bench }) => raw(bench, 'DELETE', PROCESS)
	},
	{
		name: 'a deletion beside another',
		code: 'error.runtime.identityDeletionProcess.activeIdentityDeletionProcessAlreadyExists',
		debug: true,
		given: begun,
		call: ({ bench }) => raw(bench, 'POST', PROCESS)
	},
	...['0', 'soon', ''].map((days): Row<HttpWorld> => ({
		name: `a grace period of '${days}' days`,
		code: INVALID,
		says: `${DAYS} must be >= 1`,
		debug: true,
		given: over,
		call: ({ bench }) => raw(bench, 'POST', `${PROCESS}?${DAYS}=${days}`)
	}))
);
