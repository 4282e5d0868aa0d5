/** Endpoints that own modules add: answered like the others after authentication and role check, in nobody else's place. */
import type { Refusal } from '../../crdt/index.ts';

export interface Endpoint {
	readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	/** From the root, parameters as `{name}`: `/crm/contacts/{id}`. */
	readonly path: string;
	/** Any of these opens it; `a(:b)*` as in connector-api.md §5.2. */
	readonly roles: readonly string[];
	/** The answer, or a refusal that is shown as REST shows it. `request.body` is not to be read: the body is given, parsed. */
	readonly handle: (call: EndpointCall) => EndpointAnswer | Promise<EndpointAnswer>;
}
export interface EndpointCall {
	readonly request: Request;
	readonly params: Readonly<Record<string, string>>;
	/** A JSON or form body, parsed; `{}` when there was none. */
	readonly body: unknown;
}
export type EndpointAnswer = Response | { readonly ok: false; readonly error: Refusal };

export interface HttpRegistry {
	/** Throws when the path cannot be had. */
	addEndpoint(endpoint: Endpoint): void;
	find(method: string, path: string): { endpoint: Endpoint; params: Readonly<Record<string, string>> } | undefined;
}

/** Paths the Connector answers itself. */
const TAKEN = /^\/(api|monitoring|health|docs|api-docs|rapidoc|favicon\.ico|login|logout|callback)(\/|$)/i;
const PATH = /^(\/([A-Za-z0-9._~-]+|\{\w+\}))+$/;
const ROLE = /^[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)*$/;

const split = (path: string) =>
	path
		.replace(/(?<=.)\/$/, '')
		.split('/')
		.slice(1);
const isParameter = (segment: string) => segment.startsWith('{');

function paramsOf(pattern: readonly string[], path: readonly string[]): Record<string, string> | undefined {
	if (pattern.length !== path.length) return undefined;
	const params: Record<string, string> = {};
	for (const [index, segment] of pattern.entries()) {
		const given = path[index] ?? '';
		if (!isParameter(segment)) {
			if (segment.toLowerCase() !== given.toLowerCase()) return undefined;
		} else if (given === '') return undefined;
		else
			try {
				params[segment.slice(1, -1)] = decodeURIComponent(given);
			} catch {
				return undefined;
			}
	}
	return params;
}

const shape = ({ method, path }: Endpoint) => `${method} ${path.replace(/\{\w+\}/g, '{}').toLowerCase()}`;
/** Fixed segments before parameters, from the left. */
const rank = (segments: readonly string[]) => segments.map((each) => (isParameter(each) ? '1' : '0')).join('');

/** `isServed`: whether anybody can reach what is added. */
export function createRegistry(isServed: boolean): HttpRegistry {
	const endpoints: { endpoint: Endpoint; segments: readonly string[] }[] = [];
	return {
		addEndpoint(endpoint) {
			if (!isServed) throw new Error('there is no HTTP server to add an endpoint to');
			if (!PATH.test(endpoint.path) || TAKEN.test(endpoint.path))
				throw new Error(`the path ${endpoint.path} cannot be used for an endpoint`);
			if (endpoint.roles.length === 0 || !endpoint.roles.every((role) => ROLE.test(role)))
				throw new Error(`the endpoint ${endpoint.path} needs roles of the form a:b`);
			if (endpoints.some((other) => shape(other.endpoint) === shape(endpoint)))
				throw new Error(`the endpoint ${endpoint.method} ${endpoint.path} is there already`);
			endpoints.push({ endpoint, segments: split(endpoint.path) });
			endpoints.sort((a, b) => (rank(a.segments) < rank(b.segments) ? -1 : 1));
		},
		find(method, path) {
			const wanted = method === 'HEAD' ? 'GET' : method;
			const segments = split(path);
			for (const { endpoint, segments: pattern } of endpoints) {
				const params = endpoint.method === wanted ? paramsOf(pattern, segments) : undefined;
				if (params) return { endpoint, params };
			}
			return undefined;
		}
	};
}
