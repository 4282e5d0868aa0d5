/** What the ways to authenticate have in common (connector-api.md §5.1). */

/** Where they are configured. */
export const PLACE = 'infrastructure.httpServer.authentication';

/** A mechanism is on when it says so; one that says nothing is on when it is filled. */
export const isOn = (enabled: boolean | undefined, isFilled: boolean): boolean => enabled ?? isFilled;

/** Whether the options of `oidc` or `jwtBearer` switch it on. */
export const isMechanismOn = (options: { readonly enabled?: boolean | undefined } | undefined): boolean =>
	isOn(
		options?.enabled,
		Object.keys(options ?? {}).some((name) => name !== 'enabled')
	);

/** What a mechanism says of a request that carries its credentials; undefined: it carries none. */
export type Verdict = readonly string[] | 'refused' | undefined;

/** Roles of a blank-separated scope. */
export const scopeRoles = (scope: unknown): readonly string[] =>
	typeof scope === 'string' ? scope.split(/\s+/).filter((role) => role !== '') : [];
