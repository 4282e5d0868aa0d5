/**
 * The operator's files (CONFIG_DIR): announcements.json, tags.json, codes.json, each read again when it changes. A file that
 * is not there leaves what a relay publishes by itself; one that is wrong is told in one line, and the last right one stays.
 */
import { readFileSync, statSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { PUBLISHED, type PublishedName } from '@enmeshed/crdt/wire';
import {
	DEVELOPMENT,
	parsePublication,
	PUBLICATION_LIMITS,
	type Publication,
	type Publications
} from './publications.ts';

export interface Folder extends Publications {
	/** Looks at once whether a file has changed. */
	check(): void;
	close(): void;
}

/** Where the files lie: CONFIG_DIR, or `config` in DATA_DIR. */
export const configDirOf = (dataDir: string, configDir: string | undefined): string =>
	configDir ?? join(dataDir, 'config');

export const fileOf = (folder: string, name: PublishedName): string => join(folder, `${name}.json`);

const MISSING = '';
/** A change is told by the system where it can; asking now and then finds it everywhere else. */
const EVERY_MS = 5000;
const SETTLE_MS = 50;

/** What a file is now, without reading it. */
function stampOf(path: string): string {
	try {
		const { mtimeMs, size, ino } = statSync(path);
		return `${mtimeMs}/${size}/${ino}`;
	} catch {
		return MISSING;
	}
}

/** A publication from a file, or one line that says what is wrong. */
export function readPublication<N extends PublishedName>(
	path: string,
	name: N
): { ok: true; value: Publication[N] } | { ok: false; problem: string } {
	try {
		const text = readFileSync(path, 'utf8');
		if (text.length > PUBLICATION_LIMITS.fileBytes) return { ok: false, problem: 'is too large' };
		return parsePublication(name, JSON.parse(text));
	} catch (error) {
		const why =
			error instanceof SyntaxError ? 'is no JSON' : `cannot be read (${(error as NodeJS.ErrnoException).code})`;
		return { ok: false, problem: why };
	}
}

/** `warn` gets one line for each wrong file, once per change. */
export function openFolder(folder: string, warn: (line: string) => void): Folder {
	const stamps = new Map<PublishedName, string>();
	let current: Publication = DEVELOPMENT.current();
	let listener: ((name: PublishedName) => void) | undefined;
	let watcher: FSWatcher | undefined;
	let soon: NodeJS.Timeout | undefined;

	function publish(name: PublishedName, value: Publication[PublishedName]): void {
		if (JSON.stringify(value) === JSON.stringify(current[name])) return;
		current = { ...current, [name]: value };
		listener?.(name);
	}

	function checkOne(name: PublishedName): void {
		const path = fileOf(folder, name);
		const stamp = stampOf(path);
		if (stamp === (stamps.get(name) ?? MISSING)) return;
		stamps.set(name, stamp);
		if (stamp === MISSING) return publish(name, DEVELOPMENT.current()[name]);
		const read = readPublication(path, name);
		if (read.ok) publish(name, read.value);
		else warn(`${path}: ${read.problem}. What was published before stays.`);
	}

	function check(): void {
		for (const name of PUBLISHED) checkOne(name);
		watchAgain();
	}

	/** The folder may come later, and go. */
	function watchAgain(): void {
		if (watcher) return;
		try {
			watcher = watch(folder, { persistent: false }, () => {
				clearTimeout(soon);
				soon = setTimeout(check, SETTLE_MS);
				soon.unref();
			});
			watcher.on('error', () => {
				watcher?.close();
				watcher = undefined;
			});
		} catch {
			watcher = undefined;
		}
	}

	check();
	const rounds = setInterval(check, EVERY_MS);
	rounds.unref();
	return {
		current: () => current,
		onChange: (to) => void (listener = to),
		check,
		close() {
			clearInterval(rounds);
			clearTimeout(soon);
			watcher?.close();
		}
	};
}
