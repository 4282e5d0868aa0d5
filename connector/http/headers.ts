/** Headers every answer carries: what helmet sets by default, how long it took, and CORS when it was asked for. */
import type { CorsConfig } from '../config.ts';

const POLICY = [
	"default-src 'self'",
	"base-uri 'self'",
	"font-src 'self' https: data:",
	"form-action 'self'",
	"frame-ancestors 'self'",
	"img-src 'self' data:",
	"object-src 'none'",
	"script-src 'self'",
	"script-src-attr 'none'",
	"style-src 'self' https: 'unsafe-inline'"
];

/** In debug mode the documentation must load over plain http, so its requests are not upgraded. */
export const securityHeaders = (debug: boolean): Readonly<Record<string, string>> => ({
	'content-security-policy': [...POLICY, ...(debug ? [] : ['upgrade-insecure-requests'])].join(';'),
	'cross-origin-opener-policy': 'same-origin',
	'cross-origin-resource-policy': 'same-origin',
	'origin-agent-cluster': '?1',
	'referrer-policy': 'no-referrer',
	'strict-transport-security': 'max-age=31536000; includeSubDomains',
	'x-content-type-options': 'nosniff',
	'x-dns-prefetch-control': 'off',
	'x-download-options': 'noopen',
	'x-frame-options': 'SAMEORIGIN',
	'x-permitted-cross-domain-policies': 'none',
	'x-xss-protection': '0'
});

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
