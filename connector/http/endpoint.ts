/** Endpoints beside the table (modules/http.ts keeps them): behind authentication and role check, outside the documented API. */
import type { Refusal } from '../../crdt/index.ts';
import type { Body } from './body.ts';

interface Found {
	readonly endpoint: {
		readonly path: string;
		/** Any of these opens it. */
		readonly roles: readonly string[];
		readonly handle: (call: {
			readonly request: Request;
			readonly params: Readonly<Record<string, string>>;
			readonly body: Body;
		}) => EndpointAnswer | Promise<EndpointAnswer>;
	};
	readonly params: Readonly<Record<string, string>>;
}
type EndpointAnswer = Response | { readonly ok: false; readonly error: Refusal };

export interface Endpoints {
	/** The endpoint a request means; HEAD where GET is. */
	find(method: string, path: string): Found | undefined;
}
