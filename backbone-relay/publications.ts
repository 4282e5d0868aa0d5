/**
 * What the operator publishes (PROTOCOL.md §4.2): announcements, the tags of attribute values, notification codes. Plain
 * JSON, no secret, the same for everybody but announcements that name their recipients. This file says what is right; where
 * it comes from is folder.ts, who changes it admin.ts.
 */
import { isAddress, sha256, toBase64Url, utf8, type PublishedName } from '@enmeshed/crdt/wire';
import * as v from 'valibot';

/** Bounds of what an operator may publish: a screen's worth each, and a page a client fetches in one frame. */
export const PUBLICATION_LIMITS = {
	announcements: 1000,
	recipients: 100,
	actions: 10,
	displayName: 30,
	link: 300,
	iqlQuery: 1000,
	title: 200,
	body: 10_000,
	codes: 1000,
	fileBytes: 4 << 20
} as const;
const L = PUBLICATION_LIMITS;

/** JSON lists are objects to a record too. */
const plainObject = v.custom<{ readonly [name: string]: unknown }>(
	(value) => typeof value === 'object' && value !== null && !Array.isArray(value),
	'must be an object'
);

const languageCode = v.pipe(v.string(), v.regex(/^[a-z]{2}$/, 'must be a two-letter language code'));
const line = (max: number) =>
	v.pipe(
		v.string(),
		v.minLength(1, 'must not be empty'),
		v.maxLength(max, `must have at most ${max} characters`),
		v.regex(/^[^\r\n]*$/, 'must be one line')
	);
const withEnglish = <T extends v.GenericSchema>(text: T) =>
	v.pipe(
		v.record(languageCode, text),
		v.check((texts) => Object.hasOwn(texts, 'en'), 'must have an English text (en)')
	);
const dateText = v.pipe(
	v.string(),
	v.check((text) => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)), 'must be an ISO date')
);

const texts = withEnglish(
	v.strictObject({
		title: line(L.title),
		body: v.pipe(v.string(), v.minLength(1, 'must not be empty'), v.maxLength(L.body))
	})
);

const announcement = v.pipe(
	v.strictObject({
		id: v.pipe(v.string(), v.regex(/^ANC[A-Za-z0-9]{17}$/, 'must be ANC and 17 letters or digits')),
		createdAt: dateText,
		expiresAt: v.optional(dateText),
		severity: v.picklist(['Low', 'Medium', 'High'], 'must be Low, Medium or High'),
		isSilent: v.optional(v.boolean(), false),
		texts,
		actions: v.optional(
			v.pipe(
				v.array(
					v.strictObject({
						displayName: withEnglish(line(L.displayName)),
						link: v.pipe(line(L.link), v.regex(/^https?:\/\/\S+$/, 'must be a URL of the web'))
					})
				),
				v.maxLength(L.actions)
			),
			[]
		),
		iqlQuery: v.optional(line(L.iqlQuery)),
		/** Addresses; absent: everybody. */
		recipients: v.optional(
			v.pipe(
				v.array(v.pipe(v.string(), v.check(isAddress, 'must be an address'))),
				v.minLength(1, 'must name somebody, or be left out'),
				v.maxLength(L.recipients)
			)
		)
	}),
	v.check(
		({ iqlQuery, isSilent }) => iqlQuery === undefined || isSilent,
		'iqlQuery: only a silent one may have a query'
	)
);
export type Announcement = v.InferOutput<typeof announcement>;

export interface Tag {
	readonly displayNames: { readonly [language: string]: string };
	readonly children?: { readonly [name: string]: Tag } | undefined;
}
const tagName = v.pipe(v.string(), v.regex(/^[^:\s]{1,100}$/, 'must have no colon and no blank'));
const tag: v.GenericSchema<unknown, Tag> = v.strictObject({
	displayNames: v.record(languageCode, line(L.title)),
	children: v.optional(
		v.record(
			tagName,
			v.lazy(() => tag)
		)
	)
});

/** Tags nest this deep at most: a frame holds no more containers in each other. */
const DEPTH = 20;
const isShallow = ({ children }: Tag, limit = DEPTH): boolean =>
	limit > 0 && Object.values(children ?? {}).every((child) => isShallow(child, limit - 1));

const namesAll = (languages: readonly string[], { displayNames, children }: Tag): boolean =>
	languages.every((language) => Object.hasOwn(displayNames, language)) &&
	Object.values(children ?? {}).every((child) => namesAll(languages, child));

