/**
 * The security headers every answer carries: what helmet sets by default (connector-api.md §5.3), or what `helmetOptions`, in
 * the words of that package, make of them. One row per header: its option, the older name of the option, and the value.
 */

const POLICY: Readonly<Record<string, readonly string[]>> = {
	'default-src': ["'self'"],
	'base-uri': ["'self'"],
	'font-src': ["'self'", 'https:', 'data:'],
	'form-action': ["'self'"],
	'frame-ancestors': ["'self'"],
	'img-src': ["'self'", 'data:'],
	'object-src': ["'none'"],
	'script-src': ["'self'"],
	'script-src-attr': ["'none'"],
	'style-src': ["'self'", 'https:', "'unsafe-inline'"],
	'upgrade-insecure-requests': []
};

type Options = Readonly<Record<string, unknown>>;
type Headers = Readonly<Record<string, string>>;

const isOptions = (value: unknown): value is Options =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const textOf = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(' ') : String(value));

/** Directives as one line; `null` and `false` take a default away. */
function policyOf(options: Options): Headers {
	const given = isOptions(options['directives']) ? options['directives'] : {};
	const base: Record<string, unknown> = options['useDefaults'] === false ? {} : { ...POLICY };
	for (const [name, value] of Object.entries(given)) base[dashed(name)] = value;
	const line = Object.entries(base)
		.filter(([, value]) => value !== null && value !== false && value !== undefined)
		.map(([name, value]) => `${name} ${value === true ? '' : textOf(value)}`.trim())
		.join(';');
	const name = 'content-security-policy';
	return line === '' ? {} : { [options['reportOnly'] === true ? `${name}-report-only` : name]: line };
}

interface Row {
	readonly option: string;
	readonly older?: string;
	readonly isOff?: true;
	readonly headers: (options: Options) => Headers;
}
const fixed = (name: string, value: string) => () => ({ [name]: value });
const chosen = (name: string, member: string, missing: string) => (options: Options) => ({
	[name]: textOf(options[member] ?? missing).toLowerCase()
});

const ROWS: readonly Row[] = [
	{ option: 'contentSecurityPolicy', headers: policyOf },
	{
		option: 'crossOriginEmbedderPolicy',
		isOff: true,
		headers: chosen('cross-origin-embedder-policy', 'policy', 'require-corp')
	},
	{ option: 'crossOriginOpenerPolicy', headers: chosen('cross-origin-opener-policy', 'policy', 'same-origin') },
	{ option: 'crossOriginResourcePolicy', headers: chosen('cross-origin-resource-policy', 'policy', 'same-origin') },
	{ option: 'originAgentCluster', headers: fixed('origin-agent-cluster', '?1') },
	{
		option: 'referrerPolicy',
		headers: (options) => ({
			'referrer-policy': textOf(options['policy'] ?? 'no-referrer').replaceAll(' ', ',')
		})
	},
	{
		option: 'strictTransportSecurity',
		older: 'hsts',
		headers: ({ maxAge, includeSubDomains, preload }) => ({
			'strict-transport-security': [
				`max-age=${Math.floor(Number(maxAge ?? 31_536_000))}`,
				...(includeSubDomains === false ? [] : ['includeSubDomains']),
				...(preload === true ? ['preload'] : [])
			].join('; ')
		})
	},
	{ option: 'xContentTypeOptions', older: 'noSniff', headers: fixed('x-content-type-options', 'nosniff') },
	{
		option: 'xDnsPrefetchControl',
		older: 'dnsPrefetchControl',
		headers: ({ allow }) => ({ 'x-dns-prefetch-control': allow === true ? 'on' : 'off' })
	},
	{ option: 'xDownloadOptions', older: 'ieNoOpen', headers: fixed('x-download-options', 'noopen') },
	{
		option: 'xFrameOptions',
		older: 'frameguard',
		headers: ({ action }) => ({ 'x-frame-options': textOf(action ?? 'sameorigin').toUpperCase() })
	},
	{
		option: 'xPermittedCrossDomainPolicies',
		older: 'permittedCrossDomainPolicies',
		headers: chosen('x-permitted-cross-domain-policies', 'permittedPolicies', 'none')
	},
	{ option: 'xXssProtection', older: 'xssFilter', headers: fixed('x-xss-protection', '0') }
];

/** In debug mode the documentation must load over plain http, so its requests are not upgraded. */
const DEBUG_OPTIONS: Options = { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } };

export function securityHeaders(debug: boolean, given?: Options): Headers {
	const options = given ?? (debug ? DEBUG_OPTIONS : {});
	return Object.assign(
		{},
		...ROWS.map(({ option, older, isOff, headers }) => {
			const value = options[option] ?? (older === undefined ? undefined : options[older]) ?? !isOff;
			return value === false ? {} : headers(isOptions(value) ? value : {});
		})
	) as Headers;
}
