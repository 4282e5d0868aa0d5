/** Templates between people: who may load, passwords, personalisation, tokens that lead to them (backbone-behaviours.md §10, §11). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeReference } from '../../codec/reference.ts';
import { objectHandle } from '../../object/object.ts';
import type { CreateTemplate, PasswordProtection, TemplateRow } from '../../index.ts';
import { parseReference, toDto } from '../../index.ts';
import { arbitrary, codeOf, createTown, must, type Person } from '../testing/town.ts';

const town = createTown();
let anna: Person;
let bert: Person;
let carla: Person;

beforeAll(async () => {
	[anna, bert, carla] = [await town.person(), await town.person(), await town.person()];
});
afterAll(() => town.close());

const INVALID = 'error.runtime.validation.invalidPropertyValue';
const NOT_FOUND = 'error.runtime.recordNotFound';
const NOT_INTENDED = 'error.transport.general.notIntendedForYou';
const REFUSED_THERE =
	'RelationshipTemplate not found. Make sure the ID exists and the record is not expired. If a password is required to fetch the record, make sure you passed the correct one.';

const make = (who: Person, more: Partial<CreateTemplate> = {}) =>
	who.engine.templates.create({ content: arbitrary('come in'), expiresAt: town.inDays(1), ...more });
const made = async (who: Person, more?: Partial<CreateTemplate>): Promise<TemplateRow> => must(await make(who, more));
const load = (who: Person, row: Pick<TemplateRow, 'reference'>, password?: string, form: 'url' | 'truncated' = 'url') =>
	who.engine.templates.load(row.reference[form], password === undefined ? {} : { password });

describe('with everybody', () => {
	test('K121 three in a row are loaded; own and loaded ones are told apart', async () => {
		const rows = [await made(anna), await made(anna), await made(anna)];
		for (const row of rows)
			expect(must(await load(bert, row))).toMatchObject({ isOwn: false, createdBy: anna.address });
		const ids = rows.map(({ id }) => id);
		const listed = (who: Person, isOwn: boolean) =>
			who.engine.templates
				.list()
				.filter((row) => row.isOwn === isOwn)
				.map(({ id }) => id);
		expect(listed(anna, true)).toEqual(ids);
		expect(listed(bert, false)).toEqual(ids);
		expect(listed(bert, true)).toEqual([]);
	});

	test('K123 no maximum is allowed, 0 is refused', async () => {
		expect((await made(anna)).maxNumberOfAllocations).toBeUndefined();
		for (const maxNumberOfAllocations of [0, -1, 1.5])
			expect(codeOf(await make(anna, { maxNumberOfAllocations }))).toBe(INVALID);
	});

	test('K124 a past expiry is refused', async () => {
		expect(codeOf(await make(anna, { expiresAt: town.inDays(-1) }))).toBe(INVALID);
	});

	test('K136 the last allocation is told to the owner; the next one is refused', async () => {
		const row = await made(anna, { maxNumberOfAllocations: 1 });
		must(await load(bert, row));
		await town.settle(anna);
		const told = anna.told('transport.relationshipTemplateAllocationsExhausted');
		expect(told).toContainEqual(toDto(anna.engine.templates.get(row.id)!));
		expect(codeOf(await load(carla, row))).toBe(
			'error.platform.validation.relationshipTemplate.maxNumberOfAllocationsExhausted'
		);
		// Who has it may ask again.
		must(await load(bert, row));
	});

	test('K139 K140 an own template goes here and at the relay, a loaded one here only', async () => {
		const row = await made(anna);
		must(await load(bert, row));
		must(await bert.engine.templates.delete(row.id));
		expect(bert.engine.templates.get(row.id)).toBeUndefined();
		must(await load(carla, row));
		must(await anna.engine.templates.delete(row.id));
		expect(await load(bert, row)).toMatchObject({ error: { code: NOT_FOUND, message: REFUSED_THERE } });
	});

	test('K143 many at once', async () => {
		const rows = await Promise.all(Array.from({ length: 8 }, () => made(anna)));
		const loaded = await Promise.all(rows.map((row) => load(bert, row)));
		expect(loaded.map((result) => must(result).id)).toEqual(rows.map(({ id }) => id));
	});

	test('loading the own template gives the own one and tells nothing', async () => {
		const row = await made(anna);
		expect(must(await load(anna, row))).toEqual(row);
		expect(anna.told('transport.peerRelationshipTemplateLoaded')).toEqual([]);
	});
});

describe('for one person', () => {
	test('K126 the right one loads, others get notIntendedForYou, whatever the reference says', async () => {
		const row = await made(anna, { forIdentity: bert.address });
		expect(row.forIdentity).toBe(bert.address);
		for (const form of ['url', 'truncated'] as const)
			expect(codeOf(await load(carla, row, undefined, form))).toBe(NOT_INTENDED);
		expect(must(await load(bert, row))).toMatchObject({ forIdentity: bert.address });
		// The same code without the name in it: only what it opens says whom it is for.
		const reference = must(parseReference(row.reference.url));
		const { forIdentityTail: _, ...bare } = reference;
		const plain = { reference: writeReference({ ...bare, baseUrl: reference.baseUrl! }) };
		expect(codeOf(await load(carla, plain))).toBe(NOT_INTENDED);
	});

	test('K134 its maker may read it although it is for somebody else', async () => {
		const row = await made(anna, { forIdentity: bert.address });
		expect(must(await load(anna, row)).isOwn).toBe(true);
	});
});

describe('with a password', () => {
	const protections: [string, PasswordProtection, string][] = [
		['password', { password: 'Regen & Sonne ☂' }, 'pw'],
		['PIN', { password: '0815', passwordIsPin: true }, 'pin4'],
		['password and a place', { password: 'x', passwordLocationIndicator: 'Letter' }, 'pw'],
		[
			'PIN and a place of ours',
			{ password: '1234567890123456', passwordIsPin: true, passwordLocationIndicator: 77 },
			'pin16'
		]
	];
	test.each(protections)('K127 K128 K134 a %s: right loads, wrong and missing do not', async (_, given) => {
		const row = await made(anna, { passwordProtection: given });
		expect(row.passwordProtection).toEqual(given);
		expect(codeOf(await load(bert, row))).toBe('error.transport.noPasswordProvided');
		expect(await load(bert, row, 'wrong')).toMatchObject({ error: { code: NOT_FOUND, message: REFUSED_THERE } });
		for (const form of ['url', 'truncated'] as const)
			expect(must(await load(bert, row, given.password, form)).passwordProtection).toEqual(given);
	});

	test.each(protections)('the reference says %s', async (_, given, kind) => {
		const { url } = (await made(anna, { passwordProtection: given })).reference;
		const { password } = must(parseReference(url));
		expect(password?.pinLength === undefined ? 'pw' : `pin${password.pinLength}`).toBe(kind);
		expect(password?.salt).toHaveLength(16);
	});

	test.each([
		['letters in a PIN', { password: '12a4', passwordIsPin: true }],
		['a PIN too short', { password: '123', passwordIsPin: true }],
		['a PIN too long', { password: '12345678901234567', passwordIsPin: true }],
		['an empty password', { password: '' }],
		['an unknown place', { password: 'x', passwordLocationIndicator: 'Pigeon' }],
		['a place below 50', { password: 'x', passwordLocationIndicator: 49 }],
		['a place above 99', { password: 'x', passwordLocationIndicator: 100 }],
		['a place between', { password: 'x', passwordLocationIndicator: 50.5 }],
		['the number of a named place', { password: 'x', passwordLocationIndicator: 2 }],
		['the recovery kit', { password: 'x', passwordLocationIndicator: 'RecoveryKit' }]
	])('K128 K129 %s is refused', async (_, passwordProtection) => {
		expect(codeOf(await make(anna, { passwordProtection: passwordProtection as PasswordProtection }))).toBe(
			INVALID
		);
	});

	test('K129 the text that clients compare', async () => {
		const passwordProtection = { password: 'x', passwordLocationIndicator: 49 };
		expect(await make(anna, { passwordProtection })).toMatchObject({
			error: {
				message:
					'must be a number from 50 to 99 or one of the following strings: Self, Letter, RegistrationLetter, Email, SMS, Website'
			}
		});
	});

	test.each([['Self'], ['Letter'], ['RegistrationLetter'], ['Email'], ['SMS'], ['Website'], [50], [99]])(
		'K129 the place %s is shown as it was given',
		async (passwordLocationIndicator) => {
			const passwordProtection = { password: 'x', passwordLocationIndicator };
			const row = await made(anna, { passwordProtection });
			expect(row.passwordProtection).toEqual(passwordProtection);
		}
	);

	test('K134 a superfluous password is ignored', async () => {
		const row = await made(anna);
		expect(must(await load(bert, row, 'whatever')).passwordProtection).toBeUndefined();
	});

	test('K137 who has it needs no password any more, also on another device', async () => {
		const phone = await bert.second();
		const row = await made(anna, { passwordProtection: { password: 'x' } });
		must(await load(bert, row, 'x'));
		must(await load(bert, row));
		await town.settle(bert, phone);
		expect(phone.engine.templates.get(row.id)).toEqual(bert.engine.templates.get(row.id));
		must(await load(phone, row));
	});

	test('K122 for one person and with a password', async () => {
		const row = await made(anna, { forIdentity: bert.address, passwordProtection: { password: 'x' } });
		expect(codeOf(await load(carla, row, 'x'))).toBe(NOT_INTENDED);
		must(await load(bert, row, 'x'));
	});

	test('K282 many wrong ones lock it for others; who made it and who has it are not locked out', async () => {
		const row = await made(anna, { passwordProtection: { password: 'x' } });
		must(await load(carla, row, 'x'));
		const handle = objectHandle(row.id);
		const [thief, accomplice] = [await town.person(), await town.person()];
		for (const who of [thief, accomplice])
			for (let i = 0; i < 50; i++) {
				const claimId = new Uint8Array(16).fill(i);
				await who.core.call('objectRedeem', { handle, claimId, verifier: Uint8Array.of(i, 1) });
			}
		expect(await load(bert, row, 'x')).toMatchObject({ error: { code: NOT_FOUND, message: REFUSED_THERE } });
		must(await load(carla, row, 'x'));
		must(await load(anna, row, 'x'));
	});
});

describe('behind a token', () => {
	const token = async (row: TemplateRow, input = {}) => must(await anna.engine.templates.createToken(row.id, input));

	test('K130 by token, truncated and URL', async () => {
		for (const form of ['url', 'truncated'] as const) {
			const row = await made(anna);
			expect(must(await load(bert, await token(row), undefined, form)).id).toBe(row.id);
		}
	});

	test('K131 a template with a password: its token must say the same, and loads with it', async () => {
		const passwordProtection = { password: '0815', passwordIsPin: true, passwordLocationIndicator: 'SMS' } as const;
		const row = await made(anna, { passwordProtection });
		for (const other of [
			undefined,
			{ password: '0815' },
			{ ...passwordProtection, password: '0816' },
			{ password: '0815', passwordIsPin: true as const },
			{ ...passwordProtection, passwordLocationIndicator: 'Email' }
		]) {
			const refused = await anna.engine.templates.createToken(row.id, other ? { passwordProtection: other } : {});
			expect(codeOf(refused)).toBe('error.runtime.relationshipTemplates.passwordProtectionMustBeInherited');
		}
		const made2 = await token(row, { passwordProtection });
		expect(codeOf(await load(bert, made2))).toBe('error.transport.noPasswordProvided');
		expect(codeOf(await load(bert, made2, '9999'))).toBe(NOT_FOUND);
		expect(must(await load(bert, made2, '0815'))).toMatchObject({ id: row.id, passwordProtection });
	});

	test('K132 an unprotected template behind a token with a password or a PIN', async () => {
		for (const passwordProtection of [{ password: 'x' }, { password: '4711', passwordIsPin: true as const }]) {
			const row = await made(anna);
			const made2 = await token(row, { passwordProtection });
			expect(codeOf(await load(bert, made2))).toBe('error.transport.noPasswordProvided');
			const loaded = must(await load(bert, made2, passwordProtection.password));
			expect(loaded.id).toBe(row.id);
			expect(loaded.passwordProtection).toBeUndefined();
		}
	});

	test('K133 a token for a personal template must be for the same person', async () => {
		const row = await made(anna, { forIdentity: bert.address });
		for (const input of [{}, { forIdentity: carla.address }])
			expect(codeOf(await anna.engine.templates.createToken(row.id, input))).toBe(
				'error.runtime.relationshipTemplates.personalizationMustBeInherited'
			);
		const made2 = await token(row, { forIdentity: bert.address });
		expect(codeOf(await load(carla, made2))).toBe(NOT_INTENDED);
		must(await load(bert, made2));
	});

	test('a loaded template gets no token', async () => {
		const row = await made(anna);
		must(await load(bert, row));
		expect(codeOf(await bert.engine.templates.createToken(row.id, {}))).toBe(
			'error.runtime.relationshipTemplates.cannotCreateTokenForPeerTemplate'
		);
	});
});

describe('references', () => {
	test('K149 K150 each leads to its kind, and to no other', async () => {
		const template = await made(anna);
		const content = { a: 1 };
		const token = must(await anna.engine.tokens.create({ content, expiresAt: town.inDays(1) }));
		const file = must(
			await anna.engine.files.create({ content: new Uint8Array(1), filename: 'f', mimetype: 'text/plain' })
		);
		const { templates, tokens, files } = bert.engine;
		for (const form of ['url', 'truncated'] as const) {
			expect(must(await templates.load(template.reference[form])).id).toBe(template.id);
			expect(must(await tokens.load(token.reference[form])).id).toBe(token.id);
			expect(must(await files.load(file.reference[form])).id).toBe(file.id);
			expect(codeOf(await files.load(template.reference[form]))).toBe('error.runtime.invalidReference');
			expect(codeOf(await tokens.load(file.reference[form]))).toBe(INVALID);
			expect(codeOf(await templates.load(file.reference[form]))).toBe('error.runtime.invalidReference');
			expect(codeOf(await templates.load(token.reference[form]))).toBe('error.runtime.invalidTokenContent');
		}
		for (const id of [template.id, token.id, file.id]) {
			expect(codeOf(await templates.load(id))).toBe(INVALID);
			expect(codeOf(await tokens.load(id))).toBe(INVALID);
			expect(codeOf(await files.load(id))).toBe(INVALID);
		}
	});
});
