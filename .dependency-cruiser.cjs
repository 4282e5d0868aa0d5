// Who may import whom (ARCHITECTURE.md), as a table a machine checks. The one that matters most is 'relay-only-wire': the relay
// cannot read what it stores, and the import graph shows it. tools/rules.test.ts breaks each rule once and expects it to fire.
//
//   codec (with keyless crypto: hash, verify) ← crypto ← content, identity ← relationship, message, object
//   ← attribute, request, notification ← sync
//   web, connector → crdt/index, crdt/ports      backbone-relay → crdt/wire      web/src/lib/ui → nothing of ours

/** Tests, the suites and doubles they share. */
const TEST = '(\\.test\\.ts|/suite\\.ts)$|/testing/';
/** What needs no key: hashes and signature checks, with their two platform halves each. The wire may reach it. */
const KEYLESS = 'crypto/(hash|verify)(\\.node|\\.web)?\\.ts';
const CRYPTO = '(^|node_modules/)(hpke|@noble|@panva)/|^(hpke|@noble/.+|@panva/.+)$|^(node:)?crypto$';

/** The engine's folders from the ground up; one may import those of its own row and of the rows before it. */
const LAYERS = [
	['codec'],
	['crypto'],
	['content', 'identity'],
	['relationship', 'message', 'object'],
	['attribute', 'request', 'notification'],
	['sync']
];

const layerRules = LAYERS.slice(0, -1).map((row, i) => {
	const above = LAYERS.slice(i + 1).flat();
	return {
		name: `layer-${row.join('-')}`,
		comment: `${row.join(', ')} must not know the layers above.`,
		severity: 'error',
		from: { path: `^crdt/(${row.join('|')})/`, pathNot: TEST },
		to: { path: `^crdt/(${above.join('|')})/`, ...(row.includes('codec') ? { pathNot: `^crdt/${KEYLESS}$` } : {}) }
	};
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
	forbidden: [
		{
			name: 'no-circular',
			comment: 'Two files that need each other are one idea in two places.',
			severity: 'error',
			// A simulated world, its actions and its invariants speak of one another by nature.
			from: { pathNot: '^crdt/sim/' },
			to: { circular: true }
		},
		{
			name: 'relay-only-wire',
			comment: 'The zero-knowledge border: of the engine the relay knows the wire format and nothing else.',
			severity: 'error',
			from: { path: '^backbone-relay/', pathNot: TEST },
			to: { path: '^crdt/', pathNot: '^crdt/wire\\.ts$' }
		},
		{
			name: 'wire-cannot-open',
			comment:
				'What crdt/wire.ts reaches, the relay reaches: codecs, hashes and signature checks, no keys, no opening.',
			severity: 'error',
			from: { path: '^crdt/wire\\.ts$' },
			to: {
				path: '^crdt/',
				pathNot: `^crdt/(wire\\.ts|codec/.+|${KEYLESS})$`,
				reachable: true
			}
		},
		{
			name: 'one-door',
			comment: 'App and Connector use the engine through crdt/index.ts (and the types of crdt/ports.ts).',
			severity: 'error',
			from: { path: '^(web|connector)/', pathNot: TEST },
			to: { path: '^crdt/', pathNot: '^crdt/(index|ports)\\.ts$' }
		},
		{
			name: 'engine-knows-no-host',
			comment: 'The engine runs in all of them and knows none.',
			severity: 'error',
			from: { path: '^crdt/', pathNot: [TEST, '^crdt/(sim|vectors)/'] },
			to: { path: '^(web|connector|backbone-relay|trials|bench|e2e|tools)/' }
		},
		{
			name: 'hosts-meet-on-the-wire',
			comment: 'App, Connector and relay are separate programmes; they share the engine, not each other.',
			severity: 'error',
			from: { path: '^(web|connector|backbone-relay)/', pathNot: TEST },
			to: { path: '^(web|connector|backbone-relay|trials|bench|e2e|tools)/', pathNot: '^$1/' }
		},
		{
			name: 'sim-is-for-proof',
			comment: 'The simulated world is for tests, trials and benches; a product that imports it is broken.',
			severity: 'error',
			from: { path: '^(crdt|web|connector|backbone-relay)/', pathNot: [TEST, '^crdt/(sim|vectors)/'] },
			to: { path: '^crdt/(sim|vectors)/' }
		},
		{
			name: 'second-decoder-stands-alone',
			comment: 'It is written from PROTOCOL.md alone; a line borrowed from the engine would prove nothing.',
			severity: 'error',
			from: { path: '^crdt/vectors/second\\.ts$' },
			to: { path: '^(crdt|node_modules)/|^(?!node:)[^/]+$', pathNot: '^(node:)?crypto$' }
		},
		{
			name: 'inside-not-through-the-door',
			comment: 'crdt/index.ts is for those outside; inside it would only make circles.',
			severity: 'error',
			from: { path: '^crdt/', pathNot: [TEST, '^crdt/sim/'] },
			to: { path: '^crdt/index\\.ts$' }
		},
		{
			name: 'crypto-in-one-place',
			comment:
				'Crypto libraries are imported in crdt/crypto only, so they can be reviewed and replaced in one place.',
			severity: 'error',
			from: { path: '^crdt/', pathNot: [TEST, '^crdt/(crypto|sim|vectors)/'] },
			to: { path: CRYPTO }
		},
		{
			name: 'engine-runs-anywhere',
			comment:
				'Node builtins would break the engine in a browser; the node halves in crdt/crypto (*.node.ts) may use them.',
			severity: 'error',
			from: { path: '^crdt/', pathNot: [TEST, '^crdt/(sim|vectors)/', '^crdt/crypto/[^/]+\\.node\\.ts$'] },
			to: { dependencyTypes: ['core'] }
		},
		{
			name: 'ui-knows-no-domain-word',
			comment:
				'Buttons and sheets know nothing of contacts and requests; texts come in as properties or messages.',
			severity: 'error',
			from: { path: '^web/src/lib/ui/' },
			to: { path: '^(crdt|web/src)/', pathNot: '^web/src/lib/(ui|paraglide)/' }
		},
		{
			name: 'cards-know-no-network',
			comment: 'Cards show the domain and say what was tapped; the page talks to the vault. Types may be shared.',
			severity: 'error',
			from: { path: '^web/src/lib/cards/' },
			to: { path: '^web/src/(lib/vault|routes|service-worker)/', dependencyTypesNot: ['type-only'] }
		},
		...layerRules
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		exclude: { path: '(^|/)(web/build|web/\\.svelte-kit|web/src/lib/paraglide|data|test-results)/' },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
		enhancedResolveOptions: {
			exportsFields: ['exports'],
			conditionNames: ['types', 'node', 'import', 'default'],
			mainFields: ['module', 'main', 'types'],
			extensions: ['.ts', '.js', '.svelte', '.svelte.ts', '.json']
		}
	}
};
