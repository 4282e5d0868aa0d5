/** The way from the first look to a shared answer with nothing but a keyboard: every step is reached by Tab and can be seen. */
import type { Page } from '@playwright/test';
import { createTemplate, expect, test } from './fixtures.ts';
import { expectScreen } from './screens.ts';

/** More steps than any screen has. */
const PATIENCE = 60;

/** Tabs on until it is there; wherever the focus stands on the way, it can be seen. */
async function tabTo(page: Page, testid: string): Promise<void> {
	await expect(page.getByTestId(testid).filter({ visible: true }).first()).toBeVisible();
	for (let i = 0; i < PATIENCE; i++) {
		await page.keyboard.press('Tab');
		const at = await page.evaluate(() => {
			const element = document.activeElement as HTMLElement;
			const shows = [element, element.parentElement, element.nextElementSibling].some((one) => {
				if (!(one instanceof HTMLElement)) return false;
				const { outlineStyle, outlineWidth } = getComputedStyle(one);
				return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
			});
			return {
				testid: element.dataset['testid'],
				tag: element.tagName,
				html: element.outerHTML.slice(0, 120),
				shows
			};
		});
		if (at.tag !== 'BODY') expect.soft(at.shows, `the focus can be seen on ${at.html}`).toBe(true);
		if (at.testid === testid) return;
	}
	throw new Error(`Tab never came to ${testid}`);
}
const press = async (page: Page, testid: string) => {
	await tabTo(page, testid);
	await page.keyboard.press('Enter');
};
const tick = async (page: Page, testid: string) => {
	await tabTo(page, testid);
	await page.keyboard.press('Space');
	await expect(page.getByTestId(testid)).toBeChecked();
};

for (const { name, width, height } of [
	{ name: 'a phone', width: 390, height: 844 },
	{ name: 'a wide screen', width: 1280, height: 800 }
])
	test(`from the first look to a shared answer by keyboard alone, on ${name}`, async ({
		world: { city },
		device
	}) => {
		const { page } = await device({ viewport: { width, height } });
		const template = await createTemplate(city);
		await page.goto('/');
		await press(page, 'btn-start');
		await press(page, 'btn-start-new');
		await expectScreen(page, 'terms');
		await tick(page, 'field-terms');
		await press(page, 'btn-continue');
		await expectScreen(page, 'new-profile');
		// The field has the focus already, or is the first thing to come to.
		if (!(await page.locator('[data-testid="field-profileName"]:focus').count()))
			await tabTo(page, 'field-profileName');
		await page.keyboard.type('Mirela');
		await page.keyboard.press('Enter');
		await expectScreen(page, 'home');

		await press(page, width < 720 ? 'nav-scan' : 'rail-scan');
		await expectScreen(page, 'scan');
		await tabTo(page, 'field-reference');
		await page.keyboard.insertText(template.reference.url);
		await page.keyboard.press('Enter');
		await expectScreen(page, 'request');
		await expect(page.getByRole('heading', { level: 1 })).toBeFocused();

		for (const [item, value] of [
			['1.1', 'Mirela'],
			['1.2', 'Ionescu']
		] as const) {
			await press(page, `item-${item}-add`);
			// The form that opened has the focus; Enter takes the value.
			await expect(page.locator(`[data-testid="item-${item}"] form :focus`)).toHaveCount(1);
			await page.keyboard.type(value);
			await page.keyboard.press('Enter');
			await expect(page.getByTestId(`item-${item}-value`)).toContainText(value);
		}
		await tick(page, 'item-2-accept');
		await press(page, 'btn-review');
		await expectScreen(page, 'review');
		await press(page, 'btn-share');
		await expect(page.getByTestId('request-state')).toBeVisible();
		await expect(page.locator('[data-detail] h1')).toBeFocused();
	});
