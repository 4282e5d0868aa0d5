// npm test: builds the App, then runs the tests of every folder, the simulation and the browser journeys, one after the other so
// that each has both cores, and adds them up. `npm test -- unit|sim|e2e` runs only those.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBrokers } from './brokers.ts';
import { type Counts, line, playwrightCounts, settled, simCounts, sum, vitestCounts } from './counts.ts';
import { buildApp } from './generated.ts';
import { ensureChromium, ensureStrace } from './machine.ts';
import { run } from './processes.ts';

/** No step may hang for ever; together they are to stay under ten minutes on two cores, each alone has air for a busy machine. */
const LIMIT_MS = 20 * 60_000;
const SEEDS = process.env['SIM_SEEDS'] ?? '800';
/** What one process compiled the next need not: several hundred are started. */
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../node_modules/.cache/node');
const FAILED: Counts = { passed: 0, failed: 1, skipped: 0 };

const reports = mkdtempSync(join(tmpdir(), 'proof-'));
process.on('exit', () => rmSync(reports, { recursive: true, force: true }));

/** Reads a report; one that is missing or malformed is no report. */
function report(name: string, counts: (json: unknown) => Counts): Counts | undefined {
	try {
		return counts(JSON.parse(readFileSync(join(reports, name), 'utf8')));
	} catch {
		return undefined;
	}
}

async function build(): Promise<Counts> {
	const trouble = await buildApp({ always: true });
	if (trouble === undefined) return { passed: 0, failed: 0, skipped: 0 };
	console.error(trouble);
	return FAILED;
}

async function unit(): Promise<Counts> {
	const strace = await ensureStrace();
	if (!strace) console.error('strace is missing and could not be installed; the test of the write order will fail.');
	const brokers = await ensureBrokers();
	if (brokers.missing.length > 0)
		console.error(`No ${brokers.missing.join(', ')} here; tests that need one are counted as skipped.`);
	const { code } = await run(
		'vitest',
		['run', '--reporter=default', '--reporter=json', `--outputFile.json=${join(reports, 'unit.json')}`],
		{ show: true, limitMs: LIMIT_MS, env: { STRACE: strace } }
	);
	await brokers.stop();
	return settled(report('unit.json', vitestCounts), code);
}

async function sim(): Promise<Counts> {
	let output = '';
	const { code } = await run(process.execPath, ['trials/sim.ts', '--seeds', SEEDS, '--mutants', '--hostile'], {
		show: true,
		limitMs: LIMIT_MS,
		onOutput: (chunk) => (output += chunk)
	});
	return settled(simCounts(output), code);
}

async function e2e(): Promise<Counts> {
	const chromium = await ensureChromium();
	if (!chromium) {
		console.error(
			'No Chromium on this machine, and none could be installed. Install one, or name it: CHROMIUM=/path npm test'
		);
		return FAILED;
	}
	const { code } = await run('playwright', ['test', '--reporter=list,json'], {
		show: true,
		limitMs: LIMIT_MS,
		env: { CHROMIUM: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: join(reports, 'e2e.json') }
	});
	return settled(report('e2e.json', playwrightCounts), code);
}

const steps = { build, unit, sim, e2e };
type Step = keyof typeof steps;
const isStep = (word: string): word is Step => Object.hasOwn(steps, word);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((word) => !isStep(word));
if (unknown.length > 0) {
	console.error(`Unknown part: ${unknown.join(', ')}. Known: ${Object.keys(steps).join(', ')}.`);
	process.exit(2);
}
const chosen = wanted.length > 0 ? wanted.filter(isStep) : (Object.keys(steps) as Step[]);
// The browser sees what was built, so what is tested there is built first.
if (chosen.includes('e2e') && !chosen.includes('build')) chosen.unshift('build');

const all: { name: Step; counts: Counts; seconds: number }[] = [];
for (const name of chosen) {
	console.log(`\n── ${name} ──`);
	const began = Date.now();
	const counts = await steps[name]();
	all.push({ name, counts, seconds: Math.round((Date.now() - began) / 1000) });
}

console.log('');
for (const { name, counts, seconds } of all)
	console.log(`${name.padEnd(6)} ${String(seconds).padStart(4)} s   ${line(counts)}`);
const total = sum(all.map(({ counts }) => counts));
console.log(`\n${line(total)}`);
process.exit(total.failed > 0 ? 1 : 0);
