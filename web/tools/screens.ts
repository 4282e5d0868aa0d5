/**
 * Pictures of every screen, made from the running App: `node web/tools/screens.ts [folder]` with a relay that serves web/build and a
 * Connector beside it (npm start). Drives the real thing through the whole story once, then photographs every screen in light and
 * dark at 390 and 1280 px, and reports console errors and horizontal scroll at 320 px. For looking at, not a test: e2e/ tests.
 *
 * AXE=1 also runs axe (WCAG 2.2 AA) on every screen and theme.
 *
 *   APP=http://localhost:8080 CONNECTOR=http://localhost:8090 KEY=… THEMES=light,dark WIDTHS=390,1280 LANGS=de,en
 */
import { mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type BrowserContext, type Page } from 'playwright';

const app = process.env['APP'] ?? 'http://localhost:8080';
const connector = `${process.env['CONNECTOR'] ?? 'http://localhost:8090'}/api/core/v1`;
const key = process.env['KEY'] ?? '';
const list = (name: string, fallback: string) => (process.env[name] ?? fallback).split(',');
const themes = list('THEMES', 'light,dark');
const widths = list('WIDTHS', '390,1280').map(Number);
const langs = list('LANGS', 'en');
const only = process.env['ONLY'];
const folder = process.argv[2] ?? 'screenshots/screens';
mkdirSync(folder, { recursive: true });

const headers = { 'X-API-KEY': key, 'content-type': 'application/json' };
async function rest<T>(method: string, path: string, body?: unknown): Promise<T> {
	const answer = await fetch(`${connector}${path}`, {
		method,
		headers,
		...(body ? { body: JSON.stringify(body) } : {})
	});
	const text = await answer.text();
	if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
	return (text ? (JSON.parse(text) as { result: T }).result : undefined) as T;
}
const until = async <T>(what: string, look: () => Promise<T | undefined>, ms = 20_000): Promise<T> => {
	const end = Date.now() + ms;
	for (;;) {
		const found = await look();
		if (found !== undefined) return found;
		if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
		await new Promise((later) => setTimeout(later, 300));
	}
};

const read = (valueType: string, mustBeAccepted: boolean) => ({
	'@type': 'ReadAttributeRequestItem',
	mustBeAccepted,
	query: { '@type': 'IdentityAttributeQuery', valueType }
});
const template = (title: string) =>
	rest<{ id: string; reference: { url: string } }>('POST', '/RelationshipTemplates/Own', {
		expiresAt: new Date(Date.now() + 5 * 86_400_000).toISOString(),
		content: {
			'@type': 'RelationshipTemplateContent',
			title,
			onNewRelationship: {
				'@type': 'Request',
				title: 'Your citizen account',
				description: `${title} would like to know who you are, so that your applications find you again.`,
				expiresAt: new Date(Date.now() + 4.5 * 86_400_000).toISOString(),
				items: [
					{
						'@type': 'RequestItemGroup',
						title: 'About you',
						items: [
							read('GivenName', true),
							read('Surname', true),
							read('EMailAddress', false),
							read('StreetAddress', false)
						]
					},
					{
						'@type': 'CreateAttributeRequestItem',
						mustBeAccepted: false,
						attribute: {
							'@type': 'IdentityAttribute',
							owner: '',
							value: { '@type': 'Pseudonym', value: 'Citizen 4711' }
						}
					},
					{
						'@type': 'ConsentRequestItem',
						mustBeAccepted: true,
						consent: `I agree that ${title} keeps these data for my citizen account until I end the contact.`,
						link: 'https://demo.city.example/privacy',
						linkDisplayText: 'How we protect it'
					}
				]
			}
		}
	});

