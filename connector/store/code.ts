/** Which code computed the rows of a view: its fingerprint. Another version folds the log again, so no row is older than its rules. */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../crdt');

/** SHA-256 over everything the fold may be made of. */
export function codeVersion(): string {
	const hash = createHash('sha256');
	const files = globSync('**/*.ts', {
		cwd: FOLDER,
		exclude: (name) => /(^|\/)(node_modules|sim|testing|vectors)$|\.test\.ts$/.test(name)
	});
	for (const file of files.sort())
		hash.update(file)
			.update('\0')
			.update(readFileSync(join(FOLDER, file)))
			.update('\0');
	return hash.digest('base64url');
}
