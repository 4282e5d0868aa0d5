/**
 * Password and PIN protection of templates and tokens, as clients say it (connector-api.md §4.3) and as a reference carries it.
 * The clear text stays with its creator and with whoever loaded the object by it; it is shown again to both.
 */
import type { PasswordPart } from '../codec/reference.ts';
import { SALT_LENGTH } from '../crypto/password.ts';
import type { Bytes } from '../codec/bytes.ts';
import type { Random } from '../ports.ts';
import { ok, refuse, type Result } from '../result.ts';
import type { PasswordProtection } from '../views.ts';

/** What a record keeps about the password of an object. */
export interface Protection {
	readonly password: string;
	readonly isPin?: boolean;
	readonly salt: Bytes;
	readonly locationIndicator?: number;
}

/** Where the recipient finds the password: names of the numbers 0 to 6. RecoveryKit is the engine's own. */
export const LOCATIONS = ['RecoveryKit', 'Self', 'Letter', 'RegistrationLetter', 'Email', 'SMS', 'Website'] as const;

const INVALID = 'error.runtime.validation.invalidPropertyValue';
const BAD_PIN = 'passwordProtection/password must be 4 to 16 digits when it is a PIN';
const BAD_LOCATION =
	'must be a number from 50 to 99 or one of the following strings: Self, Letter, RegistrationLetter, Email, SMS, Website';

/** The protection an input asks for, with a fresh salt; undefined when it asks for none. */
export function parseProtection(random: Random, input: PasswordProtection | undefined): Result<Protection | undefined> {
	if (!input) return ok(undefined);
	const { password, passwordIsPin, passwordLocationIndicator: where } = input;
	if (password === '') return refuse(INVALID, 'passwordProtection/password must NOT have fewer than 1 characters');
	if (passwordIsPin && !/^[0-9]{4,16}$/.test(password)) return refuse(INVALID, BAD_PIN);
	const indicator = where === undefined ? undefined : locationNumber(where);
	if (where !== undefined && (indicator === undefined || indicator < 1 || (indicator > 6 && indicator < 50)))
		return refuse(INVALID, BAD_LOCATION);
	if (typeof where === 'number' && where < 50) return refuse(INVALID, BAD_LOCATION);
	return ok({
		password,
		salt: random.bytes(SALT_LENGTH),
		...(passwordIsPin ? { isPin: true } : {}),
		...(indicator === undefined ? {} : { locationIndicator: indicator })
	});
}

function locationNumber(where: unknown): number | undefined {
	if (typeof where === 'number') return Number.isInteger(where) && where <= 99 ? where : undefined;
	const index = LOCATIONS.indexOf(where as (typeof LOCATIONS)[number]);
	return index < 0 ? undefined : index;
}

/** As the reference carries it. */
export const partOf = ({ password, isPin, salt, locationIndicator }: Protection): PasswordPart => ({
	salt,
	...(isPin ? { pinLength: password.length } : {}),
	...(locationIndicator === undefined ? {} : { locationIndicator })
});

/** What somebody typed for a protected reference. */
export const protectionOf = (part: PasswordPart, password: string): Protection => ({
	password,
	salt: part.salt,
	...(part.pinLength === undefined ? {} : { isPin: true }),
	...(part.locationIndicator === undefined ? {} : { locationIndicator: part.locationIndicator })
});

/** As REST shows it: the indicator by its name where it has one. */
export const shownProtection = ({ password, isPin, locationIndicator: where }: Protection): PasswordProtection => ({
	password,
	...(isPin ? { passwordIsPin: true } : {}),
	...(where === undefined ? {} : { passwordLocationIndicator: LOCATIONS[where] ?? where })
});

/** Whether a token says the same about its password as the object it names (salts differ). */
export const isSameProtection = (a: PasswordProtection | undefined, b: PasswordProtection | undefined): boolean =>
	a?.password === b?.password &&
	a?.passwordIsPin === b?.passwordIsPin &&
	a?.passwordLocationIndicator === b?.passwordLocationIndicator;
