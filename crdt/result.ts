/** Refusals are values: what a caller must handle comes back as `{ ok: false, error }`. Bugs throw. */
export interface Refusal {
	/** Stable code, by connector-api.md §6.3 where one exists, e.g. `error.runtime.recordNotFound`. */
	readonly code: string;
	readonly message: string;
}
export type Result<T, E = Refusal> =
	{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });
export const refuse = (code: string, message: string): { readonly ok: false; readonly error: Refusal } => ({
	ok: false,
	error: { code, message }
});
