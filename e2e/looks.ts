/** Pictures of one state of a screen in both themes and sizes (screenshots/content/), and what a machine can judge of it. */
import type { Page } from '@playwright/test';
import { expect, expectAccessible } from './fixtures.ts';

const LOOKS = [
	{ theme: 'light', width: 390, height: 844 },
	{ theme: 'dark', width: 1280, height: 800 },
	{ theme: 'dark', width: 390, height: 844 },
	{ theme: 'light', width: 1280, height: 800 }
] as const;

/** The whole page in both themes and sizes; nothing to scroll sideways on the smallest phone, no finding of axe. */
export async function look(page: Page, name: string): Promise<void> {
	for (const { theme, width, height } of LOOKS) {
		await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
		await page.setViewportSize({ width, height });
		await page.screenshot({ path: `screenshots/content/${name}-${theme}-${width}.png`, fullPage: true });
	}
	await expectAccessible(page, name);
	await page.setViewportSize({ width: 320, height: 720 });
	const wider = await page.evaluate(
		() => document.documentElement.scrollWidth - document.documentElement.clientWidth
	);
	expect.soft(wider, `${name} at 320 px is wider by`).toBeLessThanOrEqual(0);
	await page.setViewportSize({ width: 390, height: 844 });
}
