/** All figures of bench/README.md, one programme after the other: they would disturb each other. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

let failed = false;
for (const programme of ['ingest.ts', 'app.ts', 'rest.ts', 'scale.ts']) {
	const { status } = spawnSync(
		process.execPath,
		[resolve(import.meta.dirname, programme), ...process.argv.slice(2)],
		{ stdio: 'inherit' }
	);
	failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
