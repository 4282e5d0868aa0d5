/**
 * What belongs to this device and is no secret: theme, language, which version of the terms was accepted. Kept in a small Yjs
 * document by y-indexeddb (one value a field, tabs merge), told to other tabs over a channel, and mirrored in localStorage for
 * boot.js, which needs it before the first paint. Yjs itself is loaded only after that.
 */
import { browser } from '$app/environment';
import { baseLocale, isLocale, overwriteGetLocale, type Locale } from '$lib/paraglide/runtime.js';
import type { Doc } from 'yjs';

export const THEMES = ['system', 'light', 'dark', 'black'] as const;
export type Theme = (typeof THEMES)[number];

/** The version of the terms a person accepts now (routes/legal). Raising it asks again. */
export const TERMS_VERSION = '2026-11';

const MIRROR = { theme: 'theme', locale: 'PARAGLIDE_LOCALE', terms: 'terms', termsAt: 'termsAt' } as const;
type Field = keyof typeof MIRROR;

const mirrored = (field: Field): string | undefined => (browser && localStorage.getItem(MIRROR[field])) || undefined;

function firstLocale(): Locale {
	const kept = mirrored('locale');
	if (isLocale(kept)) return kept;
	const wanted = browser ? navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()) : [];
	return wanted.find(isLocale) ?? baseLocale;
}
const isTheme = (value: unknown): value is Theme => THEMES.includes(value as Theme);

class Preferences {
	theme = $state<Theme>('system');
	locale = $state<Locale>(baseLocale);
	terms = $state<string | undefined>();
	termsAt = $state<string | undefined>();
	#document: Doc | undefined;
	/** Chosen before the document was there: newer than what it holds. */
	readonly #early = new Map<Field, string>();

	constructor() {
		const theme = mirrored('theme');
		if (isTheme(theme)) this.theme = theme;
		this.locale = firstLocale();
		this.terms = mirrored('terms');
		this.termsAt = mirrored('termsAt');
		overwriteGetLocale(() => this.locale);
		if (browser) {
			this.#show();
			// After the first screen: nothing on it waits for this.
			setTimeout(() => void this.#connect(), 1500);
		}
	}

	get termsAccepted(): boolean {
		return this.terms === TERMS_VERSION;
	}

	set(field: Field, value: string): void {
		this.#take(field, value);
		if (this.#document) this.#document.getMap('preferences').set(field, value);
		else this.#early.set(field, value);
	}
	acceptTerms(): void {
		this.set('terms', TERMS_VERSION);
		this.set('termsAt', new Date().toISOString());
	}

	#take(field: Field, value: unknown): void {
		if (typeof value !== 'string') return;
		if (field === 'theme' && isTheme(value)) this.theme = value;
		if (field === 'locale' && isLocale(value)) this.locale = value;
		if (field === 'terms') this.terms = value;
		if (field === 'termsAt') this.termsAt = value;
		localStorage.setItem(MIRROR[field], value);
		this.#show();
	}
	#show(): void {
		const root = document.documentElement;
		root.dataset.theme = this.theme;
		root.lang = this.locale;
	}

	async #connect(): Promise<void> {
		const [yjs, { IndexeddbPersistence }] = await Promise.all([import('yjs'), import('y-indexeddb')]);
		const doc = new yjs.Doc();
		const fields = doc.getMap('preferences');
		const kept = new IndexeddbPersistence('device-preferences', doc);
		await kept.whenSynced;
		for (const [field, value] of this.#early) fields.set(field, value);
		for (const field of Object.keys(MIRROR) as Field[]) {
			const value = fields.get(field);
			if (value !== undefined) this.#take(field, value);
			else if (mirrored(field)) fields.set(field, mirrored(field));
		}
		fields.observe((event) => {
			for (const field of event.keysChanged) this.#take(field as Field, fields.get(field));
		});
		const tabs = new BroadcastChannel('enmeshed-preferences');
		doc.on('update', (update: Uint8Array, origin: unknown) => {
			if (origin !== tabs) tabs.postMessage(update);
		});
		tabs.onmessage = ({ data }) => yjs.applyUpdate(doc, data as Uint8Array, tabs);
		this.#document = doc;
	}
}

export const prefs = new Preferences();
