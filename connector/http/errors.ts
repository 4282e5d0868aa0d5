/**
 * The one error shape (connector-api.md §6.1) and the one table from code to status (§6.2, §13 rows 4 and 5).
 * A refusal is a value `{code, message}` wherever it comes from: engine, schema, authentication.
 */
import type { Random, Refusal } from '../../crdt/index.ts';
import { refuse } from '../../crdt/index.ts';

export interface ErrorBody {
	readonly error: {
		readonly id: string;
		readonly code: string;
		readonly message: string;
		readonly docs: string;
		readonly time: string;
		readonly stacktrace?: readonly string[];
	};
}

const STATUS: Readonly<Record<string, number>> = {
	'error.connector.http.routeDoesNotExist': 404,
	'error.connector.forbidden': 403,
	'error.connector.http.methodNotAllowed': 405,
	'error.connector.http.notAcceptable': 406,
	'error.connector.unauthorized': 401,
	'error.connector.unexpected': 500,
	'error.connector.errorInErrorHandler': 500,
	'error.runtime.recordNotFound': 404,
	'error.transport.recordNotFound': 404,
	'error.platform.recordNotFound': 404,
	'error.app.foreignRelay': 404,
	'error.platform.unauthorized': 401,
	'error.platform.forbidden': 403,
	'error.transport.request.unknown': 500,
	'error.transport.request.network': 500,
	'error.transport.request.addressNotFound': 500,
	'error.transport.request.aborted': 500,
	'error.transport.request.resultUndefined': 500,
	'error.transport.request.bodyLengthExceeded': 413,
	'error.transport.request.notFound': 404,
	'error.transport.request.noAuthGrant': 401
};
/** The status of a refusal; every application error that is not in the table is the caller's: 400. */
export function statusOf({ code, status }: Refusal): number {
	const known = status ?? (Object.hasOwn(STATUS, code) ? STATUS[code] : undefined);
	if (known !== undefined) return known;
	return code.startsWith('error.platform.') ? 500 : 400;
}

/**
 * What the outside reads as `code`: a record the relay does not know, or that lies at another one, is a record that was not
 * found; a reference of the original's Backbone is none of ours.
 */
const TRANSLATED: Readonly<Record<string, string>> = {
	'error.platform.recordNotFound': 'error.runtime.recordNotFound',
	'error.app.foreignRelay': 'error.runtime.recordNotFound',
	'error.app.foreignBackbone': 'error.runtime.invalidReference'
};
const translated = (code: string) => (Object.hasOwn(TRANSLATED, code) ? (TRANSLATED[code] ?? code) : code);

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const errorId = (random: Random) =>
	`ERR${Array.from(random.bytes(17), (byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;

const DOCS = 'https://enmeshed.eu/integrate/error-codes#';

/** `stack` is given in debug mode only. */
export function errorBody(refusal: Refusal, random: Random, time: number, stack?: string): ErrorBody {
	const code = translated(refusal.code);
	return {
		error: {
			id: errorId(random),
			code,
			message: refusal.message,
			docs: DOCS + code,
			time: new Date(time).toISOString(),
			...(stack === undefined ? {} : { stacktrace: stack.split('\n').map((each) => each.trim()) })
		}
	};
}

// The refusals of the HTTP layer itself, texts by §14.
export const unauthorized = refuse('error.connector.unauthorized', 'Unauthorized.').error;
export const forbidden = refuse('error.connector.forbidden', 'You are not allowed to access this endpoint.').error;
export const routeDoesNotExist = refuse(
	'error.connector.http.routeDoesNotExist',
	'The requested route does not exist.'
).error;
export const methodNotAllowed = refuse(
	'error.connector.http.methodNotAllowed',
	'The request method is not supported for the requested resource.'
).error;
export const notAcceptable = (offered: readonly string[]): Refusal => ({
	code: 'error.connector.http.notAcceptable',
	message: `The requested resource is only available as: ${offered.join(', ')}.`
});
export const invalidJson = refuse(
	'error.connector.validation.invalidJsonInPayload',
	'The given payload is not a valid json object.'
).error;
export const unexpected = refuse('error.connector.unexpected', 'An unexpected error occurred.').error;
/** What remains to be said when even the refusal could not be put together. */
export const errorInErrorHandler = refuse(
	'error.connector.errorInErrorHandler',
	'An error occurred while an error was handled.'
).error;
/** A body over the limit. The original answers 500; ours 413 with the same code (a deviation). */
export const tooLarge: Refusal = { ...unexpected, status: 413 };

/** 404 of a record that is unknown here. */
export const notFound = (entity: string) =>
	refuse(
		'error.runtime.recordNotFound',
		`${entity} not found. Make sure the ID exists and the record is not expired.`
	);
/** How a failed precondition inside an operation shows (§14). */
export const unknown = (cause: string) => refuse('error.runtime.unknown', `An error was thrown in a UseCase: ${cause}`);