const browser = await chromium.launch({
	executablePath: '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
});
const told = new Set<string>();
const errors = {
	push(line: string) {
		if (!told.has(line)) console.log(`✗ ${line}`);
		told.add(line);
	}
};
function watch(page: Page, name: string): void {
	page.on('console', (message) => {
		if (message.type() === 'error') errors.push(`${name}: ${message.text()}`);
	});
	page.on('pageerror', (error) => errors.push(`${name}: ${error.message}`));
}
async function inspect(page: Page, name: string): Promise<void> {
	const { violations } = await new AxeBuilder({ page })
		.withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
		.analyze();
	for (const { id, nodes } of violations)
		errors.push(`${name}: axe ${id}: ${nodes[0]?.html.slice(0, 160)} (${nodes.length})`);
}
let shots = 0;
async function shoot(page: Page, name: string): Promise<void> {
	if (only && !name.includes(only)) return;
	const url = page.url();
	{
		for (const width of widths) {
			await page.setViewportSize({ width, height: width < 720 ? 844 : 800 });
			for (const theme of themes) {
				await page.evaluate((wanted) => (document.documentElement.dataset['theme'] = wanted), theme);
				await page.waitForTimeout(120);
				if (process.env['AXE'] === '1') await inspect(page, `${name} ${width} ${theme}`);
				await page.screenshot({
					path: `${folder}/${name}-${width}-${theme}-${langs[0]}.png`,
					fullPage: process.env['FULL'] === '1'
				});
				shots += 1;
			}
		}
	}
	await page.setViewportSize({ width: 320, height: 640 });
	await page.waitForTimeout(80);
	const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
	if (wide > 0) errors.push(`${name}: scrolls ${wide} px sideways at 320 px (${url})`);
	await page.setViewportSize({ width: 390, height: 844 });
}
const at = (page: Page, id: string) => page.getByTestId(id);

const context: BrowserContext = await browser.newContext({
	locale: langs[0] === 'de' ? 'de-DE' : 'en-GB',
	viewport: { width: 390, height: 844 }
});
context.setDefaultTimeout(15_000);
const page = await context.newPage();
watch(page, 'A');

const made = await template('Demo City');
await page.goto(`${app}/welcome`);
await at(page, 'screen-welcome').waitFor();
await shoot(page, '02-welcome');
await page.goto(`${app}/problem?cause=locked`);
await at(page, 'screen-problem').waitFor();
await shoot(page, '06-problem');
await page.goto(made.reference.url);
await at(page, 'btn-continue').waitFor();
if (page.url().includes('#')) errors.push('the key is still in the address');
await shoot(page, '05-link-first');
await at(page, 'btn-continue').click();
await at(page, 'screen-start').waitFor();
await shoot(page, '04-start');
await at(page, 'btn-start-new').click();
await at(page, 'screen-terms').waitFor();
await shoot(page, '03-terms');
await at(page, 'field-terms').check();
await at(page, 'btn-continue').click();
await at(page, 'screen-new-profile').waitFor();
await at(page, 'field-profileName').fill('Mara');
await shoot(page, '07-new-profile');
await at(page, 'btn-create').click();
await at(page, 'screen-request').waitFor({ timeout: 30_000 });
await shoot(page, '21-request-open');
await at(page, 'btn-review').click();
await at(page, 'error-summary').waitFor();
await shoot(page, '21-request-errors');
for (const [path, type, value] of [
	['1.1', 'GivenName', 'Mara'],
	['1.2', 'Surname', 'Lindqvist']
] as const) {
	await at(page, `item-${path}-add`).click();
	if (type === 'GivenName') await shoot(page, '22-add-inline');
	await at(page, `item-${path}`).getByTestId(`field-${type}`).fill(value);
	await at(page, `item-${path}-save`).click();
}
await at(page, 'item-1.3-add').click();
await at(page, 'item-1.3').getByTestId('field-EMailAddress').fill('mara@example.org');
await at(page, 'item-1.3-save').click();
await at(page, 'item-3-accept').check();
await shoot(page, '21-request-filled');
await at(page, 'btn-review').click();
await at(page, 'btn-share').waitFor();
await shoot(page, '21-review');
await at(page, 'btn-share').click();
await at(page, 'request-state').waitFor();
await page.waitForTimeout(600);
await shoot(page, '21-request-sent');

