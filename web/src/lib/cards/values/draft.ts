/** A form for a value: what stands in it, the value it means, and what is wrong with it, said next to the field. */
import type { Json, JsonObject } from '@enmeshed/crdt';
import { m } from '$lib/paraglide/messages.js';
import { decimalOf, integerOf } from '../formField.ts';
import { fileIdIn } from '$lib/vault/reference.ts';
import { jsonFault, type JsonFault } from './jsonText.ts';
import { fieldsOf, type FieldKind, type ValueField } from './types.ts';
import { xmlFault, type XmlFault } from './xmlText.ts';

/** Text for every field, whatever the type. */
export type Draft = { [field: string]: string };

export function draftOf(type: string, value?: JsonObject): Draft {
	return Object.fromEntries(fieldsOf(type).map((field) => [field.name, written(field.kind, value?.[field.name])]));
}
function written(kind: FieldKind, value: Json | undefined): string {
	if (typeof value === 'string' && kind !== 'json') return value;
	if (kind === 'json' || typeof value === 'object') return value === undefined ? '' : JSON.stringify(value, null, 2);
	return value === undefined ? '' : String(value);
}

/** The value a draft stands for; blank optional fields are left out. What `before` has besides the fields stays. */
export function valueOfDraft(type: string, draft: Draft, before: JsonObject = {}): JsonObject {
	const fields = fieldsOf(type);
	const beside = Object.entries(before).filter(([name]) => !fields.some((field) => field.name === name));
	const value: Record<string, Json> = { ...(Object.fromEntries(beside) as JsonObject), '@type': type };
	for (const { name, kind, optional } of fields) {
		const given = (draft[name] ?? '').trim();
		if (optional && !given) continue;
		value[name] = MEANT[kind]?.(given) ?? given;
	}
	return value;
}

/** What a text means, where it is not the text itself. */
const MEANT: { readonly [kind in FieldKind]?: (given: string) => Json } = {
	code: codeOf,
	day: Number,
	month: Number,
	year: Number,
	integer: integerOf,
	decimal: decimalOf,
	flag: (given) => given === 'true',
	json: (given) => JSON.parse(given) as Json,
	credential: (given) => (given.startsWith('{') ? (JSON.parse(given) as Json) : given)
};

function codeOf(text = ''): string {
	return text.replace(/\s/g, '').toUpperCase();
}

/** What is wrong, by field. Empty: nothing that a form can see. */
export function draftErrors(type: string, draft: Draft): { [field: string]: string } {
	const errors: { [field: string]: string } = {};
	for (const field of fieldsOf(type)) {
		const given = (draft[field.name] ?? '').trim();
		const error = given
			? (BY_NAME[field.name]?.(given) ?? BY_KIND[field.kind]?.(given, field))
			: field.optional
				? undefined
				: m.error_required({ field: field.label() });
		if (error) errors[field.name] = error;
	}
	if (type === 'BirthDate' && Object.keys(errors).length === 0) Object.assign(errors, dateErrors(draft));
	if (type === 'Consent' && draft['linkDisplayText']?.trim() && !draft['link']?.trim())
		errors['link'] ??= m.error_required({ field: m.field_link() });
	return errors;
}

type Check = (given: string, field: ValueField) => string | undefined;
const unless =
	(holds: RegExp, error: () => string): Check =>
	(given) =>
		holds.test(given) ? undefined : error();

const BY_NAME: { readonly [field: string]: (given: string) => string | undefined } = {
	iban: (given) => (/^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(codeOf(given)) ? undefined : m.error_iban()),
	bic: (given) => (/^[A-Z0-9]{8}([A-Z0-9]{3})?$/.test(codeOf(given)) ? undefined : m.error_bic()),
	houseNo: (given) => (/\d/.test(given) ? undefined : m.error_houseNo())
};
const BY_KIND: { readonly [kind in FieldKind]?: Check } = {
	email: unless(/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/, m.error_email),
	phone: unless(/^[\d+\-x#*()/[\] ]{3,100}$/, m.error_phone),
	url: unless(/^(\w+:\/\/)?[^\s/.]+(\.[^\s/.]+)+(:\d+)?(\/\S*)?$/, m.error_url),
	integer: (given) => (Number.isNaN(integerOf(given)) ? m.form_integer() : undefined),
	decimal: (given) => (Number.isNaN(decimalOf(given)) ? m.form_number() : undefined),
	color: unless(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i, m.error_color),
	json: jsonError,
	xml: (given, { max }) => {
		const found = xmlFault(given);
		if (found) return XML_FAULTS[found.fault]({ line: found.line, name: found.name ?? '' });
		return tooLong(given.length, max);
	},
	credential: (given, field) => (given.startsWith('{') ? jsonError(given, field) : tooLong(given.length, field.max)),
	file: (given) => (fileIdIn(given) === undefined ? m.file_notOne() : undefined)
};

const tooLong = (length: number, max = Infinity): string | undefined =>
	length > max ? m.error_long({ max, length }) : undefined;

function jsonError(given: string, { max }: ValueField): string | undefined {
	const found = jsonFault(given);
	if (found) return JSON_FAULTS[found.fault]({ line: found.line });
	const value = JSON.parse(given) as Json;
	return value === null ? m.json_null() : tooLong(JSON.stringify(value).length, max);
}
const JSON_FAULTS: { readonly [F in JsonFault]: (at: { line: number }) => string } = {
	end: m.json_end,
	quotes: m.json_quotes,
	text: m.json_text,
	comma: m.json_comma,
	extra: m.json_extra,
	colon: m.json_colon,
	after: m.json_after,
	deep: m.json_deep,
	value: m.json_value
};
const XML_FAULTS: { readonly [F in XmlFault]: (at: { line: number; name: string }) => string } = {
	none: m.xml_none,
	tag: m.xml_tag,
	open: m.xml_open,
	close: m.xml_close,
	outside: m.xml_outside,
	ampersand: m.xml_ampersand,
	end: m.xml_end
};

function dateErrors(draft: Draft): { [field: string]: string } {
	const [day, month, year] = [Number(draft['day']), Number(draft['month']), Number(draft['year'])];
	if (!/^\d{1,2}$/.test(draft['day']!.trim()) || day < 1 || day > 31) return { day: m.error_day() };
	if (!/^\d{1,2}$/.test(draft['month']!.trim()) || month < 1 || month > 12) return { month: m.error_month() };
	if (!/^\d{4}$/.test(draft['year']!.trim())) return { year: m.error_year() };
	const at = new Date(Date.UTC(2000, month - 1, day));
	at.setUTCFullYear(year);
	if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return { day: m.error_noSuchDay() };
	return at.getTime() > Date.now() ? { year: m.error_future() } : {};
}

/** The engine's code for a value it refuses, as a sentence. */
export function valueRefusal(code: string): string {
	if (code.endsWith('cannotCreateDuplicateOwnIdentityAttribute')) return m.error_duplicate();
	if (code.endsWith('successionMustChangeContent')) return m.error_unchanged();
	if (code.includes('forbiddenCharacters')) return m.error_characters();
	if (code.endsWith('invalidPropertyValue') || code.endsWith('requestDeserialization')) return m.error_format();
	return m.error_notSaved();
}
