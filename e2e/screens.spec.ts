/**
 * Every screen, German and English: one heading that takes the focus, a title of its own, nothing to scroll sideways at 320 px, no
 * finding of axe (English on a phone in light, German on a wide screen in dark); and a picture in both themes at 390 and 1280 px (screenshots/,
 * not kept in git).
 */
import type { Page } from '@playwright/test';
import {
	createTemplate,
	expect,
	expectAccessible,
	expectNothingBad,
	openDevice,
	test,
	type OpenDevice
} from './fixtures.ts';
import { furnish, WORDS, type Furnished } from './furnish.ts';
import { acceptTerms, expectScreen } from './screens.ts';

type Locale = 'de' | 'en';
const LOCALES: readonly Locale[] = ['en', 'de'];
const LOOKS = [
	{ theme: 'light', width: 390, height: 844, axe: 'en' },
	{ theme: 'dark', width: 390, height: 844, axe: undefined },
	{ theme: 'light', width: 1280, height: 800, axe: undefined },
	{ theme: 'dark', width: 1280, height: 800, axe: 'de' }
] as const;

interface Shown {
	readonly name: string;
	readonly path: string;
	/** What is done there before it is looked at. */
	readonly prepare?: (page: Page) => Promise<void>;
	/** A sheet over a screen has that screen's title and keeps its own focus. */
	readonly isSheet?: true;
	/** The same page with other words: only its heading, title and room are judged. */
	readonly isVariant?: boolean;
}

const outside = (link: string): Shown[] => [
	{ name: 'welcome', path: '/welcome' },
	{ name: 'start', path: '/welcome/start' },
	{ name: 'terms', path: '/welcome/terms' },
	{ name: 'new-profile', path: '/welcome/new' },
	{ name: 'link-device', path: '/welcome/link-device' },
	{
		name: 'link-device-code',
		path: '/welcome/link-device',
		isSheet: true,
		prepare: async (page) => {
			await page.getByTestId('btn-show-code').click();
			await expect(page.getByTestId('link-waiting')).toBeVisible();
		}
	},
	{
		name: 'link-first',
		path: new URL(link).pathname + new URL(link).hash,
		prepare: (page) => expect(page.getByTestId('btn-continue')).toBeVisible()
	},
	{
		name: 'link-cut',
		path: '/r/RLTaaaaaaaaaaaaaaaaa',
		prepare: (page) => expect(page.getByTestId('reference-problem')).toBeVisible()
	},
	{ name: 'link', path: '/link' },
	...[
		'storageBlocked',
		'locked',
		'damaged',
		'unsupported',
		'insecure',
		'storageFull',
		'newer',
		'worker',
		'missing',
		'unknown'
	].map((cause) => ({
		isVariant: cause !== 'locked',
		name: `problem-${cause}`,
		path: `/problem?cause=${cause}`
	})),
	{ name: 'legal-terms', path: '/legal/terms' },
	{ name: 'legal-privacy', path: '/legal/privacy' },
	{ name: 'legal-imprint', path: '/legal/imprint' },
	{ name: 'profiles-none', path: '/profiles' }
];

const press = (testid: string, shows: string) => async (page: Page) => {
	await page.getByTestId(testid).filter({ visible: true }).first().click();
	await expectScreen(page, shows);
};

