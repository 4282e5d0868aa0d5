/**
 * The App's figures (bench/README.md): what the first screen loads, and how long a cold start takes until a person sees
 * their home. Real Chromium against the real relay process; gz sizes are those of the files as the relay serves them.
 *
 *   node bench/app.ts
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { chromium, type BrowserContext } from 'playwright';
import { chromiumArgs } from '../e2e/browser.ts';
import { freshFolder, startRelay } from '../trials/processes.ts';
import { table, type Figure } from './lib/table.ts';

const BUILD = resolve(import.meta.dirname, '../web/build');
/** Cold starts measured after one that fills the caches of the machine. */
const STARTS = 5;

const gzipped = (path: string): number => {
	const file = join(BUILD, path);
	if (existsSync(`${file}.gz`)) return statSync(`${file}.gz`).size;
	return existsSync(file) ? readFileSync(file).length : 0;
};

/** Scripts and styles a fresh visitor's page and worker ask for until the first screen stands. */
async function firstLoad(context: BrowserContext, url: string): Promise<number> {
	const asked = new Set<string>();
	context.on('request', (request) => asked.add(new URL(request.url()).pathname));
	const page = await context.newPage();
	await page.goto(url);
	await page.getByRole('heading', { level: 1 }).waitFor();
	await page.waitForLoadState('load');
	await page.close();
	const code = [...asked].filter((path) => /\.(js|css)$/.test(path) && !path.endsWith('service-worker.js'));
	const workers = code.some((path) => path.includes('/workers/')) ? [] : workerFiles();
	return [...code, ...workers].reduce((sum, path) => sum + gzipped(path), 0);
}

/** The engine's worker, when the first screen did not need it yet: it belongs to shell and engine all the same. */
function workerFiles(): string[] {
	const manifest = readFileSync(join(BUILD, 'service-worker.js'), 'utf8');
	return [...new Set([...manifest.matchAll(/\/_app\/immutable\/workers\/[\w.-]+\.js/g)].map(([path]) => path))];
}

async function launch(folder: string, serviceWorkers: 'allow' | 'block' = 'allow'): Promise<BrowserContext> {
	return chromium.launchPersistentContext(folder, {
		serviceWorkers,
		executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
		args: chromiumArgs,
		headless: true
	});
}

/** From a browser that just started to the person's home, from the service worker and the sealed store. */
async function coldStart(folder: string, url: string): Promise<number> {
	const context = await launch(folder);
	const page = await context.newPage();
	const begun = performance.now();
	await page.goto(url);
	await page.getByTestId('screen-home').waitFor();
	const took = performance.now() - begun;
	await context.close();
	return took;
}

async function makeProfile(folder: string, url: string): Promise<void> {
	const context = await launch(folder);
	const page = await context.newPage();
	await page.goto(`${url}/welcome/new`);
	const terms = page.getByTestId('field-terms');
	const name = page.getByTestId('field-profileName');
	await terms.or(name).first().waitFor();
	if (await terms.isVisible()) {
		await terms.check();
		await page.getByTestId('btn-continue').click();
	}
	await name.fill('Bench');
	await page.getByTestId('btn-create').click();
	await page.getByTestId('screen-home').waitFor();
	await context.close();
}

export async function appFigures(): Promise<Figure[]> {
	const relay = await startRelay({ APP_DIR: BUILD });
	try {
		const visitor = await launch(freshFolder('bench-visitor'), 'block');
		const bytes = await firstLoad(visitor, relay.url);
		await visitor.close();
		const folder = freshFolder('bench-profile');
		await makeProfile(folder, relay.url);
		await coldStart(folder, relay.url);
		const times: number[] = [];
		for (let i = 0; i < STARTS; i++) times.push(await coldStart(folder, relay.url));
		times.sort((a, b) => a - b);
		return [
			{ name: 'App shell + engine, gz', value: bytes / 1000, unit: 'kB', target: 250, better: 'less' },
			{ name: 'App cold start to home, median of 5', value: times[Math.floor(STARTS / 2)] ?? NaN, unit: 'ms' }
		];
	} finally {
		await relay.stop();
	}
}

if (import.meta.main) console.log(table(await appFigures()));
