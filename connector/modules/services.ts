/**
 * The operations of the REST API for code inside the process: the very same routes, without a port and without a key, so that
 * an own module reads and refuses exactly what a client would.
 */
import { ok, refuse, type Result } from '../../crdt/index.ts';
import { PREFIX } from '../routes/table.ts';

export interface Services {
	/**
	 * One operation: `call('POST', '/Messages', { recipients, content })`, paths below `/api/core/v1`. The value is what REST
	 * shows as `result` (undefined where the answer has no body), a refusal what it shows as `error`.
	 */
	call<T = unknown>(method: string, path: string, body?: unknown): Promise<Result<T>>;
	/** The whole answer, for uploads, downloads and pictures. `path` below `/api/core/v1`. */
	fetch(path: string, init?: RequestInit): Promise<Response>;
}

interface Enveloped {
	readonly result?: unknown;
	readonly error?: { readonly code: string; readonly message: string };
}

/** `answer` is an app that knows its caller. */
export function servicesOver(answer: (request: Request) => Response | Promise<Response>): Services {
	const fetch = async (path: string, init?: RequestInit) =>
		answer(new Request(`http://connector${PREFIX}${path}`, init));
	return {
		fetch,
		async call<T>(method: string, path: string, body?: unknown) {
			const given =
				body === undefined
					? {}
					: { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
			const response = await fetch(path, { method, ...given });
			const text = await response.text();
			const { result, error } = (text === '' ? {} : JSON.parse(text)) as Enveloped;
			return error ? refuse(error.code, error.message) : ok(result as T);
		}
	};
}
