/** Environment without what this test process was configured by; what was compiled before need not be again (tools/proof.ts). */
export const plainEnv = Object.fromEntries(
	['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE'].flatMap((name) => {
		const value = process.env[name];
		return value === undefined ? [] : [[name, value]];
	})
);