const inside = (f: Furnished): Shown[] =>
	[
		{ name: 'home', path: '/home' },
		{ name: 'contacts', path: '/contacts' },
		{ name: 'contact', path: `/contacts/${f.relationshipId}` },
		{
			name: 'contact-rename',
			path: `/contacts/${f.relationshipId}`,
			isSheet: true as const,
			prepare: press('btn-rename', 'rename')
		},
		{
			name: 'contact-seal',
			path: `/contacts/${f.relationshipId}`,
			isSheet: true as const,
			prepare: press('btn-seal', 'seal')
		},
		{ name: 'contact-data', path: `/contacts/${f.relationshipId}/data` },
		{ name: 'contact-messages', path: `/contacts/${f.relationshipId}/messages` },
		{ name: 'requests', path: '/requests' },
		{ name: 'request-open', path: `/requests/${f.openId}` },
		{
			name: 'request-decline',
			path: `/requests/${f.openId}`,
			isSheet: true as const,
			prepare: async (page: Page) => {
				await page.getByTestId('btn-decline').click();
				await expect(page.getByTestId('dialog-decline')).toBeVisible();
			}
		},
		{
			name: 'request-errors',
			path: `/requests/${f.openId}`,
			isSheet: true as const,
			prepare: async (page: Page) => {
				await page.getByTestId('btn-review').click();
				await expect(page.getByTestId('error-summary')).toBeVisible();
			}
		},
		{ name: 'request-answered', path: `/requests/${f.answeredId}` },
		{ name: 'mail', path: '/mail' },
		{ name: 'mail-detail', path: `/mail/${f.mailId}` },
		{ name: 'mail-compose', path: `/mail/new?to=${f.relationshipId}` },
		{ name: 'data', path: '/data' },
		{ name: 'data-area', path: '/data/person' },
		{ name: 'data-type', path: '/data/type/BirthDate' },
		{ name: 'data-type-address', path: '/data/type/StreetAddress' },
		{ name: 'data-type-json', path: '/data/type/SchematizedJSON' },
		{ name: 'data-type-file', path: '/data/type/IdentityFileReference' },
		{ name: 'attribute-file', path: `/data/a/${f.fileEntryId}` },
		{ name: 'file', path: `/files/${f.fileId}` },
		{ name: 'file-gone', path: '/files/FILaaaaaaaaaaaaaaaaa' },
		{ name: 'data-more', path: '/data/more' },
		{ name: 'attribute', path: `/data/a/${f.attributeId}` },
		{ name: 'attribute-edit', path: `/data/a/${f.attributeId}?edit` },
		{ name: 'scan', path: '/scan' },
		{ name: 'settings', path: '/settings' },
		{ name: 'settings-profile', path: '/settings/profile' },
		{ name: 'devices', path: '/settings/devices' },
		{ name: 'devices-add', path: '/settings/devices/add' },
		{ name: 'appearance', path: '/settings/appearance' },
		{ name: 'sync', path: '/settings/sync' },
		{
			name: 'search',
			path: '/home',
			isSheet: true as const,
			prepare: async (page: Page) => {
				await page.keyboard.press('Control+k');
				await expectScreen(page, 'palette');
			}
		}
	].map((each) => ({ ...each, path: f.base + each.path }));

const ready = (page: Page) => page.evaluate(() => document.fonts.ready.then(() => undefined));
const isWiderThan = (page: Page) =>
	page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Goes there as a link on the page would, without loading the App anew. */
async function follow(page: Page, path: string): Promise<void> {
	const from = new URL(page.url());
	if (from.pathname + from.search === path) return;
	await page.evaluate((href) => {
		const link = document.createElement('a');
		link.href = href;
		document.body.append(link);
		link.click();
		link.remove();
	}, path);
	await page.waitForURL((url) => url.pathname + url.search === path);
}

async function closeSheets(page: Page): Promise<void> {
	for (let open = 0; (await page.locator('dialog[open]').count()) > 0 && open < 3; open++)
		await page.keyboard.press('Escape');
}

