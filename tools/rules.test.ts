// Negative controls for the rules of the house: every import rule and every purity rule is broken once, in a small copy of the
// tree, and must be the one that fires. A rule that cannot fail protects nothing.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import { Linter } from 'eslint';
import { afterAll, describe, expect, test } from 'vitest';
import { purityRules } from './purity.js';

interface Config {
	forbidden: (IForbiddenRuleType & { name: string })[];
	options: Record<string, unknown>;
}
const config = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as Config;

const temporary: string[] = [];
afterAll(() => temporary.forEach((folder) => rmSync(folder, { recursive: true })));

/** A tree that keeps every rule. Values are file contents; imports are written as in the product. */
const good: Record<string, string> = {
	'package.json': '{ "name": "house", "type": "module", "workspaces": ["crdt"] }',
	'crdt/package.json': `{ "name": "@enmeshed/crdt", "type": "module",
		"imports": { "#hash": { "node": "./crypto/hash.node.ts", "default": "./crypto/hash.web.ts" } },
		"exports": { ".": "./index.ts", "./wire": "./wire.ts", "./ports": "./ports.ts", "./sim": "./sim/world.ts" } }`,
	'crdt/index.ts': `export * from './sync/session.ts';`,
	'crdt/wire.ts': `export * from './codec/entry.ts'; export * from './crypto/verify.ts';`,
	'crdt/ports.ts': `export type Clock = () => number;`,
	'crdt/codec/entry.ts': `export const entry = 1;`,
	'crdt/codec/address.ts': `import '../crypto/hash.ts';`,
	'crdt/crypto/hash.ts': `export * from '#hash';`,
	'crdt/crypto/hash.node.ts': `import 'node:crypto'; export const hash = 1;`,
	'crdt/crypto/verify.ts': `export * from './hash.ts';`,
	'crdt/crypto/seal.ts': `import 'hpke'; export const seal = 1;`,
	'crdt/identity/chain.ts': `export * from '../crypto/seal.ts';`,
	'crdt/content/table.ts': `export * from '../codec/entry.ts';`,
	'crdt/relationship/fold.ts': `export * from '../identity/chain.ts';`,
	'crdt/request/fold.ts': `export * from '../relationship/fold.ts'; export * from '../content/table.ts';`,
	'crdt/sync/session.ts': `export * from '../request/fold.ts';`,
	'crdt/sim/world.ts': `export * from '../index.ts'; import 'node:fs'; import '../../backbone-relay/relay.ts';`,
	'crdt/vectors/make.ts': `import '../sync/session.ts'; import 'node:fs';`,
	'crdt/vectors/second.ts': `import 'node:crypto'; export const decode = 1;`,
	'crdt/sync/session.test.ts': `import '../sim/world.ts'; import 'node:fs'; import 'node:crypto';`,
	'backbone-relay/relay.ts': `import '@enmeshed/crdt/wire'; import 'node:fs';`,
	'connector/main.ts': `import '@enmeshed/crdt'; import type {} from '@enmeshed/crdt/ports';`,
	'web/src/lib/vault/worker.ts': `import '@enmeshed/crdt'; export const vault = 1;`,
	'web/src/lib/ui/button.ts': `export const button = 1;`,
	'web/src/lib/cards/contact.ts': `import type {} from '../vault/worker.ts'; import '../ui/button.ts';`,
	'trials/kill.ts': `import '../backbone-relay/relay.ts'; import '../crdt/sync/session.ts';`
};

