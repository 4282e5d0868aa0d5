/** What the operator publishes, as people see it (backbone-behaviours.md §7 and §19). */
import { parsePublication, type Publication, type Publications } from '../../../backbone-relay/publications.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeRequest } from '../../codec/frame.ts';
import { makeBase } from './base.ts';
import { publishedOperations } from './published.ts';
import { codeOf, createTown, must, type Person } from '../testing/town.ts';

const AT = '2026-01-01T00:00:00.000Z';
const tags = {
	supportedLanguages: ['en'],
	tagsForAttributeValueTypes: {
		EMailAddress: { work: { displayNames: { en: 'Work' }, children: { main: { displayNames: { en: 'Main' } } } } }
	}
};
const codes = { TestCode: { en: { title: 'Hello', body: 'Look here' } } };
let publication: Publication = { announcements: [], tags, codes } as unknown as Publication;
let tell: Parameters<Publications['onChange']>[0] = () => undefined;
const town = createTown({
	publications: { current: () => publication, onChange: (listener) => (tell = listener) }
});

function announce(...announcements: object[]): void {
	const parsed = parsePublication('announcements', announcements);
	if (!parsed.ok) throw new Error(parsed.problem);
	publication = { ...publication, announcements: parsed.value };
	tell('announcements');
}
const announcement = (n: number, more: object = {}) => ({
	id: `ANC0000000000000000${n}`,
	createdAt: AT,
	severity: 'High',
	texts: { en: { title: 'Title', body: 'Body' }, de: { title: 'Titel', body: 'Text' } },
	actions: [{ displayName: { en: 'More', de: 'Mehr' }, link: 'https://example.org' }],
	...more
});

let anna: Person;
let bert: Person;
let carla: Person;
beforeAll(async () => {
	[anna, bert, carla] = [await town.person(), await town.person(), await town.person()];
	await town.meet(anna, bert);
});
beforeEach(() => {
	publication = { ...publication, announcements: [] };
});
afterAll(() => town.close());

test('K87 announcements for all are shown to everybody', async () => {
	announce(announcement(1, { expiresAt: '2027-01-01T00:00:00.000Z' }));
	for (const { engine } of [anna, bert])
		expect(must(await engine.published.announcements('en'))).toEqual([
			{
				id: 'ANC00000000000000001',
				createdAt: AT,
				expiresAt: '2027-01-01T00:00:00.000Z',
				severity: 'High',
				title: 'Title',
				body: 'Body',
				actions: [{ displayName: 'More', link: 'https://example.org' }]
			}
		]);
});

test('K88 the language is chosen; one that is missing is English', async () => {
	announce(announcement(1));
	const titles = async (language: string) =>
		must(await anna.engine.published.announcements(language)).map(({ title, actions }) => [
			title,
			actions[0]?.displayName
		]);
	expect(await titles('de')).toEqual([['Titel', 'Mehr']]);
	expect(await titles('it')).toEqual([['Title', 'More']]);
});

test('K92 a language that is none is refused', async () => {
	for (const language of ['', 'xx', 'english', 'EN'])
		expect(codeOf(await anna.engine.published.announcements(language))).toBe(
			'error.runtime.validation.invalidPropertyValue'
		);
});

test('K89 a personal announcement is shown to whom it names', async () => {
	announce(announcement(1, { recipients: [anna.address] }), announcement(2));
	const ids = async (who: Person) => must(await who.engine.published.announcements('en')).map(({ id }) => id);
	expect(await ids(anna)).toEqual(['ANC00000000000000001', 'ANC00000000000000002']);
	expect(await ids(bert)).toEqual(['ANC00000000000000002']);
});

test('what was shown is shown while the relay cannot be reached', async () => {
	announce(announcement(1));
	must(await carla.engine.published.announcements('en'));
	carla.line.down = true;
	expect(must(await carla.engine.published.announcements('de'))[0]?.title).toBe('Titel');
	carla.line.down = false;
});

/** The operations of somebody who has none of what is published yet, and every question they sent to the relay. */
async function newcomer() {
	const { core, engine } = await town.person();
	const asked: string[] = [];
	const call: Person['core']['call'] = (op, body) => {
		asked.push(Buffer.from(encodeRequest(1, op, body)).toString('latin1'));
		return core.call(op, body);
	};
	const spied = new Proxy(core, { get: (it, name) => (name === 'call' ? call : Reflect.get(it, name)) });
	const { operations } = publishedOperations(makeBase(spied));
	return { operations, asked, core, engine };
}

