// Journeys in a real Chromium against real processes. One at a time: each starts its own relay and Connector, and two cores are
// enough for one. Nothing is tried twice: a journey that passes now and then has failed.
//
//   CHROMIUM=/path                      another browser binary (else /usr/bin/chromium where it is, else the framework's own)
//   playwright test --reporter=list,json      PLAYWRIGHT_JSON_OUTPUT_FILE says where the report goes
//   APP_DIR=/path                       an App that is built already (else web/build, built when older than its sources)
import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';
import { chromiumArgs } from './e2e/browser.ts';

const executablePath = process.env['CHROMIUM'] ?? (existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : undefined);

export default defineConfig({
	testDir: 'e2e',
	outputDir: 'test-results',
	workers: 1,
	fullyParallel: false,
	retries: 0,
	forbidOnly: true,
	timeout: 180_000,
	expect: { timeout: 15_000 },
	reporter: 'list',
	use: {
		browserName: 'chromium',
		locale: 'en-GB',
		timezoneId: 'Europe/Berlin',
		trace: 'off',
		screenshot: 'only-on-failure',
		actionTimeout: 15_000,
		launchOptions: { ...(executablePath ? { executablePath } : {}), args: chromiumArgs }
	}
});