const base = new URL(page.url()).pathname.split('/').slice(0, 3).join('/');
const go = async (path: string, screen: string) => {
	await page.goto(`${app}${base}/${path}`);
	await at(page, screen).waitFor();
	await page.waitForTimeout(150);
};
const relationship = await until('relationship at the Connector', async () => {
	await rest('POST', '/Account/Sync');
	const all = await rest<{ id: string; status: string; peer: string }[]>('GET', '/Relationships?status=Pending');
	return all.at(-1);
});
await go('contacts', 'screen-contacts');
await shoot(page, '13-contacts-waiting');
await rest('PUT', `/Relationships/${relationship.id}/Accept`);
await go(`contacts/${relationship.id}`, 'screen-contact');
await until('active', async () => ((await at(page, 'status-active').count()) ? true : undefined));
await shoot(page, '14-contact');
await at(page, 'btn-seal').click();
await at(page, 'safety-number').waitFor();
await shoot(page, '14-seal');
await page.keyboard.press('Escape');
await at(page, 'btn-terminate').click();
await at(page, 'dialog-confirm').waitFor();
await shoot(page, '14-end');
await page.keyboard.press('Escape');
await go(`contacts/${relationship.id}/data`, 'screen-contact');
await shoot(page, '16-contact-data');
await rest('POST', '/Messages', {
	recipients: [relationship.peer],
	content: {
		'@type': 'Mail',
		to: [relationship.peer],
		cc: [],
		subject: 'Your citizen account is ready',
		body: 'Dear Mara,\n\nyour account is ready. You find everything about it at https://demo.city.example/account and can ask us here at any time.\n\nKind regards\nDemo City'
	}
});
await go('home', 'screen-home');
await until('mail', async () => ((await at(page, 'list-unread').count()) ? true : undefined));
await shoot(page, '12-home');
await go('mail', 'screen-mail');
await shoot(page, '24-mail');
await at(page, 'list-mail').getByRole('link').first().click();
await at(page, 'btn-reply').waitFor();
await shoot(page, '25-mail-detail');
await at(page, 'btn-reply').click();
await at(page, 'field-body').fill('Thank you, found it.');
await shoot(page, '26-compose');
await at(page, 'btn-send').click();
await at(page, 'screen-mail-detail').waitFor();
await shoot(page, '25-mail-sent');
await go('data', 'screen-data');
await shoot(page, '28-data');
await go('data/type/StreetAddress', 'screen-data-type');
await shoot(page, '32-address');
for (const [prop, value] of Object.entries({
	recipient: 'Mara Lindqvist',
	street: 'Hafenweg',
	houseNo: '12a',
	zipCode: '48155',
	city: 'Münster'
}))
	await at(page, `field-StreetAddress-${prop}`).fill(value);
