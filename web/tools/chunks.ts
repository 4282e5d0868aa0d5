/**
 * What comes to the browser together. Left alone, the build makes a file of whatever the same screens share: nearly seventy for a
 * first look at home, most of them smaller than the question for them. These are the parts people meet together; what is only
 * needed when somebody does something (fill in a form, film a code) stays apart, and so does what only one screen has.
 *
 *   every screen       core (svelte, kit, comlink) · ui (components, icons, the first words, the way to the vault)
 *   inside a profile   + words (all others, both languages) · cards
 *   on demand          + forms · scan
 *
 * A part takes along what its files import, so a file must stand in the first part whose screens need it.
 */
const lib = (...paths: string[]): string => String.raw`web[\\/]src[\\/]lib[\\/](?:${paths.join('|')})`;
const FORMS = [
	'RequestItem',
	'AskedValue',
	'ConsentText',
	'FormFieldInput',
	'ReviewSheet',
	String.raw`values[\\/][VF]\w+(?:Fields|Editor|Field)\b`
];
const SCAN = ['Camera', 'ReferenceInput', 'PasswordPrompt', 'DeviceLink', 'LinkDevices'];
/** Words of the screens before there is a profile, and of what stands around every screen. */
const FIRST_WORDS = 'error_page|legal|new|start|terms|theme|ui|update|welcome';

const parts: readonly (readonly [name: string, ...tests: string[]])[] = [
	['core', String.raw`node_modules[\\/](?:svelte|@sveltejs|comlink|esm-env|devalue|clsx)[\\/]`],
	[
		'ui',
		'@lucide',
		lib(String.raw`paraglide[\\/](?:runtime|registry|messages[\\/](?:${FIRST_WORDS})[_.])`),
		lib(
			String.raw`ui[\\/](?!Qr)`,
			String.raw`vault[\\/](?:client|broadcast|reference)`,
			String.raw`(?:prefs|now|safety|Outside|DeviceSwitches)\.`
		)
	],
	['words', lib(String.raw`paraglide[\\/]`)],
	['cards', lib(String.raw`cards[\\/](?!${[...FORMS, ...SCAN].join('|')})`, String.raw`vault[\\/]`), 'SyncPill'],
	['forms', lib(String.raw`cards[\\/](?:${FORMS.join('|')})`)],
	['scan', lib(String.raw`cards[\\/](?:${SCAN.join('|')})`, String.raw`(?:scan|openReference|linking)\.`)]
];

/** In the words of the build: the first that fits is taken. */
export const chunks = parts.map(([name, ...tests], i) => ({
	name,
	test: new RegExp(tests.join('|')),
	priority: parts.length - i
}));