describe('the tag collection', () => {
	test('K255 B8.3 comes from the relay, once for who ask at the same time', async () => {
		const { operations, asked } = await newcomer();
		const fetched = await Promise.all([operations.tagCollection(), operations.tagCollection()]);
		for (const collection of fetched) expect(must(collection)).toEqual(tags);
		expect(asked).toHaveLength(1);
	});

	test('K255 B8.3 is kept five minutes, and asked for again after them', async () => {
		const { operations, asked } = await newcomer();
		must(await operations.tagCollection());
		town.time.ahead += 5 * 60_000 - 1000;
		must(await operations.tagCollection());
		expect(asked).toHaveLength(1);
		town.time.ahead += 1001;
		expect(must(await operations.tagCollection())).toEqual(tags);
		expect(asked).toHaveLength(2);
	});

	test('K255 B8.3 is not sent again while its ETag is the same', async () => {
		const { operations, asked, core } = await newcomer();
		must(await operations.tagCollection());
		town.time.ahead += 5 * 60_000 + 1;
		expect(must(await operations.tagCollection())).toEqual(tags);
		expect(asked.map((question) => question.includes('etag'))).toEqual([false, true]);
		const { etag } = core.base().get('published', 'tags')!;
		const again = await core.call('published', { name: 'tags', etag });
		expect(again).toMatchObject({ ok: true, body: { etag } });
		expect(again.ok && again.body['value']).toBeUndefined();
	});

	test('K255 B8.3 is another one when it has another ETag', async () => {
		const { operations, core } = await newcomer();
		must(await operations.tagCollection());
		const { etag } = core.base().get('published', 'tags')!;
		const more = { ...tags, supportedLanguages: ['en', 'de'] };
		publication = { ...publication, tags: more };
		try {
			expect(must(await operations.tagCollection())).toEqual(tags);
			town.time.ahead += 5 * 60_000 + 1;
			expect(must(await operations.tagCollection())).toEqual(more);
			expect(core.base().get('published', 'tags')!.etag).not.toBe(etag);
		} finally {
			publication = { ...publication, tags };
		}
	});
});

test('B8.3 tags are known after a sync, and stay known while the relay cannot be reached', async () => {
	const dora = await town.person();
	const create = (tag: string) =>
		dora.engine.attributes.create({
			value: { '@type': 'EMailAddress', value: `${tag.length}@example.org` },
			tags: [tag]
		});
	expect(codeOf(await create('bkb:work:main'))).toBe('error.consumption.attributes.invalidTags');
	await town.settle(dora);
	dora.line.down = true;
	expect(codeOf(await create('bkb:work:main'))).toBeUndefined();
	expect(codeOf(await create('bkb:work'))).toBe('error.consumption.attributes.invalidTags');
	expect(codeOf(await create('bkb:play'))).toBe('error.consumption.attributes.invalidTags');
	dora.line.down = false;
});

test('K84 a notification reaches somebody with an active relationship', async () => {
	must(await bert.engine.account.sync());
	must(await anna.engine.published.notify([bert.address], 'TestCode'));
	await new Promise(setImmediate);
	const { TestCode: texts } = codes;
	expect(bert.line.pushed).toContainEqual({ push: 'notification', code: 'TestCode', texts });
});

test('K85 K86 no recipient, no code, an unknown code, no relationship, one of two without, a pending one', async () => {
	const CODE = 'error.transport.backboneNotifications';
	const none = `${CODE}.noActiveRelationshipFoundForRecipients`;
	const notify = async (recipients: string[], code: string) =>
		codeOf(await anna.engine.published.notify(recipients, code));
	expect(await notify([], 'TestCode')).toBe(`${CODE}.atLeastOneRecipientRequired`);
	expect(await notify([bert.address], '')).toBe(`${CODE}.codeMustNotBeEmpty`);
	expect(await notify([bert.address], 'Nonsense')).toBe('error.platform.validation.notification.codeDoesNotExist');
	expect(await notify([carla.address], 'TestCode')).toBe(none);
	expect(await notify([bert.address, carla.address], 'TestCode')).toBe(none);
	const template = must(
		await anna.engine.templates.create({
			content: { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 },
			expiresAt: town.inDays(1)
		})
	);
	must(await carla.engine.templates.load(template.reference.url));
	const creationContent = { '@type': 'ArbitraryRelationshipCreationContent', value: 1 };
	const asked = must(await carla.engine.relationships.create({ templateId: template.id, creationContent }));
	await town.settle(anna);
	expect(await notify([carla.address], 'TestCode')).toBe(none);
	must(await anna.engine.relationships.act(asked.id, 'reject'));
	expect(await notify([carla.address], 'TestCode')).toBe(none);
});
