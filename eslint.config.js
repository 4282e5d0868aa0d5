// What the type checker cannot say: no promise left alone, no `any`, no raw HTML, keyed lists, and an engine without a world of
// its own (tools/purity.js). Formatting is Prettier's.
import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import svelteConfig from './svelte.config.js';
import { pure } from './tools/purity.js';

/** @type {import('eslint').Linter.RulesRecord} */
const typed = {
	'@typescript-eslint/await-thenable': 'error',
	'@typescript-eslint/no-floating-promises': 'error',
	'@typescript-eslint/no-misused-promises': 'error',
	'@typescript-eslint/only-throw-error': 'error',
	'@typescript-eslint/return-await': ['error', 'in-try-catch'],
	'@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }]
};

export default defineConfig(
	globalIgnores([
		'web/build',
		'web/.svelte-kit',
		'web/src/lib/paraglide',
		'data',
		'test-results',
		'screenshots',
		'connector/client/connector-client.ts'
	]),
	tseslint.configs.recommended,
	svelte.configs['flat/recommended'],
	svelte.configs['flat/prettier'],
	{
		languageOptions: { parserOptions: { tsconfigRootDir: import.meta.dirname } },
		linterOptions: { reportUnusedDisableDirectives: 'error' },
		rules: {
			eqeqeq: ['error', 'always'],
			'prefer-const': 'error',
			'@typescript-eslint/no-explicit-any': 'error',
			'@typescript-eslint/no-unused-vars': [
				'error',
				{ argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true }
			],
			'@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }]
		}
	},
	{
		files: ['{crdt,backbone-relay,connector,trials,bench,e2e,tools}/**/*.{ts,js}', '*.{ts,js}'],
		languageOptions: { parserOptions: { project: './tsconfig.node.json' } },
		rules: typed
	},
	{
		files: ['web/src/**/*.{ts,js,svelte}'],
		languageOptions: { parserOptions: { project: './tsconfig.json', extraFileExtensions: ['.svelte'] } },
		rules: {
			...typed,
			'no-restricted-syntax': [
				'error',
				{
					selector: 'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|srcdoc)$/]',
					message: 'Text from outside is never markup.'
				}
			]
		}
	},
	{
		files: ['web/src/**/*.svelte', 'web/src/**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: tseslint.parser, svelteConfig } },
		rules: {
			// `let { … } = $props()` is how Svelte is written; its own rule knows the runes.
			'prefer-const': 'off',
			'svelte/prefer-const': ['error', { destructuring: 'all' }],
			'svelte/no-at-html-tags': 'error',
			'svelte/require-each-key': 'error',
			'svelte/button-has-type': 'error',
			'svelte/no-target-blank': 'error',
			// Routes are absolute: the App always lives at the root of its origin.
			'svelte/no-navigation-without-resolve': 'off'
		}
	},
	{
		// The service worker has its own globals, hence its own (untyped) reading.
		files: ['web/src/service-worker/**', 'web/src/service-worker.ts', '**/*.cjs'],
		...tseslint.configs.disableTypeChecked,
		languageOptions: { parserOptions: { project: false, program: null } }
	},
	{ files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
	pure
);
