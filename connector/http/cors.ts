/** CORS headers as package cors 2 sets them (connector-api.md §14). */
import type { CorsConfig } from '../config.ts';

const list = (value: string | readonly string[]) => (typeof value === 'string' ? value : value.join(','));

/** What may be read by which origin; `undefined`: no header. `true` mirrors the asking origin. */
function allowedOrigin(config: CorsConfig, origin: string | undefined): string | undefined {
	if (config.origin === undefined || config.origin === '*') return '*';
	if (config.origin === true) return origin;
	if (typeof config.origin === 'string') return config.origin;
	return Array.isArray(config.origin) && origin !== undefined && config.origin.includes(origin) ? origin : undefined;
}

/** CORS headers as package cors 2 sets them (connector-api.md §14); nothing while `origin` is false. */
export function corsHeaders(config: CorsConfig, request: Request): Record<string, string> {
	if (config.origin === false) return {};
	const origin = request.headers.get('origin') ?? undefined;
	const allowed = allowedOrigin(config, origin);
	const headers: Record<string, string> = allowed === undefined ? {} : { 'access-control-allow-origin': allowed };
	const vary = allowed === '*' ? [] : ['Origin'];
	if (config.credentials) headers['access-control-allow-credentials'] = 'true';
	if (config.exposedHeaders !== undefined) headers['access-control-expose-headers'] = list(config.exposedHeaders);
	if (request.method === 'OPTIONS') {
		const asked = request.headers.get('access-control-request-headers') ?? undefined;
		const allowedHeaders = config.allowedHeaders === undefined ? asked : list(config.allowedHeaders);
		headers['access-control-allow-methods'] = list(config.methods ?? 'GET,HEAD,PUT,PATCH,POST,DELETE');
		if (allowedHeaders !== undefined) headers['access-control-allow-headers'] = allowedHeaders;
		if (config.allowedHeaders === undefined) vary.push('Access-Control-Request-Headers');
		if (config.maxAge !== undefined) headers['access-control-max-age'] = String(config.maxAge);
	}
	return vary.length > 0 ? { ...headers, vary: vary.join(', ') } : headers;
}

/** A preflight the CORS layer answers itself, before authentication. */
export const isPreflight = (config: CorsConfig, request: Request): boolean =>
	config.origin !== false && config.preflightContinue !== true && request.method === 'OPTIONS';
