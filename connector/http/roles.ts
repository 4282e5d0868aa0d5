/**
 * Roles (connector-api.md §5.2): `a(:b)*`. What a caller holds are patterns: `*` is exactly one segment, `**` one or more.
 */
const SEGMENT = /^[A-Za-z0-9_-]+$/;

function matches(pattern: readonly string[], role: readonly string[]): boolean {
	const [first, ...rest] = pattern;
	if (first === undefined) return role.length === 0;
	const [head, ...tail] = role;
	if (head === undefined || !SEGMENT.test(head)) return false;
	if (first === '**') return matches(rest, tail) || matches(pattern, tail);
	return (first === '*' || first === head) && matches(rest, tail);
}

/** Whether any pattern the caller holds matches any role the route permits. */
export const isPermitted = (held: readonly string[], permitted: readonly string[]): boolean =>
	held.some((pattern) => permitted.some((role) => matches(pattern.split(':'), role.split(':'))));
