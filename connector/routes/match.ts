/**
 * Which row a request means, by the rules clients know: fixed segments in any case, one trailing slash ignored, a fixed
 * segment before a parameter, and a path counts as known with every method any of its rows has.
 */
import { PREFIX } from './table.ts';
import type { Route } from './route.ts';

interface Place {
	readonly method: string;
	readonly path: string;
}
export type Match<R extends Place = Route> =
	| { readonly kind: 'row'; readonly row: R; readonly params: Readonly<Record<string, string>> }
	| { readonly kind: 'wrongMethod'; readonly allow: readonly string[] }
	| { readonly kind: 'none' };

interface Pattern<R extends Place = Place> {
	readonly row: R;
	readonly segments: readonly string[];
}

const isParameter = (segment: string) => segment.startsWith('{');
const split = (path: string) => path.replace(/\/$/, '').split('/').slice(1);

/** Fixed segments sort before parameters, from the left. */
const order = (pattern: Pattern) => pattern.segments.map((segment) => (isParameter(segment) ? '1' : '0')).join('');

const decoded = (segment: string) => {
	try {
		return decodeURIComponent(segment);
	} catch {
		return segment;
	}
};

const fits = ({ segments }: Pattern, path: readonly string[]) =>
	segments.length === path.length &&
	segments.every((segment, index) =>
		isParameter(segment) ? path[index] !== '' : segment.toLowerCase() === path[index]?.toLowerCase()
	);

const paramsOf = ({ segments }: Pattern, path: readonly string[]) =>
	Object.fromEntries(
		segments.flatMap((segment, index) =>
			isParameter(segment) ? [[segment.slice(1, -1), decoded(path[index] ?? '')]] : []
		)
	);

const allowed = (patterns: readonly Pattern[]) => {
	const methods = [...new Set<string>(patterns.map(({ row }) => row.method))];
	return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
};

/** The matcher of a table whose paths stand below `prefix`. */
export function matcher<R extends Place>(
	rows: readonly R[],
	prefix: string = PREFIX
): (method: string, path: string) => Match<R> {
	const patterns = rows
		.map((row): Pattern<R> => ({ row, segments: split(prefix + row.path) }))
		.sort((a, b) => (order(a) < order(b) ? -1 : 1));
	return (method, path) => {
		const segments = split(path);
		const fitting = patterns.filter((pattern) => fits(pattern, segments));
		const wanted = method === 'HEAD' ? 'GET' : method;
		const found = fitting.find(({ row }) => row.method === wanted);
		if (found) return { kind: 'row', row: found.row, params: paramsOf(found, segments) };
		return fitting.length > 0 ? { kind: 'wrongMethod', allow: allowed(fitting) } : { kind: 'none' };
	};
}
