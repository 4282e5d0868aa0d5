/** What the App promises about the device it runs on: tabs, starting without a network, what scripts may do, what lies on disk. */
import type { Page } from '@playwright/test';
import { findCanaries, type Haystack } from '../trials/canary.ts';
import { expect, test } from './fixtures.ts';
import { furnish, WORDS } from './furnish.ts';
import { acceptTerms, createProfile, expectScreen, expectUpToDate, firstStart, nav } from './screens.ts';

/** Writes an own value on the screen made for it. */
async function addValue(page: Page, base: string, type: string, value: string): Promise<void> {
	await page.goto(`${base}/data/type/${type}`);
	await page.getByTestId(`field-${type}`).fill(value);
	await page.getByTestId('btn-save').click();
	await expect(page.getByTestId('attribute-value').or(page.getByTestId('screen-data')).first()).toContainText(value);
}

const baseOf = (page: Page) => /\/p\/[a-z0-9]{12}/.exec(new URL(page.url()).pathname)![0];

test('two tabs show the same at once, and closing the first takes nothing from the second', async ({ device }) => {
	const { page: first, context } = await device();
	await firstStart(first, 'Mirela');
	const base = baseOf(first);
	const second = await context.newPage();
	await second.goto(`${base}/data`);
	await expectScreen(second, 'data');

	await addValue(first, base, 'GivenName', 'Mirela');
	await expect(second.getByTestId('screen-data')).toContainText('Mirela');
	await first.goto(`${base}/data`);
	await first.close();

	await addValue(second, base, 'Surname', 'Ionescu');
	await expectUpToDate(second);
	const third = await context.newPage();
	await third.goto(`${base}/data`);
	await expect(third.getByTestId('screen-data')).toContainText('Mirela');
	await expect(third.getByTestId('screen-data')).toContainText('Ionescu');
});

test('a profile made without a network works at once and registers by itself when there is one', async ({ device }) => {
	const offline = await device({ viewport: { width: 390, height: 844 } });
	const { page } = offline;
	await page.goto('/');
	await expectScreen(page, 'welcome');
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
	await offline.cut();

	await page.goto('/');
	await page.getByTestId('btn-start').click();
	await page.getByTestId('btn-start-new').click();
	await acceptTerms(page);
	await createProfile(page, 'Mirela');
	await expectScreen(page, 'home');
	const pill = page.getByTestId('sync-pill');
	await expect(pill).toHaveAttribute('data-state', 'unregistered');
	const base = baseOf(page);
	await addValue(page, base, 'GivenName', 'Mirela');
	await page.goto(`${base}/settings/profile`);
	const address = await page.getByTestId('profile-address').innerText();
	expect(address).toMatch(/^did:e:localhost:dids:[0-9a-f]{22}$/);

	await offline.restore();
	await expect(pill).toHaveAttribute('data-state', 'upToDate', { timeout: 90_000 });
	await expect(pill).toHaveAttribute('data-waiting', '0');
	expect(await page.getByTestId('profile-address').innerText()).toBe(address);
});

test('no script runs that we did not ship: strict policy, Trusted Types, nothing allowed back in', async ({
	device,
	world
}) => {
	for (const path of ['/', '/welcome', '/r/RLTaaaaaaaaaaaaaaaaa', '/legal/terms']) {
		const { headers } = await fetch(`${world.relay.url}${path}`);
		const policy = new Map(
			(headers.get('content-security-policy') ?? '')
				.split(';')
				.map((rule) => [rule.trim().split(/\s+/)[0]!, rule.trim().split(/\s+/).slice(1)])
		);
		expect(policy.get('default-src'), path).toEqual(["'self'"]);
		expect(policy.get('require-trusted-types-for'), path).toEqual(["'script'"]);
		expect(policy.get('object-src'), path).toEqual(["'none'"]);
		expect(policy.get('base-uri'), path).toEqual(["'none'"]);
		expect(policy.get('frame-ancestors'), path).toEqual(["'none'"]);
		for (const source of policy.get('script-src') ?? [])
			expect(source, path).toMatch(/^'(self|wasm-unsafe-eval|sha256-[A-Za-z0-9+/]+=*)'$/);
		for (const source of policy.get('style-src') ?? []) expect(source, path).toBe("'self'");
		expect(headers.get('x-content-type-options'), path).toBe('nosniff');
		expect(headers.get('referrer-policy'), path).toBe('no-referrer');
		expect(headers.get('cross-origin-opener-policy'), path).toBe('same-origin');
	}

	// Violations of the App itself fail every journey by their console errors (guard.ts); here the walls are touched on purpose.
	const { page, guard } = await device();
	await page.goto('/');
	await expectScreen(page, 'welcome');
	expect(guard.problems).toEqual([]);
	guard.expectViolations();
	const touched = await page.evaluate(async () => {
		const violations: string[] = [];
		document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));
		const refused = (work: () => unknown): boolean => {
			try {
				work();
				return false;
			} catch {
				return true;
			}
		};
		const w = window as unknown as {
			ran?: true;
			trustedTypes: { createPolicy(name: string, rules: object): unknown };
		};
		const results = {
			markup: refused(() => (document.createElement('div').innerHTML = '<b>x</b>')),
			script: refused(() => (document.createElement('script').src = '/boot.js')),
			policy: refused(() => w.trustedTypes.createPolicy('anything', {}))
		};
		// Later, because what a debugger evaluates itself may use eval.
		const evaluated = await new Promise<boolean>((told) => setTimeout(() => told(refused(() => (0, eval)('1')))));
		const elsewhere = await fetch('https://example.com/').then(
			() => 'reached',
			() => 'refused'
		);
		await new Promise((later) => setTimeout(later, 200));
		return { ...results, eval: evaluated, elsewhere, violations };
	});
	expect(touched).toMatchObject({ markup: true, script: true, policy: true, eval: true, elsewhere: 'refused' });
	expect(touched.violations).toEqual(
		expect.arrayContaining(['require-trusted-types-for', 'trusted-types', 'connect-src'])
	);
});

