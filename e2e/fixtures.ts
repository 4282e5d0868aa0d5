/**
 * What every journey stands on: a relay that serves the built App and a Connector ("Demo City") as processes, and devices:
 * browser contexts, each behind a TCP proxy of its own that can be cut and restored.
 *
 *   browser context ── localhost:<its own port> ──▶ proxy ──▶ relay ◀── Connector
 *
 * Each device thus reaches the relay under another name, as people do (localhost, a name at home, the public one).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import {
	test as base,
	expect,
	type Browser,
	type BrowserContext,
	type BrowserContextOptions,
	type Page
} from '@playwright/test';
import { buildApp } from '../tools/generated.ts';
import { freshFolder, startConnector, startRelay, until, type Connector, type Program } from '../trials/processes.ts';
import { startTcpProxy } from '../trials/tcp-proxy.ts';
import { guard, type Guard } from './guard.ts';

export { expect };

export interface World {
	readonly relay: Program;
	readonly city: Connector;
}

export interface Device {
	readonly context: BrowserContext;
	readonly page: Page;
	readonly origin: string;
	readonly guard: Guard;
	/** Where the browser keeps its profile, when that outlives it. */
	readonly folder?: string;
	/** Cuts every connection and refuses new ones. */
	cut(): Promise<void>;
	restore(): Promise<void>;
	/** The same link under the name this device knows the relay by. */
	here(link: string): string;
}

/** A device whose browser is a process of its own with a profile folder that survives it. */
export interface LastingDevice extends Device {
	/** Ends the browser process as a crash or a power cut would. */
	kill(): Promise<void>;
	/** Starts it again on the same folder. */
	again(): Promise<LastingDevice>;
}

interface Fixtures {
	device(options?: BrowserContextOptions): Promise<Device>;
	lastingDevice(options?: BrowserContextOptions): Promise<LastingDevice>;
}

async function builtApp(): Promise<string> {
	const given = process.env['APP_DIR'];
	if (given) return resolve(given);
	const trouble = await buildApp();
	if (trouble !== undefined) throw new Error(`the App could not be built:\n${trouble}`);
	return resolve('web/build');
}

export const test = base.extend<Fixtures, { world: World }>({
	world: [
		async ({}, use) => {
			const relay = await startRelay({ APP_DIR: await builtApp() });
			const city = await startConnector(relay.url);
			await city.call('POST', '/Attributes', {
				content: { value: { '@type': 'DisplayName', value: 'Demo City' } }
			});
			await use({ relay, city });
			await city.stop();
			await relay.stop();
		},
		{ scope: 'worker', timeout: 300_000 }
	],

	device: async ({ world, browser }, use) => {
		const devices: OpenDevice[] = [];
		await use(async (options) => {
			const device = await openDevice(browser, world, options);
			devices.push(device);
			return device;
		});
		for (const device of devices) await device.close();
		expectNothingBad(devices);
	},

	lastingDevice: async ({ world, playwright, launchOptions, locale, timezoneId }, use) => {
		const devices: LastingDevice[] = [];
		const lines: { close(): Promise<void> }[] = [];
		const launch = async (folder: string, line: Line, options: BrowserContextOptions): Promise<LastingDevice> => {
			const context = await playwright.chromium.launchPersistentContext(folder, {
				...launchOptions,
				locale: locale ?? 'en-GB',
				timezoneId: timezoneId ?? 'UTC',
				...options,
				baseURL: line.origin
			});
			const device: LastingDevice = {
				...deviceIn(context, context.pages()[0] ?? (await context.newPage()), line),
				folder,
				async kill() {
					const closed = new Promise((resolve) => context.once('close', resolve));
					for (const pid of processesNaming(folder)) process.kill(pid, 'SIGKILL');
					await closed;
				},
				again: () => launch(folder, line, options)
			};
			devices.push(device);
			return device;
		};
		await use(async (options = {}) => {
			const line = await lineTo(world.relay);
			lines.push(line);
			return launch(freshFolder('browser'), line, options);
		});
		for (const { context } of devices) await context.close().catch(() => undefined);
		for (const line of lines) await line.close();
		expectNothingBad(devices);
	}
});

export interface OpenDevice extends Device {
	close(): Promise<void>;
}

/** For several tests that share a device; they call `expectNothingBad` themselves. */
export async function openDevice(
	browser: Browser,
	world: World,
	options: BrowserContextOptions = {}
): Promise<OpenDevice> {
	const line = await lineTo(world.relay);
	const context = await browser.newContext({ ...options, baseURL: line.origin });
	return {
		...deviceIn(context, await context.newPage(), line),
		async close() {
			await context.close();
			await line.close();
		}
	};
}