await at(page, 'field-StreetAddress-country').selectOption('DE');
await at(page, 'btn-save').click();
await at(page, 'screen-attribute').waitFor();
await go('data/type/BirthDate', 'screen-data-type');
await at(page, 'btn-save').click();
await shoot(page, '32-birthdate-errors');
await go('data/type/Sex', 'screen-data-type');
await shoot(page, '32-sex');
await go('data/type/SchematizedJSON', 'screen-data-type');
await at(page, 'field-SchematizedJSON-value').fill('{\n  "size": 42\n  "color": "red"\n}');
await at(page, 'btn-save').click();
await shoot(page, '32-json-errors');
await go('data/type/IdentityFileReference', 'screen-data-type');
await shoot(page, '37-file-choose');
await at(page, 'field-IdentityFileReference-input').setInputFiles({
	name: 'Lease.pdf',
	mimeType: 'application/pdf',
	buffer: Buffer.from('%PDF-1.7')
});
await at(page, 'file-name').waitFor();
await shoot(page, '37-file-chosen');
await at(page, 'btn-save').click();
await at(page, 'screen-attribute').waitFor();
await at(page, 'file-name').getByRole('link').click();
await at(page, 'screen-file').waitFor();
await shoot(page, '38-file');
await go('data', 'screen-data');
await page.getByTestId('list-data-person').getByRole('link').first().click();
await at(page, 'screen-attribute').waitFor();
await shoot(page, '34-entry');
await at(page, 'btn-edit').click();
await at(page, 'field-GivenName').waitFor();
await shoot(page, '32-edit');
await at(page, 'field-GivenName').fill('Mara Sofia');
await at(page, 'btn-save').click();
await until('second version', async () =>
	(await at(page, 'list-versions').getByRole('listitem').count()) === 2 ? true : undefined
);
await shoot(page, '34-versions');
await go('data/person', 'screen-data-area');
await shoot(page, '29-area');
await go('requests?f=done', 'screen-requests');
await shoot(page, '23-requests-done');
await go('requests', 'screen-requests');
await shoot(page, '23-requests-empty');
await go('scan', 'screen-scan');
await shoot(page, '49-scan');
await at(page, 'field-reference').fill('https://shop.example.org/offer');
await at(page, 'btn-open-reference').click();
await at(page, 'reference-problem').waitFor();
await shoot(page, '49-scan-problem');
await go('settings', 'screen-settings');
await shoot(page, '51-settings');
await go('settings/devices', 'screen-devices');
await shoot(page, '45-devices');
await go('settings/profile', 'screen-profile');
await shoot(page, '40-profile');
await go('settings/appearance', 'screen-appearance');
await shoot(page, '51-appearance');
await go('settings/sync', 'screen-sync-details');
await shoot(page, '51-sync');
await go('home', 'screen-home');
await page.keyboard.press('Control+k');
await at(page, 'field-search').fill('ma');
await shoot(page, '11-palette');
await page.keyboard.press('Escape');
await at(page, 'sync-pill').click();
await at(page, 'screen-sync').waitFor();
await shoot(page, '11-sync');
await page.keyboard.press('Escape');

// Device 2: its own browser context, linked through the screens.
const second = await browser.newContext({ locale: 'en-GB', viewport: { width: 390, height: 844 } });
second.setDefaultTimeout(20_000);
const other = await second.newPage();
watch(other, 'B');
await other.goto(`${app}/welcome/terms?then=/welcome/link-device`);
await at(other, 'field-terms').check();
await at(other, 'btn-continue').click();
await at(other, 'screen-link-device').waitFor();
await shoot(other, '08-link-device');
await at(other, 'btn-show-code').click();
await at(other, 'btn-copy-link').waitFor();
await shoot(other, '08-link-code');
const code = await at(other, 'btn-copy-link').getAttribute('data-link');
await go('settings/devices/add', 'screen-add-device');
await shoot(page, '47-add-device');
await at(page, 'btn-enter-code').click();
await at(page, 'field-reference').fill(code!);
await at(page, 'btn-open-reference').click();
await at(page, 'link-code').waitFor({ timeout: 30_000 });
await at(other, 'link-code').waitFor({ timeout: 30_000 });
await shoot(page, '47-compare');
const [mine, theirs] = await Promise.all([at(page, 'link-code').innerText(), at(other, 'link-code').innerText()]);
if (mine !== theirs) errors.push(`digits differ: ${mine} ${theirs}`);
await at(page, 'btn-confirm-link').click();
await at(other, 'btn-confirm-link').click();
await at(page, 'link-done').waitFor({ timeout: 30_000 });
await page.waitForTimeout(500);
await shoot(page, '47-done');
await at(other, 'screen-home').waitFor({ timeout: 30_000 });
await other.waitForTimeout(1500);
await shoot(other, '12-home-device2');
await go('settings/devices', 'screen-devices');
await shoot(page, '45-devices-two');

for (const which of ['terms', 'privacy', 'imprint']) {
	await page.goto(`${app}/legal/${which}`);
	await at(page, `screen-${which}`).waitFor();
	await shoot(page, `54-${which}`);
}
await page.goto(`${app}/nowhere`);
await at(page, 'screen-error').waitFor();
await shoot(page, '00-error');
await browser.close();
console.log(`${shots} pictures in ${folder}`);