/** Theme and size, and everything that moves because of them at rest: a picture taken at once shows half of both. */
async function dress(page: Page, theme: 'light' | 'dark', width: number, height: number): Promise<void> {
	await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
	await page.setViewportSize({ width, height });
	await page.evaluate(async () => {
		const frame = () => new Promise((shown) => requestAnimationFrame(shown));
		for (let calm = 0; calm < 3; calm++) {
			await frame();
			await Promise.all(document.getAnimations().map((each) => each.finished.catch(() => undefined)));
		}
	});
	const lightness = () =>
		page.evaluate(() =>
			Number(/oklch\(([\d.]+)/.exec(getComputedStyle(document.documentElement).backgroundColor)?.[1] ?? NaN)
		);
	if (theme === 'dark') await expect.poll(lightness).toBeLessThan(0.4);
	else await expect.poll(lightness).toBeGreaterThan(0.8);
}

async function look(page: Page, shown: Shown, locale: Locale, titles: Map<string, string>): Promise<void> {
	await page.setViewportSize({ width: 390, height: 844 });
	if (shown.prepare) await shown.prepare(page);
	await ready(page);
	await expect(page.locator('html')).toHaveAttribute('lang', locale);
	if (!shown.isSheet) {
		await expect(page.getByRole('heading', { level: 1 }).filter({ visible: true })).toHaveCount(1);
		const title = await page.title();
		expect(title.length).toBeGreaterThan(5);
		// Browsers keep titles in their history, some on a server: two mails have one title, and nobody's words are in it.
		const kind = shown.path.replace(/[A-Z]{3}[A-Za-z0-9]{17}|[?#].*/g, '');
		expect.soft(titles.get(title) ?? kind, `title "${title}"`).toBe(kind);
		titles.set(title, kind);
		const told = Object.values(WORDS).filter((word) => shown.path.startsWith('/p/') && title.includes(word));
		expect.soft(told, `words in the title of ${shown.name}`).toEqual([]);
	}
	for (const { theme, width, height, axe } of shown.isVariant ? [] : LOOKS) {
		await dress(page, theme, width, height);
		await page.screenshot({ path: `screenshots/${locale}-${theme}-${width}/${shown.name}.png` });
		if (axe === locale) await expectAccessible(page, `${shown.name}, ${locale}, ${theme}, ${width} px`);
	}
	await page.setViewportSize({ width: 320, height: 720 });
	expect.soft(await isWiderThan(page), `${shown.name} in ${locale} at 320 px is wider by`).toBeLessThanOrEqual(0);
}

for (const locale of LOCALES)
	test(`before there is a profile every screen has its heading, title, words, room and contrast, in ${locale}`, async ({
		device,
		world: { city }
	}) => {
		const { page } = await device({ locale: locale === 'de' ? 'de-DE' : 'en-GB' });
		const template = await createTemplate(city, { maxNumberOfAllocations: 5 });
		const titles = new Map<string, string>();
		await page.goto('/welcome/terms');
		await acceptTerms(page);
		for (const shown of outside(template.reference.url))
			await test.step(shown.name, async () => {
				await page.goto(shown.path);
				await expect(page.locator('html[data-ready]')).toBeAttached();
				await look(page, shown, locale, titles);
				await closeSheets(page);
			});
	});

test.describe('in a profile that was lived in', () => {
	let device: OpenDevice;
	let furnished: Furnished;
	test.beforeAll(async ({ browser, world }) => {
		test.setTimeout(120_000);
		device = await openDevice(browser, world, { locale: 'en-GB', viewport: { width: 390, height: 844 } });
		furnished = await furnish(device, world);
	});
	test.afterAll(async () => {
		await device.close();
		expectNothingBad([device]);
	});

	for (const locale of LOCALES)
		test(`every screen has its heading, focus, title, words, room and contrast, in ${locale}`, async () => {
			test.setTimeout(300_000);
			const { page } = device;
			const titles = new Map<string, string>();
			await page.goto(`${furnished.base}/settings/appearance`);
			await page.getByTestId(`field-locale-${locale}`).check();
			await page.goto(`${furnished.base}/settings`);
			await expect(page.locator('html[data-ready]')).toBeAttached();
			for (const shown of inside(furnished))
				await test.step(shown.name, async () => {
					await follow(page, shown.path);
					if (!shown.isSheet)
						await expect.soft(page.locator('h1:focus, form :focus')).toHaveCount(1, { timeout: 3000 });
					await look(page, shown, locale, titles);
					await closeSheets(page);
				});
		});
});