const tags = v.pipe(
	v.strictObject({
		supportedLanguages: v.pipe(v.array(languageCode), v.minLength(1, 'must name a language')),
		tagsForAttributeValueTypes: v.record(v.pipe(v.string(), v.regex(/^[A-Za-z]{1,100}$/)), v.record(tagName, tag))
	}),
	v.check(
		({ tagsForAttributeValueTypes }) =>
			Object.values(tagsForAttributeValueTypes).every(
				(first) => !Object.keys(first).some((name) => /^x$/i.test(name))
			),
		'a tag of the first level must not be x, which is for custom tags'
	),
	v.check(
		({ tagsForAttributeValueTypes }) =>
			Object.values(tagsForAttributeValueTypes).every((first) =>
				Object.values(first).every((each) => isShallow(each))
			),
		`tags must not be nested deeper than ${DEPTH}`
	),
	v.check(
		({ supportedLanguages, tagsForAttributeValueTypes }) =>
			Object.values(tagsForAttributeValueTypes).every((first) =>
				Object.values(first).every((each) => namesAll(supportedLanguages, each))
			),
		'every tag must be named in every supported language'
	)
);
export type TagCollection = v.InferOutput<typeof tags>;

const codes = v.pipe(
	plainObject,
	v.record(v.pipe(v.string(), v.regex(/^[\w.:-]{1,100}$/, 'must be letters, digits, and _ . : -')), texts),
	v.check((all) => Object.keys(all).length <= L.codes, `must be at most ${L.codes} codes`)
);
export type NotificationCodes = v.InferOutput<typeof codes>;

const announcements = v.pipe(
	v.array(announcement),
	v.maxLength(L.announcements, `must be at most ${L.announcements}`),
	v.check((all) => new Set(all.map(({ id }) => id)).size === all.length, 'an id must not come twice')
);

export interface Publication {
	readonly announcements: readonly Announcement[];
	readonly tags: TagCollection;
	readonly codes: NotificationCodes;
}

export interface Publications {
	/** The newest that was right. */
	current(): Publication;
	/** Called with what changed; at most one listener. */
	onChange(listener: (name: PublishedName) => void): void;
}

const SCHEMAS = { announcements, tags, codes } as const;

/** A publication from JSON, or where it is wrong and how, in one line. */
export function parsePublication<N extends PublishedName>(
	name: N,
	json: unknown
): { ok: true; value: Publication[N] } | { ok: false; problem: string } {
	const parsed = v.safeParse(SCHEMAS[name] as v.GenericSchema, json);
	if (parsed.success) return { ok: true, value: parsed.output as Publication[N] };
	const issue = parsed.issues[0];
	const place = v.getDotPath(issue);
	return { ok: false, problem: place === null ? issue.message : `${place}: ${issue.message}` };
}

/** The text of a code in every language; undefined when the operator has no such code. */
export const textsOf = (publications: Publications, code: string): NotificationCodes[string] | undefined => {
	const { codes } = publications.current();
	return Object.hasOwn(codes, code) ? codes[code] : undefined;
};

/** What one reader sees: announcements for everybody and those that name its address, without saying who else is named. */
export function publicationFor(publications: Publications, name: PublishedName, address?: string | undefined): object {
	const current = publications.current();
	if (name !== 'announcements') return current[name];
	return current.announcements
		.filter(({ recipients }) => !recipients || (address !== undefined && recipients.includes(address)))
		.map(({ recipients: _recipients, ...shown }) => shown);
}

/** The same value has the same tag, wherever and whenever it is asked for. */
export function etagOf(value: object): string {
	const known = etags.get(value);
	if (known) return known;
	const etag = toBase64Url(sha256(utf8(JSON.stringify(value)))).slice(0, 22);
	etags.set(value, etag);
	return etag;
}
const etags = new WeakMap<object, string>();

const named = (en: string, de: string, children?: { readonly [name: string]: Tag }): Tag => ({
	displayNames: { en, de },
	...(children ? { children } : {})
});

/** What a relay publishes by itself, so that every function can be tried: what no file of CONFIG_DIR says is as here. */
const DEFAULTS: Publication = {
	announcements: [],
	tags: {
		supportedLanguages: ['en', 'de'],
		tagsForAttributeValueTypes: {
			PhoneNumber: {
				emergency: named('Emergency contact', 'Notfallkontakt', {
					first: named('First', 'Erster'),
					second: named('Second', 'Zweiter')
				}),
				private: named('Private', 'Privat')
			},
			IdentityFileReference: {
				certificate: named('Certificate', 'Zeugnis', {
					school: named('School', 'Schule'),
					university: named('University', 'Hochschule')
				})
			}
		}
	},
	codes: {
		TestCode: {
			en: { title: 'Test', body: 'A test notification.' },
			de: { title: 'Test', body: 'Eine Testbenachrichtigung.' }
		}
	}
};

export const DEVELOPMENT: Publications = { current: () => DEFAULTS, onChange: () => undefined };
