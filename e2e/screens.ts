/** How a person gets about in the App; one function per thing they do. Screens are known by their test ids (app-spec R8). */
import { expect, type Page } from '@playwright/test';

export const screen = (page: Page, name: string) => page.getByTestId(`screen-${name}`);
/** The navigation is a bar on a phone and a rail on wider screens. */
export const nav = (page: Page, place: string) =>
	page.locator(`[data-testid="nav-${place}"], [data-testid="rail-${place}"]`).filter({ visible: true }).first();

export async function expectScreen(page: Page, name: string): Promise<void> {
	await expect(screen(page, name)).toBeVisible();
}

/** From the welcome to the point where a name is asked. */
export async function acceptTerms(page: Page): Promise<void> {
	await expectScreen(page, 'terms');
	await expect(page.getByTestId('btn-continue')).toBeDisabled();
	await page.getByTestId('field-terms').check();
	await page.getByTestId('btn-continue').click();
}

export async function createProfile(page: Page, name: string): Promise<void> {
	await expectScreen(page, 'new-profile');
	await page.getByTestId('field-profileName').fill(name);
	await page.getByTestId('btn-create').click();
}

/** First start without a link: welcome, terms, name, home. */
export async function firstStart(page: Page, name: string): Promise<void> {
	await page.goto('/');
	await page.getByTestId('btn-start').click();
	await page.getByTestId('btn-start-new').click();
	await acceptTerms(page);
	await createProfile(page, name);
	await expectScreen(page, 'home');
}

/** Adds a missing value where a request asks for it. */
export async function answerInline(page: Page, path: string, type: string, value: string): Promise<void> {
	const item = page.getByTestId(`item-${path}`);
	const field = item.getByTestId(`field-${type}`);
	if (!(await field.isVisible())) await page.getByTestId(`item-${path}-add`).click();
	await field.fill(value);
	await page.getByTestId(`item-${path}-save`).click();
	await expect(page.getByTestId(`item-${path}-accept`)).toBeChecked();
}

/** Everything local has reached the relay, and the App says so. */
export async function expectUpToDate(page: Page): Promise<void> {
	const pill = page.locator('[data-testid="sync-pill"], [data-testid="rail-sync"]').filter({ visible: true }).first();
	await expect(pill).toHaveAttribute('data-state', 'upToDate', { timeout: 30_000 });
	await expect(pill).toHaveAttribute('data-waiting', '0');
}
