// From the reports of three test programs to one line. A program that ends badly without naming a failed test counts as one
// failure: nothing that crashed may look like success.
import * as v from 'valibot';

export interface Counts {
	passed: number;
	failed: number;
	skipped: number;
}

const vitestReport = v.object({
	numPassedTests: v.number(),
	numFailedTests: v.number(),
	numPendingTests: v.number(),
	numTodoTests: v.optional(v.number(), 0),
	testResults: v.array(v.object({ status: v.string(), assertionResults: v.array(v.object({ status: v.string() })) }))
});

/** Vitest's JSON report; a file that could not be loaded has no tests of its own and counts as one failure. */
export function vitestCounts(report: unknown): Counts {
	const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = v.parse(
		vitestReport,
		report
	);
	const broken = testResults.filter(
		(file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')
	).length;
	return { passed: numPassedTests, failed: numFailedTests + broken, skipped: numPendingTests + numTodoTests };
}

const playwrightReport = v.object({
	stats: v.object({ expected: v.number(), unexpected: v.number(), flaky: v.number(), skipped: v.number() }),
	errors: v.optional(v.array(v.unknown()), [])
});

/** Playwright's JSON report; a test that passed only the second time has failed. */
export function playwrightCounts(report: unknown): Counts {
	const { stats, errors } = v.parse(playwrightReport, report);
	return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped: stats.skipped };
}

/** The simulation's last `sim: N passed, N failed`, or undefined when it never got there. */
export function simCounts(output: string): Counts | undefined {
	const last = [...output.matchAll(/^sim: (\d+) passed, (\d+) failed/gm)].at(-1);
	return last && { passed: Number(last[1]), failed: Number(last[2]), skipped: 0 };
}

/** What a program counts for, given its report (undefined: there is none) and its exit code. */
export function settled(counts: Counts | undefined, code: number): Counts {
	if (!counts) return { passed: 0, failed: 1, skipped: 0 };
	return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

export function sum(all: Counts[]): Counts {
	const add = (pick: (counts: Counts) => number) => all.reduce((total, counts) => total + pick(counts), 0);
	return { passed: add((c) => c.passed), failed: add((c) => c.failed), skipped: add((c) => c.skipped) };
}

/** The line everything ends with. */
export function line({ passed, failed, skipped }: Counts): string {
	return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
