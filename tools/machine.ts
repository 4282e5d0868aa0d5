// Programs the tests need and npm cannot bring: a Chromium and strace. One that is there is used; else Debian's package where we
// may install it; else, for Chromium, the test framework's own download. Anything else is said plainly and fails the run.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { run } from './processes.ts';

const CHROMIUMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The first of these names that PATH leads to. */
export function findProgram(names: string[], path = process.env['PATH'] ?? ''): string | undefined {
	const candidates = names.flatMap((name) =>
		isAbsolute(name) ? [name] : path.split(delimiter).map((folder) => join(folder, name))
	);
	return candidates.find((file) => {
		try {
			accessSync(file, constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}

export async function installByApt(name: string): Promise<boolean> {
	if (process.getuid?.() !== 0 || !findProgram(['apt-get'])) return false;
	console.log(`Installing ${name} by apt-get …`);
	const env = { DEBIAN_FRONTEND: 'noninteractive' };
	// A stale package list is no reason to stop: the install decides.
	await run('apt-get', ['update', '-qq'], { env });
	const { code, output } = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], { env });
	if (code !== 0) console.error(output.trim().split('\n').slice(-5).join('\n'));
	return code === 0;
}

/** Path of a Chromium, or undefined when none can be had. */
export async function ensureChromium(): Promise<string | undefined> {
	const given = process.env['CHROMIUM'];
	const names = given ? [given] : CHROMIUMS;
	const present = findProgram(names);
	if (present || given) return present;
	if (await installByApt('chromium')) return findProgram(names);
	console.log('Downloading Chromium by the test framework …');
	const { code, output } = await run('playwright', ['install', 'chromium']);
	if (code !== 0) console.error(output.trim().split('\n').slice(-5).join('\n'));
	const { chromium } = await import('playwright');
	const downloaded = chromium.executablePath();
	return existsSync(downloaded) ? downloaded : undefined;
}

/** Path of strace, or undefined when it cannot be had (it exists for Linux only). */
export async function ensureStrace(): Promise<string | undefined> {
	const names = [process.env['STRACE'] ?? 'strace'];
	return findProgram(names) ?? ((await installByApt('strace')) ? findProgram(names) : undefined);
}
