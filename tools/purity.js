// What the engine may not touch: clock, chance, network and storage reach it through crdt/ports.ts only. The same list is read by
// eslint.config.js and by the test that proves it bites. crdt/crypto is exempt (it wraps the platform's own primitives), and so are
// tests and crdt/sim, which play the world.

const GLOBALS = [
	'fetch',
	'setTimeout',
	'setInterval',
	'setImmediate',
	'requestAnimationFrame',
	'performance',
	'crypto',
	'indexedDB',
	'caches',
	'localStorage',
	'sessionStorage',
	'WebSocket',
	'EventSource',
	'XMLHttpRequest',
	'BroadcastChannel',
	'Worker',
	'navigator',
	'process',
	'Temporal'
];

const byPort = 'The engine gets clock, chance, network and storage through crdt/ports.ts.';

/** @type {Record<string, ['error', ...unknown[]]>} */
export const purityRules = {
	'no-restricted-globals': ['error', ...GLOBALS.map((name) => ({ name, message: byPort }))],
	'no-restricted-syntax': [
		'error',
		{ selector: "MemberExpression[object.name='Date'][property.name='now']", message: byPort },
		{ selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: byPort },
		{ selector: "CallExpression[callee.name='Date']", message: byPort },
		{ selector: "MemberExpression[object.name='Math'][property.name='random']", message: byPort },
		{
			selector: `MemberExpression[object.name=/^(globalThis|self|window)$/][property.name=/^(${GLOBALS.join('|')})$/]`,
			message: byPort
		},
		{
			selector: `VariableDeclarator[init.name=/^(globalThis|self|window)$/] > ObjectPattern > Property[key.name=/^(${GLOBALS.join('|')})$/]`,
			message: byPort
		}
	]
};

export const pure = {
	files: ['crdt/**/*.ts'],
	ignores: ['crdt/sim/**', 'crdt/vectors/**', 'crdt/crypto/**', 'crdt/**/*.test.ts'],
	rules: purityRules
};