type Line = Awaited<ReturnType<typeof startTcpProxy>>;

async function lineTo(relay: Program): Promise<Line> {
	const line = await startTcpProxy();
	line.lead(relay.port);
	return line;
}

function deviceIn(context: BrowserContext, page: Page, line: Line): Device {
	const watch = guard(context, line.origin);
	return {
		context,
		page,
		origin: line.origin,
		guard: watch,
		async cut() {
			watch.expectOffline();
			await line.cut();
		},
		restore: () => line.restore(),
		here: (link) => link.replace(/^https?:\/\/[^/]+/, line.origin)
	};
}

export const expectNothingBad = (devices: readonly Device[]) =>
	expect(
		devices.flatMap(({ guard: { problems } }) => problems),
		'console errors, uncaught errors, foreign requests, secrets in addresses'
	).toEqual([]);

/** Processes whose command line names this folder: all of the browser we started on it, nothing else. */
function processesNaming(folder: string): number[] {
	return readdirSync('/proc')
		.filter(
			(name) => /^\d+$/.test(name) && Number(name) !== process.pid && existsSync(join('/proc', name, 'cmdline'))
		)
		.filter((pid) => {
			try {
				return readFileSync(join('/proc', pid, 'cmdline'), 'latin1').includes(`--user-data-dir=${folder}`);
			} catch {
				return false;
			}
		})
		.map(Number);
}

/** Nothing on this screen breaks WCAG 2.2 A or AA as far as a machine can tell. */
export async function expectAccessible(page: Page, name: string): Promise<void> {
	// What still fades in has no contrast yet.
	await page.evaluate(() =>
		Promise.all(document.getAnimations().map((each) => each.finished.catch(() => undefined)))
	);
	// Its types come with a newer playwright-core than the one that runs; only the page's public face is used.
	const { violations } = await new AxeBuilder({ page: page as never })
		.withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
		.analyze();
	const told = violations.map(
		({ id, help, nodes }) =>
			`${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `    ${html.slice(0, 200)}\n      ${failureSummary?.replaceAll('\n', ' ')}`).join('\n')}`
	);
	// All findings of a journey at once: the next screen can be judged although this one is not right.
	expect.soft(told, `accessibility of ${name}`).toEqual([]);
}

/** What the Connector's REST answers hold, as far as journeys look. */
export interface Row {
	readonly id: string;
	readonly status: string;
	readonly peer: string;
	readonly createdBy: string;
	readonly content: { readonly [member: string]: unknown };
	readonly reference: { readonly url: string };
}

export const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const read = (valueType: string, mustBeAccepted: boolean) => ({
	'@type': 'ReadAttributeRequestItem',
	mustBeAccepted,
	query: { '@type': 'IdentityAttributeQuery', valueType }
});

/** The relationship somebody asks for with that template: what a person shared leaves a moment after the screen says so. */
export async function pendingFrom(city: Connector, template: Row): Promise<Row> {
	const [pending] = await until(
		'the relationship',
		async () => {
			await city.call('POST', '/Account/Sync');
			return city.call<Row[]>('GET', `/Relationships?status=Pending&template.id=${template.id}`);
		},
		({ length }) => length === 1
	);
	return pending!;
}

/** The organisation asks: two names, if liked an e-mail address, consent. Usable once: whoever only looks must not use it up. */
export const createTemplate = (city: Connector, more: object = {}): Promise<Row> =>
	city.call<Row>('POST', '/RelationshipTemplates/Own', {
		expiresAt: inDays(3),
		maxNumberOfAllocations: 1,
		content: {
			'@type': 'RelationshipTemplateContent',
			title: 'Demo City',
			onNewRelationship: {
				'@type': 'Request',
				title: 'Your citizen account',
				description: 'Demo City would like to know who you are.',
				items: [
					{
						'@type': 'RequestItemGroup',
						title: 'About you',
						items: [read('GivenName', true), read('Surname', true), read('EMailAddress', false)]
					},
					{
						'@type': 'ConsentRequestItem',
						mustBeAccepted: true,
						consent: 'Demo City may keep these data until I end the contact.'
					}
				]
			}
		},
		...more
	});

export const mailTo = (to: string, subject: string, body: string) => ({
	recipients: [to],
	content: { '@type': 'Mail', to: [to], cc: [], subject, body, bodyFormat: 'PlainText' }
});
