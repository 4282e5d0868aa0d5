/**
 * What one row of the route table is. Everything about an endpoint that is not its handler is data here, so that the router,
 * authentication, 405, OpenAPI, the conformance list and the fuzz test all read the same rows.
 */
import type * as v from 'valibot';
import type { Engine, Result } from '../../crdt/index.ts';
import type { FilterTable } from '../http/filter.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Query = ReadonlyMap<string, readonly string[]>;

/** What a handler is given: the engine, the judged input, and the time. */
export interface Call<B = unknown> {
	readonly engine: Engine;
	readonly params: Readonly<Record<string, string>>;
	readonly body: B;
	readonly query: Query;
	/** Milliseconds since 1970. */
	readonly now: number;
	/** The answer will be a picture (`Accept: image/png`). */
	readonly wantsPicture: boolean;
}

export type Answer = Result<unknown> | Promise<Result<unknown>>;

/** What an endpoint with `answers: 'bytes'` gives: a file as it is, whole or piece by piece. */
export interface Download {
	readonly content: Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array<ArrayBuffer>>;
	/** Bytes. */
	readonly filesize: number;
	readonly mimetype: string;
	readonly filename: string;
}

/** One endpoint without its place: what it takes and what it does. */
export interface Endpoint {
	readonly summary: string;
	/** `json`: 406 for anything else; `picture`: also image/png; `any`: Accept is not looked at. Default json. */
	readonly accept?: 'json' | 'picture' | 'any';
	/** Path parameters that are judged before the handler runs. */
	readonly params?: Readonly<Record<string, RegExp>>;
	readonly body?: v.GenericSchema;
	readonly filters?: FilterTable;
	/**
	 * Takes `multipart/form-data`: the body is its fields (a repeated one is a list) and, under `content`, its file
	 * (`UploadedFile` of http/multipart.ts; no member when there was none). A file over the limit is refused before.
	 */
	readonly upload?: true;
	/** `bytes`: `run` gives a `Download`, which is answered as it is, without envelope. */
	readonly answers?: 'bytes';
	/** Plain query options (no filters), for the documentation. */
	readonly options?: readonly string[];
	readonly run: (call: Call) => Answer;
}

/** One row: an endpoint at its place. */
export interface Route extends Omit<Endpoint, 'accept'> {
	readonly method: Method;
	/** Below the prefix; parameters as `{id}`. */
	readonly path: string;
	/** Any of these opens it. */
	readonly roles: readonly string[];
	readonly status: 200 | 201 | 204;
	readonly accept: 'json' | 'picture' | 'any';
}

/** Lets the body's type flow from its schema into the handler. */
export const endpoint = <const S extends v.GenericSchema = v.GenericSchema>(
	fields: Omit<Endpoint, 'body' | 'run'> & {
		readonly body?: S;
		readonly run: (call: Call<v.InferOutput<S>>) => Answer;
	}
): Endpoint => fields as unknown as Endpoint;

/**
 * For what goes to a peer by itself. In the original it is at the Backbone when the call is answered: here the answer waits until it
 * has left, or cannot for the moment (it leaves later then).
 */
export async function leaving<T>(engine: Engine, done: Promise<Result<T>>): Promise<Result<T>> {
	const result = await done;
	if (result.ok) await engine.account.attempted();
	return result;
}

const row =
	(method: Method, status: Route['status']) =>
	(path: string, roles: readonly string[], does: Endpoint, other?: Route['status']): Route => ({
		...does,
		accept: does.accept ?? 'json',
		method,
		path,
		roles,
		status: other ?? status
	});

export const get = row('GET', 200);
export const post = row('POST', 201);
export const put = row('PUT', 200);
export const patch = row('PATCH', 200);
export const del = row('DELETE', 204);
