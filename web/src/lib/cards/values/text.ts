/** A value in words: the lines a screen shows of it. Peers' values too, hence nothing is trusted to be there. */
import type { Json, JsonObject } from '@enmeshed/crdt';
import { m } from '$lib/paraglide/messages.js';
import { calendarDate } from '../dates.ts';
import { countryName, languageName } from './codes.ts';
import { valueTypes } from './types.ts';

const string = (value: Json | undefined): string =>
	typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

/** Values for programs, shown as they are written. */
const CODE: readonly string[] = ['ProprietaryJSON', 'SchematizedJSON', 'ProprietaryXML', 'SchematizedXML'];
/** The text of a value that is JSON or XML, laid out; undefined for all others. */
export function codeIn(value: JsonObject): string | undefined {
	if (!CODE.includes(string(value['@type']))) return undefined;
	const inside = value['value'] ?? null;
	return string(value['@type']).endsWith('JSON') ? JSON.stringify(inside, null, 2) : string(inside);
}
/** The reference of a value that names a file. */
export const referenceIn = (value: JsonObject): string | undefined =>
	['IdentityFileReference', 'ProprietaryFileReference'].includes(string(value['@type']))
		? string(value['value'])
		: undefined;

/** What a file is called, as far as it was looked at. */
export type FileNames = (reference: string) => { readonly label: string } | undefined;

export function valueLines(value: JsonObject, file?: FileNames): string[] {
	const type = string(value['@type']);
	const at = (name: string): string => string(value[name]).trim();
	const line = (...names: string[]): string => names.map(at).filter(Boolean).join(' ');
	switch (type) {
		case 'BirthDate':
			return [birthDate(value)];
		case 'StreetAddress':
			return [
				at('recipient'),
				line('street', 'houseNo'),
				line('zipCode', 'city'),
				at('state'),
				inCountry(value)
			].filter(Boolean);
		case 'PostOfficeBoxAddress':
			return [at('recipient'), at('boxId'), line('zipCode', 'city'), at('state'), inCountry(value)].filter(
				Boolean
			);
		case 'DeliveryBoxAddress':
			return [
				at('recipient'),
				line('userId', 'phoneNumber'),
				at('deliveryBoxId'),
				line('zipCode', 'city'),
				at('state'),
				inCountry(value)
			].filter(Boolean);
		case 'BirthPlace':
			return [[at('city'), at('state'), inCountry(value)].filter(Boolean).join(', ')];
		case 'Affiliation':
			return [[at('organization'), at('unit'), at('role')].filter(Boolean).join(', ')];
		case 'BankAccount':
			return [at('accountHolder'), at('iban').replace(/(.{4})(?=.)/g, '$1 '), at('bic')].filter(Boolean);
		case 'Consent':
			return [at('consent'), at('link')].filter(Boolean);
		case 'Nationality':
		case 'Citizenship':
		case 'ProprietaryCountry':
			return [countryName(at('value'))];
		case 'CommunicationLanguage':
		case 'ProprietaryLanguage':
			return [languageName(at('value'))];
		case 'Sex':
		case 'MaritalStatus':
			return [valueTypes[type]!.fields[0]!.choices!.find((c) => c.value === at('value'))?.label() ?? at('value')];
		case 'ProprietaryFileReference':
		case 'IdentityFileReference':
			return [file?.(at('value'))?.label ?? m.value_file()];
		case 'VerifiableCredential':
			return [m.value_credential()];
		case 'ProprietaryJSON':
		case 'SchematizedJSON':
			return [JSON.stringify(value['value'] ?? null)];
		case 'ProprietaryBoolean':
			return [value['value'] === true ? m.value_yes() : m.value_no()];
		default:
			return [at('value') || plainMembers(value)].filter(Boolean);
	}
}

export const valueText = (value: JsonObject, file?: FileNames): string => valueLines(value, file).join(', ');

const inCountry = (value: JsonObject): string =>
	string(value['country']) ? countryName(string(value['country'])) : '';

function birthDate(value: JsonObject): string {
	const [year, month, day] = [value['year'], value['month'], value['day']];
	return typeof year === 'number' && typeof month === 'number' && typeof day === 'number'
		? calendarDate(year, month, day)
		: '';
}

/** What a type we do not know says, without its technical members. */
const plainMembers = (value: JsonObject): string =>
	Object.entries(value)
		.filter(([name, member]) => !name.startsWith('@') && name !== 'title' && typeof member !== 'object')
		.map(([, member]) => String(member))
		.join(', ');
