/**
 * Files, passwords, challenges, what the operator publishes and the end of an identity, between Connector processes over a
 * relay process, known by their REST APIs only (connector-api.md §2.2 to §2.15).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PREFIX } from './routes/table.ts';
import { KEY } from './testing/parts.ts';
import { addressOf, connect, consent, must, sync, until, type Party, type Reply, type Shape } from './testing/party.ts';
import { endAll, newFolder, startConnector, startRelay, type RunningConnector } from './testing/processes.ts';

const LATER = '2030-01-01T00:00:00.000Z';
const PAST = '2020-01-01T00:00:00.000Z';
const INVALID = 'error.runtime.validation.invalidPropertyValue';
const LIMIT = 10 * 1024 * 1024;

const codes = { TestCode: { en: { title: 'Hello', body: 'Look here' } } };
const announcements = [
	{
		id: 'ANC00000000000000001',
		createdAt: '2026-01-01T00:00:00.000Z',
		severity: 'Low',
		texts: { en: { title: 'Title', body: 'Body' }, de: { title: 'Titel', body: 'Text' } }
	}
];

let city: RunningConnector;
let person: RunningConnector;
let relationshipId: string;

beforeAll(async () => {
	const configDir = newFolder();
	mkdirSync(configDir, { recursive: true });
	writeFileSync(join(configDir, 'codes.json'), JSON.stringify(codes));
	writeFileSync(join(configDir, 'announcements.json'), JSON.stringify(announcements));
	const relay = await startRelay(0, newFolder(), { CONFIG_DIR: configDir });
	[city, person] = await Promise.all([
		startConnector(relay.url, { DEBUG: 'true' }),
		startConnector(relay.url, { DEBUG: 'true' })
	]);
	const accepted = { accept: true };
	({ relationshipId } = await connect(city, person, [consent('ok')], [accepted]));
}, 60_000);
afterAll(endAll);

type File = Shape & {
	reference: { truncated: string; url: string };
	ownershipToken?: string;
	filename: string;
	filesize: number;
};

const at = (who: RunningConnector, path: string, init: RequestInit = {}) =>
	fetch(who.url + PREFIX + path, { ...init, headers: { 'x-api-key': KEY, ...init.headers } });

async function upload(
	who: RunningConnector,
	fields: readonly [string, string | Blob, string?][]
): Promise<Reply<File>> {
	const form = new FormData();
	for (const [name, value, filename] of fields)
		if (typeof value === 'string') form.append(name, value);
		else form.append(name, value, filename ?? 'file.bin');
	const response = await at(who, '/Files/Own', { method: 'POST', body: form });
	return { status: response.status, ...((await response.json()) as object) } as Reply<File>;
}
const text = (content: string, type = 'text/plain') => new Blob([content], { type });
const uploaded = async (who: RunningConnector, content = 'hello', more: readonly [string, string][] = []) =>
	must<File>(upload(who, [['file', text(content), 'note.txt'], ...more]), 201);
const refusal = ({ status, error }: Reply) => [status, error?.code, error?.message];

describe('files', () => {
	test('an upload is answered with everything about the file, and the file is at the relay', async () => {
		const file = await must<File>(
			upload(city, [
				['file', text('Grüße', 'text/markdown'), 'Grüße & Küsse (1).md'],
				['title', 'A title'],
				['description', 'About it'],
				['tags', 'x:one'],
				['tags', 'x:two'],
				['expiresAt', LATER]
			]),
			201
		);
		expect(file).toMatchObject({
			isOwn: true,
			filename: 'Grüße & Küsse (1).md',
			mimetype: 'text/markdown',
			filesize: 7,
			title: 'A title',
			description: 'About it',
			tags: ['x:one', 'x:two'],
			expiresAt: LATER,
			owner: await addressOf(city),
			createdBy: await addressOf(city)
		});
		expect(file.id).toMatch(/^FIL[A-Za-z0-9]{17}$/);
		expect(Object.keys(file).filter((name) => name.startsWith('_'))).toEqual([]);
		expect(await must(city.call('GET', `/Files/${file.id}`))).toEqual(file);
		expect(await must(city.call('GET', `/Files/${encodeURIComponent(file.reference.truncated)}`))).toEqual(file);
		const download = await at(city, `/Files/${file.id}/Download`);
		expect(download.status).toBe(200);
		expect(download.headers.get('content-type')).toBe('text/markdown');
		expect(download.headers.get('content-disposition')).toBe(
			`attachment;filename=${encodeURIComponent('Grüße & Küsse (1).md')}`
		);
		expect(await download.text()).toBe('Grüße');
	});

	test('a single tag, no file, an empty file, a past expiry and one that is none', async () => {
		expect((await uploaded(city, 'x', [['tags', 'x:one']]))['tags']).toEqual(['x:one']);
		expect(refusal(await upload(city, [['title', 'x']]))).toEqual([
			400,
			INVALID,
			"must have required property 'content'"
		]);
		expect((await uploaded(city, '')).filesize).toBe(0);
		expect(
			refusal(
				await upload(city, [
					['file', text('x')],
					['expiresAt', PAST]
				])
			)
		).toEqual([400, INVALID, "'expiresAt' must be in the future"]);
		for (const expiresAt of ['', 'tomorrow'])
			expect(
				refusal(
					await upload(city, [
						['file', text('x')],
						['expiresAt', expiresAt]
					])
				)
			).toEqual([400, INVALID, 'expiresAt must match ISO8601 datetime format']);
		expect(
			refusal(
				await upload(city, [
					['file', text('x')],
					['tags', 'nonsense']
				])
			)[1]
		).toBe('error.consumption.attributes.invalidTags');
		expect(
			refusal(
				await upload(city, [
					['file', text('x')],
					['colour', 'red']
				])
			)[2]
		).toBe('must NOT have additional properties');
	});

	test('K283 exactly 10 MiB go up and come down; a byte more is too large', async () => {
		const content = new Uint8Array(LIMIT).map((_, i) => (i * 31) % 251);
		const file = await must<File>(upload(city, [['file', new Blob([content]), 'large.bin']]), 201);
		expect([file.filesize, file['mimetype']]).toEqual([LIMIT, 'application/octet-stream']);
		await must(person.call('POST', '/Files/Peer', { reference: file.reference.url }), 201);
		const download = await at(person, `/Files/${file.id}/Download`);
		expect(Buffer.from(await download.arrayBuffer()).equals(Buffer.from(content))).toBe(true);
		const refused = await upload(city, [['file', new Blob([content, 'x']), 'larger.bin']]);
		expect(refusal(refused)).toEqual([400, INVALID, "'content' is too large"]);
	}, 60_000);

	test('lists and their filters', async () => {
		const file = await uploaded(city, 'listed', [
			['title', 'Findable'],
			['tags', 'x:findable']
		]);
		const ids = async (path: string) => (await must<File[]>(city.call('GET', path))).map(({ id }) => id);
		const { ownershipToken = '' } = file;
		for (const query of ['title=Findable', 'tags=x:findable', `ownershipToken=${ownershipToken}`, 'title=~find'])
			expect(await ids(`/Files?${query}`)).toEqual([file.id]);
		expect(await ids('/Files/Own?filesize=6&title=Findable')).toEqual([file.id]);
		expect(await ids('/Files/Peer')).toEqual([]);
		expect(await ids('/Files?isOwn=false')).toEqual([]);
		expect(await ids('/Files?ownershipIsLocked=true')).toEqual([]);
		expect(await ids('/Files?ownershipIsLocked=!&title=Findable')).toEqual([file.id]);
	});

	test('K217 loaded by reference or token, known again without asking, unknown ones refused', async () => {
		const file = await uploaded(city);
		const load = (reference: unknown, password?: string) =>
			person.call<File>('POST', '/Files/Peer', { reference, ...(password ? { password } : {}) });
		const loaded = await must<File>(load(file.reference.truncated), 201);
		const { ownershipToken: _, ...shown } = file;
		expect(loaded).toEqual({ ...shown, isOwn: false });
		expect(await must(load(file.reference.url), 201)).toEqual(loaded);
		for (const reference of ['nonsense', undefined, null, 7])
			expect(refusal(await load(reference))).toEqual([400, INVALID, 'token / file reference invalid']);
		const gone = await uploaded(city);
		await must(city.call('DELETE', `/Files/${gone.id}`), 204);
		expect(refusal(await load(gone.reference.url))).toEqual([
			404,
			'error.runtime.recordNotFound',
			'File not found. Make sure the ID exists and the record is not expired. If a password is required to fetch the record, make sure you passed the correct one.'
		]);
		expect(refusal(await person.call('GET', '/Files/FIL00000000000000000'))).toEqual([
			404,
			'error.runtime.recordNotFound',
			'File not found. Make sure the ID exists and the record is not expired.'
		]);
		expect(refusal(await person.call('DELETE', '/Files/nonsense'))).toEqual([
			400,
			INVALID,
			'fileId must match pattern FIL[A-Za-z0-9]{17}'
		]);
		const missing = await at(person, '/Files/FIL00000000000000000/Download');
		expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'application/json; charset=utf-8']);
	});

	test('a token for a file: kept by nobody unless asked, with its own expiry and password, as a picture', async () => {
		const file = await uploaded(city, 'hello', [['expiresAt', LATER]]);
		const token = await must<File>(city.call('POST', `/Files/${file.id}/Token`), 201);
		expect(token).toMatchObject({ isEphemeral: true, expiresAt: LATER, isOwn: true });
		expect((await city.call('GET', `/Tokens/${token.id}`)).status).toBe(404);
		const kept = await must<File>(city.call('POST', `/Files/${file.id}/Token`, { ephemeral: false }), 201);
		expect((await city.call('GET', `/Tokens/${kept.id}`)).status).toBe(200);
		const passwordProtection = { password: '0815', passwordIsPin: true, passwordLocationIndicator: 'SMS' };
		const guarded = await must<File>(city.call('POST', `/Files/${file.id}/Token`, { passwordProtection }), 201);
		expect(guarded['passwordProtection']).toEqual(passwordProtection);
		const load = (password?: string) =>
			person.call('POST', '/Files/Peer', { reference: guarded.reference.url, ...(password ? { password } : {}) });
		expect(refusal(await load())[1]).toBe('error.transport.noPasswordProvided');
		expect(refusal(await load('9999')).slice(0, 2)).toEqual([404, 'error.runtime.recordNotFound']);
		expect(await must(load('0815'), 201)).toMatchObject({ id: file.id, isOwn: false });
		for (const [path, method] of [
			[`/Files/${file.id}`, 'GET'],
			[`/Files/${file.id}/Token`, 'POST']
		] as const) {
			const picture = await at(city, path, { method, headers: { accept: 'image/png' } });
			expect([picture.status, picture.headers.get('content-type')]).toEqual([
				method === 'GET' ? 200 : 201,
				'image/png'
			]);
			expect(
				Buffer.from(await picture.arrayBuffer())
					.subarray(1, 4)
					.toString()
			).toBe('PNG');
		}
	});

	test('another ownership token: of the owner only', async () => {
		const file = await uploaded(city);
		const renewed = await must<File>(city.call('PATCH', `/Files/${file.id}/RegenerateOwnershipToken`));
		expect(renewed).toEqual({ ...file, ownershipToken: renewed.ownershipToken });
		expect(renewed.ownershipToken).not.toBe(file.ownershipToken);
		await must(person.call('POST', '/Files/Peer', { reference: file.reference.url }), 201);
		expect(refusal(await person.call('PATCH', `/Files/${file.id}/RegenerateOwnershipToken`)).slice(0, 2)).toEqual([
			400,
			'error.runtime.files.notOwnedByYou'
		]);
	});
});

describe('attachments', () => {
	const mail = (to: string) => ({
		'@type': 'Mail',
		to: [to],
		cc: [],
		subject: 's',
		body: 'b',
		bodyFormat: 'PlainText'
	});

	test('K192 a message shows its files, and they can be downloaded where it arrived', async () => {
		const file = await uploaded(city, 'attached');
		const recipient = await addressOf(person);
		const sent = await must(
			city.call('POST', '/Messages', {
				recipients: [recipient],
				content: mail(recipient),
				attachments: [file.id]
			}),
			201
		);
		expect(sent['attachments']).toEqual([file.id]);
		await until(
			async () => (await sync(person), person.call('GET', `/Messages/${sent.id}`)),
			({ status }) => status === 200,
			'the message'
		);
		const { ownershipToken: _, ...shown } = file;
		const received = await must(person.call('GET', `/Messages/${sent.id}`));
		expect(received['attachments']).toEqual([{ ...shown, isOwn: false }]);
		expect(await must<File[]>(person.call('GET', '/Messages?attachments=%2B'))).toMatchObject([{ id: sent.id }]);
		const path = `/Messages/${sent.id}/Attachments/${file.id}`;
		expect(await must(person.call('GET', path))).toMatchObject({ id: file.id });
		expect(await (await at(person, `${path}/Download`)).text()).toBe('attached');
		const other = await uploaded(city);
		for (const tail of ['', '/Download']) {
			const refused = await person.call('GET', `/Messages/${sent.id}/Attachments/${other.id}${tail}`);
			expect(refusal(refused).slice(0, 2)).toEqual([400, 'error.runtime.messages.fileNotFoundInMessage']);
			const unknown = await person.call('GET', `/Messages/MSG00000000000000000/Attachments/${file.id}${tail}`);
			expect(unknown.status).toBe(404);
		}
	});

	test('a file nobody knows cannot be attached', async () => {
		const recipient = await addressOf(person);
		const attachments = ['FIL00000000000000000'];
		const refused = await city.call('POST', '/Messages', {
			recipients: [recipient],
			content: mail(recipient),
			attachments
		});
		expect(refusal(refused).slice(0, 2)).toEqual([404, 'error.runtime.recordNotFound']);
	});
});

describe('passwords and personalisation', () => {
	const template = (more: object) =>
		city.call<File>('POST', '/RelationshipTemplates/Own', {
			content: { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 },
			expiresAt: LATER,
			...more
		});
	const token = (more: object) =>
		city.call<File>('POST', '/Tokens/Own', { content: { a: 1 }, expiresAt: LATER, ...more });

	test.each([
		['templates', template, '/RelationshipTemplates'],
		['tokens', token, '/Tokens']
	] as const)('%s: right, wrong, missing, and the filters', async (_, make, path) => {
		const passwordProtection = { password: '4711', passwordIsPin: true, passwordLocationIndicator: 60 };
		const made = await must<File>(make({ passwordProtection }), 201);
		expect(made['passwordProtection']).toEqual(passwordProtection);
		const load = (password?: string) =>
			person.call(`POST`, `${path}/Peer`, { reference: made.reference.url, ...(password ? { password } : {}) });
		expect(refusal(await load()).slice(0, 2)).toEqual([400, 'error.transport.noPasswordProvided']);
		expect(refusal(await load('1234')).slice(0, 2)).toEqual([404, 'error.runtime.recordNotFound']);
		expect(await must(load('4711'), 201)).toMatchObject({ id: made.id, passwordProtection });
		const listed = async (query: string) =>
			(await must<File[]>(person.call('GET', `${path}/Peer?${query}`))).map(({ id }) => id).includes(made.id);
		for (const query of [
			'passwordProtection=',
			'passwordProtection.password=4711',
			'passwordProtection.passwordIsPin=true',
			'passwordProtection.passwordLocationIndicator=60'
		])
			expect([query, await listed(query)]).toEqual([query, true]);
		for (const query of ['passwordProtection=!', 'passwordProtection.passwordIsPin=!'])
			expect([query, await listed(query)]).toEqual([query, false]);
	});

	test('§4.3 what a PIN and a place may be, after the expiry was looked at', async () => {
		const place =
			'must be a number from 50 to 99 or one of the following strings: Self, Letter, RegistrationLetter, Email, SMS, Website';
		for (const make of [template, token]) {
			for (const passwordLocationIndicator of [49, 100, 'Pigeon', 'RecoveryKit', true])
				expect(
					refusal(await make({ passwordProtection: { password: 'x', passwordLocationIndicator } }))
				).toEqual([400, INVALID, place]);
			const pin = { password: '12', passwordIsPin: true };
			expect(refusal(await make({ passwordProtection: pin })).slice(0, 2)).toEqual([400, INVALID]);
			expect(refusal(await make({ passwordProtection: { password: '' } })).slice(0, 2)).toEqual([400, INVALID]);
			expect(refusal(await make({ passwordProtection: pin, expiresAt: PAST }))[2]).toBe(
				"'expiresAt' must be in the future"
			);
		}
	});

	test('a token for a protected or personal template says the same', async () => {
		const forIdentity = await addressOf(person);
		const passwordProtection = { password: 'x' };
		const made = await must<File>(template({ forIdentity, passwordProtection }), 201);
		const ask = (body: object) => city.call<File>('POST', `/RelationshipTemplates/Own/${made.id}/Token`, body);
		const CODE = 'error.runtime.relationshipTemplates';
		expect(refusal(await ask({ passwordProtection }))[1]).toBe(`${CODE}.personalizationMustBeInherited`);
		expect(refusal(await ask({ forIdentity }))[1]).toBe(`${CODE}.passwordProtectionMustBeInherited`);
		const { reference } = await must<File>(ask({ forIdentity, passwordProtection }), 201);
		const loaded = person.call('POST', '/RelationshipTemplates/Peer', { reference: reference.url, password: 'x' });
		expect(await must(loaded, 201)).toMatchObject({ id: made.id, forIdentity, passwordProtection });
	});

	test('a content of an unknown type is no token', async () => {
		const refused = await token({ content: { '@type': 'Nonsense' } });
		expect(refusal(refused).slice(0, 2)).toEqual([400, 'error.runtime.invalidTokenContent']);
	});
});

describe('challenges', () => {
	const ask = (body: object) => person.call('POST', '/Challenges', body);
	const check = (body: object) => city.call('POST', '/Challenges/Validate', body);

	test('§2.5 made by one, validated by the other', async () => {
		for (const body of [
			{ challengeType: 'Identity' },
			{ challengeType: 'Relationship', relationship: relationshipId }
		]) {
			const challenge = await must(ask(body), 201);
			expect(challenge).toMatchObject({ type: body.challengeType, createdBy: await addressOf(person) });
			const { challengeString, signature } = challenge;
			expect(await must(check({ challengeString, signature }))).toEqual({
				isValid: true,
				correspondingRelationship: await must(city.call('GET', `/Relationships/${relationshipId}`))
			});
			const other = await must(ask(body), 201);
			expect(await must(check({ challengeString, signature: other['signature'] }))).toEqual({ isValid: false });
		}
		const { challengeString, signature } = await must(ask({ challengeType: 'Device' }), 201);
		expect(refusal(await check({ challengeString, signature }))).toEqual([
			400,
			'error.runtime.notSupported',
			"Validating challenges of the type 'Device' is not yet supported."
		]);
	});

	test('K37 K38 K42 what does not fit is refused', async () => {
		const PAYLOAD = [
			400,
			'error.runtime.validation.invalidPayload',
			'The given combination of properties in the payload is not supported.'
		];
		for (const body of [{}, { challengeType: 'Nonsense' }]) expect(refusal(await ask(body))).toEqual(PAYLOAD);
		for (const body of [
			{ challengeType: 'Identity', more: 1 },
			{ challengeType: 'Relationship' },
			{ challengeType: 'Relationship', relationship: 'nonsense' }
		])
			expect(refusal(await ask(body)).slice(0, 2)).toEqual([400, INVALID]);
		const unknown = { challengeType: 'Relationship', relationship: 'REL00000000000000000' };
		expect(refusal(await ask(unknown)).slice(0, 2)).toEqual([404, 'error.runtime.recordNotFound']);
		expect(refusal(await check({ challengeString: 'x', signature: 'y' })).slice(0, 2)).toEqual([400, INVALID]);
	});
});

describe('what the operator publishes', () => {
	test('§2.2 announcements in a language, English where it is missing, a language that is none', async () => {
		const [german] = await must<Shape[]>(person.call('GET', '/Announcements?language=de'));
		expect(german).toEqual({
			id: 'ANC00000000000000001',
			createdAt: '2026-01-01T00:00:00.000Z',
			severity: 'Low',
			title: 'Titel',
			body: 'Text',
			actions: []
		});
		expect(await must<Shape[]>(person.call('GET', '/Announcements?language=it'))).toMatchObject([
			{ title: 'Title' }
		]);
		for (const query of ['', '?language=', '?language=xx'])
			expect(refusal(await person.call('GET', `/Announcements${query}`)).slice(0, 2)).toEqual([400, INVALID]);
	});

	test('§2.4 notifications', async () => {
		const recipients = [await addressOf(person)];
		const send = (body: object) => city.call('POST', '/BackboneNotifications', body);
		const CODE = 'error.transport.backboneNotifications';
		expect((await send({ recipients, code: 'TestCode' })).status).toBe(204);
		expect(refusal(await send({ recipients: [], code: 'TestCode' }))[1]).toBe(
			`${CODE}.atLeastOneRecipientRequired`
		);
		expect(refusal(await send({ recipients, code: '' }))[1]).toBe(`${CODE}.codeMustNotBeEmpty`);
		const self = [await addressOf(city)];
		expect(refusal(await send({ recipients: self, code: 'TestCode' })).slice(0, 2)).toEqual([
			400,
			`${CODE}.noActiveRelationshipFoundForRecipients`
		]);
		expect(refusal(await send({ recipients, code: 'Nonsense' })).slice(0, 2)).toEqual([
			500,
			'error.platform.validation.notification.codeDoesNotExist'
		]);
	});
});

describe('the end of an identity (last: it changes what both see)', () => {
	const NONE = 'error.runtime.identityDeletionProcess.noActiveIdentityDeletionProcess';
	const process = (who: Party, method: string, query = '') => who.call(method, `/IdentityDeletionProcess${query}`);

	test('§2.15 begun, shown, not twice, called off; the peer sees it', async () => {
		expect(refusal(await process(person, 'GET')).slice(0, 2)).toEqual([400, NONE]);
		expect(refusal(await process(person, 'DELETE')).slice(0, 2)).toEqual([400, NONE]);
		for (const days of ['0', '-1', '0.5', 'x', ''])
			expect(refusal(await process(person, 'POST', `?lengthOfGracePeriodInDays=${days}`))).toEqual([
				400,
				INVALID,
				'lengthOfGracePeriodInDays must be >= 1'
			]);
		const started = await must(process(person, 'POST', '?lengthOfGracePeriodInDays=3'));
		expect(started).toMatchObject({ status: 'Active' });
		expect(Object.keys(started).sort()).toEqual([
			'createdAt',
			'createdByDevice',
			'gracePeriodEndsAt',
			'id',
			'status'
		]);
		expect(await must(process(person, 'GET'))).toEqual(started);
		expect(refusal(await process(person, 'POST')).slice(0, 2)).toEqual([
			400,
			'error.runtime.identityDeletionProcess.activeIdentityDeletionProcessAlreadyExists'
		]);
		await sync(city);
		const path = `/Relationships/${relationshipId}`;
		expect((await must(city.call('GET', path)))['peerDeletionInfo']).toEqual({
			deletionStatus: 'ToBeDeleted',
			deletionDate: started['gracePeriodEndsAt']
		});
		const recipients = [await addressOf(person)];
		const content = { '@type': 'ArbitraryMessageContent', value: 1 };
		expect(refusal(await city.call('POST', '/Messages', { recipients, content }))[1]).toBe(
			'error.runtime.messages.peerIsInDeletion'
		);
		const cancelled = await must(process(person, 'DELETE'));
		expect(cancelled).toMatchObject({ id: started.id, status: 'Cancelled' });
		await sync(city);
		expect((await must(city.call('GET', path)))['peerDeletionInfo']).toBeUndefined();
	});
});
