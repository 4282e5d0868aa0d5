// As npm start, but the App is served by Vite with hot reload and relay and Connector start again when their sources change.
// Data are kept apart in data/dev, so trying things out spoils nothing.
import { prepare } from './bootstrap.js';

const APP_PORT = 5173;

await prepare(import.meta.url);
process.env['DATA'] ??= 'data/dev';
process.env['PUBLIC_URL'] ??= `http://localhost:${APP_PORT}`;
const { command, demo } = await import('./demo.ts');
const { keep } = await import('./processes.ts');
await command((setting) =>
	demo(setting, async () =>
		keep('Vite', 'vite', ['dev', '--port', String(APP_PORT), '--strictPort'], {
			env: { RELAY_URL: `http://localhost:${setting.port}` },
			log: 'show'
		})
	)
);
