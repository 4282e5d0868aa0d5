/** Refusals are values: what a caller must handle comes back as `{ ok: false, error }`. Bugs throw. */
export interface Refusal {
	/** Stable code, by connector-api.md §6.3 where one exists, e.g. `error.runtime.recordNotFound`. */
	readonly code: string;
	readonly message: string;
	/** What HTTP shows where the code alone does not say it: the relay's own answer (quota, no space, not now). */
	readonly status?: number;
}
export type Result<T, E = Refusal> =
	{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });
export const refuse = (
	code: string,
	message: string,
	status?: number
): { readonly ok: false; readonly error: Refusal } => ({
	ok: false,
	error: { code, message, ...(status === undefined ? {} : { status }) }
});