/** One row per rule: the file that breaks it, and how. Two rows of one rule are two ways to break it. */
const offences: [rule: string, file: string, content: string][] = [
	['no-circular', 'crdt/codec/entry.ts', `import './ids.ts';`],
	['relay-only-wire', 'backbone-relay/spy.ts', `import '@enmeshed/crdt';`],
	['relay-only-wire', 'backbone-relay/spy.ts', `import type {} from '../crdt/ports.ts';`],
	['wire-cannot-open', 'crdt/crypto/verify.ts', `export * from './hash.ts'; export * from './seal.ts';`],
	['one-door', 'web/src/lib/vault/hatch.ts', `import '@enmeshed/crdt/wire';`],
	['one-door', 'connector/hatch.ts', `import '../crdt/codec/entry.ts';`],
	['engine-knows-no-host', 'crdt/sync/host.ts', `import '../../connector/main.ts';`],
	['hosts-meet-on-the-wire', 'connector/short-cut.ts', `import '../backbone-relay/relay.ts';`],
	['sim-is-for-proof', 'connector/toy.ts', `import '@enmeshed/crdt/sim';`],
	['second-decoder-stands-alone', 'crdt/vectors/second.ts', `import '../codec/entry.ts';`],
	['inside-not-through-the-door', 'crdt/sync/inside.ts', `import '../index.ts';`],
	['crypto-in-one-place', 'crdt/identity/own.ts', `import '@noble/hashes/sha2.js';`],
	['crypto-in-one-place', 'crdt/identity/own.ts', `import 'node:crypto';`],
	['engine-runs-anywhere', 'crdt/object/file.ts', `import 'node:fs';`],
	['ui-knows-no-domain-word', 'web/src/lib/ui/badge.ts', `import '../vault/worker.ts';`],
	['ui-knows-no-domain-word', 'web/src/lib/ui/badge.ts', `import type {} from '@enmeshed/crdt';`],
	['cards-know-no-network', 'web/src/lib/cards/row.ts', `import '../vault/worker.ts';`],
	['layer-codec', 'crdt/codec/up.ts', `import '../crypto/seal.ts';`],
	['layer-crypto', 'crdt/crypto/up.ts', `import '../identity/chain.ts';`],
	['layer-content-identity', 'crdt/identity/up.ts', `import type {} from '../relationship/fold.ts';`],
	['layer-relationship-message-object', 'crdt/message/up.ts', `import '../request/fold.ts';`],
	['layer-attribute-request-notification', 'crdt/attribute/up.ts', `import '../sync/session.ts';`]
];

/** Writes the tree with the changes and returns "rule file" for everything that fires. */
async function violations(changes: Record<string, string>): Promise<string[]> {
	const folder = mkdtempSync(join(tmpdir(), 'rules-'));
	temporary.push(folder);
	const files = { ...good, ...changes };
	for (const [file, content] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, file)), { recursive: true });
		writeFileSync(join(folder, file), content);
	}
	mkdirSync(join(folder, 'node_modules/@enmeshed'), { recursive: true });
	symlinkSync('../../crdt', join(folder, 'node_modules/@enmeshed/crdt'));
	const roots = [...new Set(Object.keys(files).map((file) => file.split('/')[0] ?? ''))].filter(
		(root) => !root.includes('.')
	);
	const { tsConfig: _, enhancedResolveOptions, ...options } = config.options;
	const result = await cruise(
		roots,
		{ ...options, baseDir: folder, validate: true, ruleSet: { forbidden: config.forbidden } },
		enhancedResolveOptions as object
	);
	return (result.output as ICruiseResult).summary.violations.map(
		(violation) => `${violation.rule.name} ${violation.from}`
	);
}

describe('import rules', () => {
	test('a tree that keeps them passes', async () => {
		expect(await violations({})).toEqual([]);
	});

	test('every rule has a row that breaks it', () => {
		expect(new Set(offences.map(([rule]) => rule))).toEqual(new Set(config.forbidden.map((rule) => rule.name)));
	});

	test.each(offences)('%s: %s is caught', async (rule, file, content) => {
		const changes: Record<string, string> = { [file]: content };
		if (rule === 'no-circular') changes['crdt/codec/ids.ts'] = `import './entry.ts';`;
		const found = await violations(changes);
		// The wire is named as the culprit of what is reachable from it, not the file in between.
		expect(found).toContain(`${rule} ${rule === 'wire-cannot-open' ? 'crdt/wire.ts' : file}`);
	});
});

describe('the engine has no world of its own', () => {
	const lint = (code: string) => new Linter().verify(code, { rules: purityRules }).map((message) => message.ruleId);

	test.each([
		'Date.now()',
		'new Date()',
		'Date()',
		'Math.random()',
		'fetch("x")',
		'setTimeout(f, 1)',
		'performance.now()',
		'crypto.subtle',
		'globalThis.crypto.subtle',
		'const { crypto } = globalThis',
		'indexedDB.open("x")',
		'new WebSocket("x")',
		'process.env'
	])('%s is refused', (code) => {
		expect(lint(code)).toHaveLength(1);
	});

	test.each(['new Date(0)', 'Math.floor(1)', 'port.crypto.seal()', 'clock.now()', 'queueMicrotask(f)'])(
		'%s is fine',
		(code) => {
			expect(lint(code)).toEqual([]);
		}
	);
});
