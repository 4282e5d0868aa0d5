/**
 * THE story, as an organisation and a person with two devices live it: asked by a link, answered, connected, mails both ways, a
 * second device, both offline and in agreement again, and everything still there after the browser died without a network.
 */
import { until } from '../trials/processes.ts';
import {
	createTemplate,
	expect,
	expectAccessible,
	mailTo,
	pendingFrom,
	test,
	type Device,
	type Row
} from './fixtures.ts';
import { acceptTerms, answerInline, createProfile, expectScreen, expectUpToDate, nav, screen } from './screens.ts';

test('a request answered end to end, on two devices, through offline and a killed browser', async ({
	world: { city },
	device,
	lastingDevice
}) => {
	test.setTimeout(300_000);
	const { step } = test;
	let phone: Device = await lastingDevice({ viewport: { width: 390, height: 844 } });
	const { page } = phone;
	const template = await createTemplate(city);
	phone.guard.keepSecret(template.reference.url.split('#')[1]!);
	let profile = '';
	let address = '';
	let relationshipId = '';
	let mailId = '';

	await step('a link opened without a profile shows who asks for what', async () => {
		await page.goto(phone.here(template.reference.url));
		await expectScreen(page, 'link-first');
		await expect(page.getByRole('heading', { level: 1 })).toContainText('Demo City');
		expect(page.url()).not.toContain('#');
		await expect(page.getByRole('listitem')).toHaveCount(4);
		await expectAccessible(page, 'link first');
	});

	await step('the link survives a reload and leads through terms and profile to the request', async () => {
		await page.reload();
		await page.getByTestId('btn-continue').click();
		await expectScreen(page, 'start');
		await expectAccessible(page, 'ways to start');
		await page.getByTestId('btn-start-new').click();
		await expectScreen(page, 'terms');
		await expectAccessible(page, 'terms');
		await acceptTerms(page);
		await expectAccessible(page, 'new profile');
		await createProfile(page, 'Mirela Ionescu');
		await expectScreen(page, 'request');
		profile = /\/p\/[a-z0-9]+/.exec(page.url())![0];
	});

	await step('what is missing is said, added in place, reviewed and shared', async () => {
		await page.getByTestId('btn-review').click();
		await expect(page.getByTestId('error-summary')).toBeFocused();
		await expectAccessible(page, 'request with errors');
		await answerInline(page, '1.1', 'GivenName', 'Mirela');
		await answerInline(page, '1.2', 'Surname', 'Ionescu');
		await page.getByTestId('item-2-accept').check();
		await page.getByTestId('btn-review').click();
		await expectScreen(page, 'review');
		await expect(page.getByTestId('list-leaving')).toContainText('Mirela');
		await expect(page.getByTestId('list-leaving')).toContainText('Ionescu');
		await expectAccessible(page, 'review');
		await page.getByTestId('btn-share').click();
		await expect(page.getByTestId('request-state')).toHaveAttribute('data-state', 'accepted');
		await expectAccessible(page, 'answered request');
		await expectUpToDate(page);
	});

	await step('the organisation syncs, accepts and holds what was shared', async () => {
		({ id: relationshipId, peer: address } = await pendingFrom(city, template));
		expect((await city.call<Row>('PUT', `/Relationships/${relationshipId}/Accept`)).status).toBe('Active');
		const held = await city.call<Row[]>('GET', `/Attributes/Peer/${address}`);
		expect(held.map(({ content }) => (content['value'] as { value: string }).value)).toEqual(['Mirela', 'Ionescu']);
	});

	await step('the App shows the contact as active', async () => {
		await nav(page, 'contacts').click();
		await expectScreen(page, 'contacts');
		await page.getByTestId(`row-contact-${relationshipId}`).click();
		await expectScreen(page, 'contact');
		await expect(page.getByTestId('status-active')).toBeVisible();
		await expectAccessible(page, 'contact');
	});

	await step('a mail arrives and is answered; the organisation finds the answer', async () => {
		const { id } = await city.call<Row>(
			'POST',
			'/Messages',
			mailTo(address, 'Welcome', 'Your card is ready.\nBring your passport.')
		);
		await nav(page, 'mail').click();
		await expectScreen(page, 'mail');
		await page.getByTestId(`row-message-${id}`).click();
		mailId = id;
		await expectScreen(page, 'mail-detail');
		await expect(page.getByTestId('mail-body')).toContainText('Bring your passport.');
		await expectAccessible(page, 'mail');
		await page.getByTestId('btn-reply').click();
		await expectScreen(page, 'compose');
		await expect(page.getByTestId('field-subject')).toHaveValue(/Welcome/);
		await page.getByTestId('field-body').fill('Thank you, I will come on Monday.');
		await expectAccessible(page, 'compose');
		await page.getByTestId('btn-send').click();
		await expect(screen(page, 'mail-detail')).toHaveAttribute('data-delivery', 'sent');
		await until(
			'the answer at the organisation',
			async () => {
				await city.call('POST', '/Account/Sync');
				return city.call<Row[]>('GET', `/Messages?createdBy=${encodeURIComponent(address)}`);
			},
			(rows) => rows.some(({ content }) => content['body'] === 'Thank you, I will come on Monday.')
		);
	});

	const laptop = await device({ viewport: { width: 1280, height: 800 } });
	await step(
		'a second device is linked: a code from one to the other, six equal digits, confirmed on both',
		async () => {
			await laptop.page.goto('/');
			await laptop.page.getByTestId('btn-start').click();
			await laptop.page.getByTestId('btn-start-link').click();
			await acceptTerms(laptop.page);
			await expectScreen(laptop.page, 'link-device');
			await expectAccessible(laptop.page, 'link this device');
			await laptop.page.getByTestId('btn-show-code').click();
			const code = await laptop.page.getByTestId('btn-copy-link').getAttribute('data-link');
			laptop.guard.keepSecret(code!.split('#')[1]!);
			phone.guard.keepSecret(code!.split('#')[1]!);

			await page.goto(`${profile}/settings/devices`);
			await expectScreen(page, 'devices');
			await expect(page.getByTestId('notice-only-copy')).toBeVisible();
			await expectAccessible(page, 'devices');
			await page.getByTestId('btn-add-device').click();
			await page.getByTestId('btn-enter-code').click();
			await page.getByTestId('field-reference').fill(code!);
			await expectAccessible(page, 'add a device');
			await page.getByTestId('btn-open-reference').click();

			const digits = (on: Device) => on.page.getByTestId('link-code').innerText();
			await expect(laptop.page.getByTestId('link-code')).toBeVisible();
			await expect(page.getByTestId('link-code')).toBeVisible();
			expect((await digits(laptop)).replace(/\D/g, '')).toMatch(/^\d{6}$/);
			expect(await digits(laptop)).toBe(await digits(phone));
			await expectAccessible(page, 'compare digits');
			await page.getByTestId('btn-confirm-link').click();
			await laptop.page.getByTestId('btn-confirm-link').click();
			await expect(page.getByTestId('link-done')).toBeVisible();
			await expectScreen(laptop.page, 'home');
			await page.getByTestId('btn-devices').click();
			await expect(page.getByTestId('list-devices').getByRole('listitem')).toHaveCount(2);
			await expect(page.getByTestId('notice-only-copy')).toHaveCount(0);
		}
	);

	const on = laptop.page;
	await step('the second device shows everything', async () => {
		await expectAccessible(on, 'home on the second device');
		await nav(on, 'contacts').click();
		await on.getByTestId(`row-contact-${relationshipId}`).click();
		await expect(on.getByTestId('status-active')).toBeVisible();
		await nav(on, 'mail').click();
		await expect(on.getByTestId('list-mail')).toContainText('Welcome');
		await expect(on.getByTestId('list-mail')).toContainText('Thank you');
		await nav(on, 'data').click();
		await expectScreen(on, 'data');
		await expect(screen(on, 'data')).toContainText('Mirela');
		await expect(screen(on, 'data')).toContainText('Ionescu');
		await expectAccessible(on, 'my data');
		await nav(on, 'requests').click();
		await expectScreen(on, 'requests');
		await expectAccessible(on, 'requests');
	});

	/** Writes a new version of an own value through the screens. */
	const edit = async ({ page: at }: Device, type: string, from: string, to: string) => {
		await nav(at, 'data').click();
		await screen(at, 'data').getByText(from, { exact: true }).click();
		await at.getByTestId('btn-edit').click();
		await at.getByTestId(`field-${type}`).fill(to);
		await at.getByTestId('btn-save').click();
		await expect(at.getByTestId('attribute-value')).toHaveText(to);
	};
	const rename = async ({ page: at }: Device, name: string) => {
		await nav(at, 'contacts').click();
		await at.getByTestId(`row-contact-${relationshipId}`).click();
		await at.getByTestId('btn-rename').click();
		await at.getByTestId('field-contactName').fill(name);
		await at.getByTestId('btn-save').click();
		await expect(at.getByRole('heading', { level: 1, name })).toBeVisible();
	};

	await step('both go offline and edit different and same fields', async () => {
		await expectUpToDate(page);
		await phone.cut();
		await laptop.cut();
		await edit(phone, 'GivenName', 'Mirela', 'Mirela Ana');
		await edit(laptop, 'Surname', 'Ionescu', 'Ionescu-Berg');
		await edit(laptop, 'GivenName', 'Mirela', 'Mirela Maria');
		await rename(phone, 'Town hall');
		await rename(laptop, 'City of Demo');
		await expectAccessible(page, 'contact while offline');
		await nav(page, 'home').click();
		await expect(page.locator('[data-testid="sync-pill"]').first()).toHaveAttribute('data-state', 'offline');
	});

	const seen = async ({ page: at }: Device) => {
		await nav(at, 'data').click();
		await expectScreen(at, 'data');
		const data = await screen(at, 'data').innerText();
		await nav(at, 'contacts').click();
		const contact = await at.getByTestId(`row-contact-${relationshipId}`).innerText();
		return {
			given: ['Mirela Ana', 'Mirela Maria'].filter((name) => data.includes(name)),
			surname: data.includes('Ionescu-Berg'),
			contact: ['Town hall', 'City of Demo'].filter((name) => contact.includes(name))
		};
	};
	await step('back online, both agree', async () => {
		await phone.restore();
		await laptop.restore();
		await expectUpToDate(page);
		await expectUpToDate(on);
		await expect(async () => {
			const [a, b] = [await seen(phone), await seen(laptop)];
			expect(a).toEqual(b);
			expect(a).toMatchObject({ surname: true, given: [expect.any(String)], contact: [expect.any(String)] });
		}).toPass({ timeout: 60_000 });
		await nav(page, 'home').click();
		await expectAccessible(page, 'home');
	});

	await step('without a network, after the browser was killed, the App shows all its data', async () => {
		const before = await seen(phone);
		await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
		await phone.cut();
		await (phone as Awaited<ReturnType<typeof lastingDevice>>).kill();
		phone = await (phone as Awaited<ReturnType<typeof lastingDevice>>).again();
		phone.guard.expectOffline();
		await phone.page.goto('/');
		await expectScreen(phone.page, 'home');
		expect(await seen(phone)).toEqual(before);
		await nav(phone.page, 'mail').click();
		await expect(phone.page.getByTestId('list-mail')).toContainText('Thank you');
		await phone.page.getByTestId(`row-message-${mailId}`).click();
		await expect(phone.page.getByTestId('mail-body')).toContainText('Bring your passport.');
		await expectAccessible(phone.page, 'mail after a restart without a network');
	});
});
