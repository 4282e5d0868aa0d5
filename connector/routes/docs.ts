/**
 * The API's documentation (connector-api.md §2.14), without authentication and therefore in debug mode only. Swagger UI and
 * the element <rapi-doc> (docs/rapidoc.js, ours) are served from this process; nothing is loaded from elsewhere.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { reply, JSON_TYPE } from '../http/reply.ts';
import { openApi } from '../openapi.ts';
import { toYaml } from '../openapi/yaml.ts';
import type { MonitoringRow } from './monitoring.ts';
import type { Route } from './route.ts';

const assetsFolder = () => dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));

const PAGE = `<!doctype html>
<html lang="en">
	<head>
		<meta charset="utf-8" />
		<title>Connector API</title>
		<link rel="stylesheet" href="/docs/swagger/swagger-ui.css" />
		<link rel="icon" href="/favicon.ico" />
	</head>
	<body>
		<div id="swagger-ui"></div>
		<script src="/docs/swagger/swagger-ui-bundle.js"></script>
		<script src="/docs/swagger/start.js"></script>
	</body>
</html>
`;
const START = "window.ui = SwaggerUIBundle({ url: '/docs/json', dom_id: '#swagger-ui' });\n";

const rapidocPage = (persistAuth: boolean) => `<!doctype html>
<html lang="en">
	<head>
		<meta charset="utf-8" />
		<title>Connector API</title>
		<link rel="icon" href="/favicon.ico" />
		<script type="module" src="/rapidoc/rapidoc-min.js"></script>
	</head>
	<body>
		<rapi-doc spec-url="/docs/json" persist-auth="${persistAuth}"></rapi-doc>
	</body>
</html>
`;

const ASSETS: Readonly<Record<string, readonly [file: string, type: string]>> = {
	'/docs/swagger/swagger-ui.css': ['swagger-ui.css', 'text/css; charset=utf-8'],
	'/docs/swagger/swagger-ui-bundle.js': ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
	'/favicon.ico': ['favicon-32x32.png', 'image/png']
};

export type Docs = (request: Request, path: string) => Response | undefined;

/** `undefined` when the documentation is off. */
export function docsAt(config: Config, rows: readonly Route[], monitoring: readonly MonitoringRow[]): Docs | undefined {
	if (!isDocsOn(config)) return undefined;
	const document = openApi(rows, monitoring, config.infrastructure.httpServer.authentication.apiKey.headerName);
	const folder = assetsFolder();
	const texts: Readonly<Record<string, readonly [text: string, type: string]>> = {
		'/docs/json': [JSON.stringify(document), JSON_TYPE],
		'/docs/yaml': [toYaml(document), 'text/vnd.yaml; charset=utf-8'],
		'/docs/swagger': [PAGE, 'text/html; charset=utf-8'],
		'/docs/swagger/start.js': [START, 'text/javascript; charset=utf-8'],
		'/docs/rapidoc': [rapidocPage(isKeyKept(config)), 'text/html; charset=utf-8'],
		'/rapidoc/rapidoc-min.js': [
			readFileSync(new URL('../docs/rapidoc.js', import.meta.url), 'utf8'),
			'text/javascript; charset=utf-8'
		]
	};
	return (request, path) => {
		const at = path.toLowerCase();
		if (at === '/docs' || at.startsWith('/api-docs'))
			return new Response(null, { status: 301, headers: { location: '/docs/swagger' } });
		const text = texts[at];
		if (text) return reply(request, 200, text[1], text[0]);
		const asset = ASSETS[at];
		return asset && reply(request, 200, asset[1], new Uint8Array(readFileSync(join(folder, asset[0]))));
	};
}

interface DocsOptions {
	readonly enabled?: unknown;
	readonly rapidoc?: { readonly persistAuth?: unknown };
}
const optionsOf = (config: Config) => config.modules['coreHttpApi']?.['docs'] as DocsOptions | undefined;

export const isDocsOn = (config: Config): boolean => optionsOf(config)?.enabled === true;
/** Whether the page may keep the key for good. */
const isKeyKept = (config: Config): boolean => optionsOf(config)?.rapidoc?.persistAuth === true;
