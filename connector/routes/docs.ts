/**
 * The API's documentation (connector-api.md §2.14), without authentication and therefore in debug mode only. Swagger UI is
 * served from this process; nothing is loaded from elsewhere. RapiDoc is not there.
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
		'/docs/swagger/start.js': [START, 'text/javascript; charset=utf-8']
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

export const isDocsOn = (config: Config): boolean => {
	const docs = config.modules['coreHttpApi']?.['docs'] as { readonly enabled?: unknown } | undefined;
	return docs?.enabled === true;
};