/** Everything this origin keeps in the browser, as bytes: every database with its keys and values, and the simple storages. */
async function dump(page: Page): Promise<{ haystacks: Haystack[]; exportable: string[] }> {
	const raw = await page.evaluate(async () => {
		const found: { name: string; base64: string }[] = [];
		const exportable: string[] = [];
		const base64 = (bytes: Uint8Array): string => {
			let text = '';
			for (let at = 0; at < bytes.length; at += 8192)
				text += String.fromCharCode(...bytes.subarray(at, at + 8192));
			return btoa(text);
		};
		const utf8 = (text: string) => new TextEncoder().encode(text);
		const walk = (name: string, value: unknown): void => {
			if (value instanceof CryptoKey) {
				if (value.extractable && value.type !== 'public')
					exportable.push(`${name}: ${value.type} ${value.algorithm.name}`);
			} else if (typeof value === 'string') found.push({ name, base64: base64(utf8(value)) });
			else if (value instanceof ArrayBuffer) found.push({ name, base64: base64(new Uint8Array(value)) });
			else if (ArrayBuffer.isView(value))
				found.push({ name, base64: base64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) });
			else if (value && typeof value === 'object')
				for (const [key, inner] of Object.entries(value)) {
					walk(`${name}.${key}`, key);
					walk(`${name}.${key}`, inner);
				}
		};
		const done = <T>(request: IDBRequest<T>) =>
			new Promise<T>(
				(resolve, reject) => (
					(request.onsuccess = () => resolve(request.result)),
					(request.onerror = () => reject(request.error ?? new Error('read')))
				)
			);
		for (const { name } of await indexedDB.databases()) {
			const database = await done(indexedDB.open(name!));
			for (const store of database.objectStoreNames) {
				const kept = database.transaction(store).objectStore(store);
				const [keys, values] = await Promise.all([
					done(kept.getAllKeys()),
					done(kept.getAll() as IDBRequest<unknown[]>)
				]);
				keys.forEach((key, i) => {
					walk(`${name}/${store} key`, key);
					walk(`${name}/${store} ${String(key)}`, values[i]);
				});
			}
			walk('database', name);
			database.close();
		}
		for (const storage of [localStorage, sessionStorage]) walk('storage', { ...storage });
		walk('cookies', document.cookie);
		for (const cache of await caches.keys())
			for (const request of await (await caches.open(cache)).keys()) walk(`cache ${cache}`, request.url);
		return { found, exportable };
	});
	return {
		haystacks: raw.found.map(({ name, base64 }) => ({ name, bytes: Buffer.from(base64, 'base64') })),
		exportable: raw.exportable
	};
}

test('what lies in the browser is sealed: no name, message, contact or address, no key that could be taken out', async ({
	device,
	world
}) => {
	const lived = await device({ viewport: { width: 1280, height: 800 } });
	const { page } = lived;
	const furnished = await furnish(lived, world);
	await nav(page, 'home').click();
	const words = new Map<string, string>([
		...Object.entries(WORDS),
		['own address', furnished.address],
		['address of the contact', furnished.peer],
		['end of the own address', furnished.address.slice(-22)],
		['relationship', furnished.relationshipId],
		['key of a link', furnished.link.split('#')[1]!]
	]);
	const { haystacks, exportable } = await dump(page);
	expect(haystacks.length).toBeGreaterThan(30);
	expect(exportable).toEqual([]);
	expect(findCanaries(words, haystacks)).toEqual([]);

	// Control: the same look finds a word that lies there in clear, as text, bytes or base64, and a key that could be taken out.
	await page.evaluate(
		async ([subject, answer, name]) => {
			const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt']);
			await new Promise((resolve) => {
				const request = indexedDB.open('leak', 1);
				request.onupgradeneeded = () => request.result.createObjectStore('rows');
				request.onsuccess = () => {
					const writing = request.result.transaction('rows', 'readwrite');
					writing
						.objectStore('rows')
						.put({ key, text: subject, bytes: new TextEncoder().encode(`..${answer}`) }, btoa(name!));
					writing.oncomplete = () => (request.result.close(), resolve(undefined));
				};
			});
		},
		[WORDS.subject, WORDS.answer, WORDS.profile]
	);
	const leaking = await dump(page);
	expect(leaking.exportable).toHaveLength(1);
	expect(new Set(findCanaries(words, leaking.haystacks).map(({ place }) => place))).toEqual(
		new Set(['profile', 'surname', 'subject', 'answer'])
	);
});
