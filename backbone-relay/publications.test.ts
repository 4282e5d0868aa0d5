/** What the operator publishes: what is right, who sees it, how it is read again, and the commands that write it. */
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PublishedName } from '@enmeshed/crdt/wire';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { admin } from './admin.ts';
import { createApp } from './app.ts';
import { fileOf, openFolder, type Folder } from './folder.ts';
import { DEVELOPMENT, parsePublication, type Publication } from './publications.ts';
import { createIdentity } from './testing/client.ts';
import { createTestRelay } from './testing/relay.ts';

const en = (title: string, body = 'Text') => ({ en: { title, body } });
const anAnnouncement = (more: object = {}) => ({
	id: 'ANC00000000000000001',
	createdAt: '2026-01-01T00:00:00.000Z',
	severity: 'Low',
	isSilent: false,
	texts: en('Hello'),
	actions: [],
	...more
});
const ANNA = createIdentity();

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'relay-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const problemOf = (name: PublishedName, value: unknown) => {
	const parsed = parsePublication(name, value);
	return parsed.ok ? 'right' : parsed.problem;
};

describe('K90, K91, K92 an announcement', () => {
	const rows: readonly [string, object, string][] = [
		['as it should be', {}, 'right'],
		[
			'with an expiry, an action and everybody’s language',
			{
				expiresAt: '2027-01-01T00:00:00Z',
				actions: [{ displayName: { en: 'Open', de: 'Öffnen' }, link: 'https://example.org/a' }],
				texts: { ...en('Hello'), de: { title: 'Hallo', body: 'Text' } }
			},
			'right'
		],
		['without an English text', { texts: { de: { title: 'Hallo', body: 'Text' } } }, 'English'],
		['in a language of three letters', { texts: { ...en('Hello'), deu: { title: 'a', body: 'b' } } }, 'two-letter'],
		['without a title', { texts: en('') }, 'must not be empty'],
		['without a body', { texts: en('Hello', '') }, 'must not be empty'],
		[
			'with a label of 31 characters',
			{ actions: [{ displayName: { en: 'x'.repeat(31) }, link: 'https://a.example' }] },
			'30'
		],
		[
			'with a label of two lines',
			{ actions: [{ displayName: { en: 'a\nb' }, link: 'https://a.example' }] },
			'one line'
		],
		[
			'with a label that has no English',
			{ actions: [{ displayName: { de: 'Auf' }, link: 'https://a.example' }] },
			'English'
		],
		['with an empty label', { actions: [{ displayName: { en: '' }, link: 'https://a.example' }] }, 'empty'],
		['with a link that is none', { actions: [{ displayName: { en: 'a' }, link: 'javascript:alert(1)' }] }, 'URL'],
		[
			'with a link of 301 characters',
			{ actions: [{ displayName: { en: 'a' }, link: `https://${'a'.repeat(293)}` }] },
			'300'
		],
		['with a query that is shown', { iqlQuery: 'GivenName' }, 'silent'],
		['silent, with a query', { isSilent: true, iqlQuery: 'GivenName' }, 'right'],
		['of another severity', { severity: 'Severe' }, 'Low, Medium or High'],
		['for nobody', { recipients: [] }, 'somebody'],
		['for what is no address', { recipients: ['anna'] }, 'address'],
		['with another id', { id: 'ANC1' }, 'ANC'],
		['with what nobody knows', { color: 'red' }, 'color']
	];
	test.each(rows)('%s', (_name, more, expected) => {
		expect(problemOf('announcements', [anAnnouncement(more)])).toContain(expected);
	});

	test('comes once: two of one id are refused', () => {
		expect(problemOf('announcements', [anAnnouncement(), anAnnouncement()])).toContain('twice');
	});
});

describe('K255 tags', () => {
	const tags = (tree: object, supportedLanguages = ['en']) => ({
		supportedLanguages,
		tagsForAttributeValueTypes: { PhoneNumber: tree }
	});
	const leaf = { displayNames: { en: 'Leaf' } };
	test.each([
		['as a tree', tags({ a: { ...leaf, children: { b: leaf } } }), 'right'],
		[
			'without a name in a supported language',
			tags({ a: { ...leaf, children: { b: leaf } } }, ['en', 'de']),
			'every supported'
		],
		['without one deep down', tags({ a: { ...leaf, children: { b: { displayNames: {} } } } }), 'every supported'],
		['that would shadow the custom ones', tags({ x: leaf }), 'must not be x'],
		['x deeper down is a name like any other', tags({ a: { ...leaf, children: { x: leaf } } }), 'right'],
		['with a colon in a name', tags({ 'a:b': leaf }), 'colon'],
		['without a language', tags({ a: leaf }, []), 'language'],
		[
			'nested without end',
			tags({
				a: Array.from({ length: 30 }).reduce<object>(
					(children) => ({ ...leaf, children: { a: children } }),
					leaf
				)
			}),
			'deeper'
		]
	])('%s', (_name, value, expected) => {
		expect(problemOf('tags', value)).toContain(expected);
	});
});

test('what a relay publishes by itself is right, has the test code and a tree of tags', () => {
	const own = DEVELOPMENT.current();
	for (const name of ['announcements', 'tags', 'codes'] as const) expect(problemOf(name, own[name])).toBe('right');
	expect(Object.keys(own.codes)).toEqual(['TestCode']);
	expect(own.tags.tagsForAttributeValueTypes['PhoneNumber']?.['emergency']?.children).toHaveProperty('first');
});

describe('the folder', () => {
	let opened: Folder;
	const warnings: string[] = [];
	const changes: string[] = [];
	const write = (name: PublishedName, text: string) => writeFileSync(fileOf(folder, name), text);
	beforeEach(() => {
		warnings.length = changes.length = 0;
		opened = openFolder(folder, (line) => void warnings.push(line));
		opened.onChange((name) => void changes.push(name));
	});
	afterEach(() => opened.close());

	test('is read again when a file changes, comes or goes, and says which', () => {
		write('codes', JSON.stringify({ Pay: en('Pay') }));
		opened.check();
		expect(opened.current().codes).toEqual({ Pay: en('Pay') });
		write('codes', JSON.stringify({ Pay: en('Pay now') }));
		opened.check();
		expect(opened.current().codes).toEqual({ Pay: en('Pay now') });
		rmSync(fileOf(folder, 'codes'));
		opened.check();
		expect(opened.current()).toEqual(DEVELOPMENT.current());
		expect(changes).toEqual(['codes', 'codes', 'codes']);
		expect(warnings).toEqual([]);
	});

	test('a wrong file is told in one line, once, and the last right one stays', () => {
		write('codes', JSON.stringify({ Pay: en('Pay') }));
		opened.check();
		for (const [text, why] of [
			['{', 'is no JSON'],
			['{"Pay": {"de": {"title": "a", "body": "b"}}}', 'English'],
			['[]', '']
		] as const) {
			write('codes', text + ' '.repeat(warnings.length));
			for (let i = 0; i < 3; i++) opened.check();
			expect(warnings.at(-1)).toContain(why);
			expect(warnings.at(-1)).not.toContain('\n');
			expect(warnings.at(-1)).toContain('codes.json');
		}
		expect(warnings).toHaveLength(3);
		expect(opened.current().codes).toEqual({ Pay: en('Pay') });
		expect(changes).toEqual(['codes']);
	});

	test('a change is noticed by itself', async () => {
		write('tags', JSON.stringify({ supportedLanguages: ['en'], tagsForAttributeValueTypes: {} }));
		await vi.waitFor(() => expect(changes).toEqual(['tags']), { timeout: 8000 });
	});

	test('that is not there publishes what a relay publishes by itself', () => {
		const none = openFolder(join(folder, 'none'), () => expect.unreachable());
		expect(none.current()).toEqual(DEVELOPMENT.current());
		none.close();
	});
});

/** A relay that publishes this. */
function publishing(what: Partial<Publication>) {
	let listener: ((name: PublishedName) => void) | undefined;
	let current: Publication = { ...DEVELOPMENT.current(), ...what };
	const world = createTestRelay({
		publications: { current: () => current, onChange: (to) => void (listener = to) }
	});
	const publish = (more: Partial<Publication>) => {
		current = { ...current, ...more };
		for (const name of Object.keys(more)) listener?.(name as PublishedName);
	};
	return { world, publish };
}
const announcementsOf = (all: readonly object[]) => {
	const parsed = parsePublication('announcements', all);
	if (!parsed.ok) throw new Error(parsed.problem);
	return parsed.value;
};
const idsOf = (value: unknown) => (value as { id: string }[]).map(({ id }) => id.at(-1));

describe('what readers see', () => {
	const announcements = announcementsOf([
		anAnnouncement(),
		anAnnouncement({ id: 'ANC00000000000000002', recipients: [ANNA.address] }),
		anAnnouncement({ id: 'ANC00000000000000003', isSilent: true, iqlQuery: 'GivenName' })
	]);

	test('K87, K89 announcements for all reach everybody, one for an address only that identity, and names nobody', async () => {
		const { world } = publishing({ announcements });
		const [anna, ben] = [await world.member(ANNA), await world.member()];
		const seen = async (client: typeof ben | ReturnType<typeof world.client>) =>
			(await client.must('published', { name: 'announcements' }))['value'];
		expect(idsOf(await seen(anna))).toEqual(['1', '2', '3']);
		expect(idsOf(await seen(ben))).toEqual(['1', '3']);
		expect(idsOf(await seen(world.client()))).toEqual(['1', '3']);
		expect(JSON.stringify(await seen(anna))).not.toContain('recipients');
	});

	test('K89 who writes another’s address into his genesis does not get what is meant for it', async () => {
		const { world } = publishing({ announcements });
		const thief = await world.member(createIdentity({ address: ANNA.address }));
		const { value } = await thief.must('published', { name: 'announcements' });
		expect(idsOf(value)).toEqual(['1', '3']);
	});

	test('K88, K91 all languages and the query of a silent one come along; who reads chooses', async () => {
		const { world } = publishing({ announcements });
		const { value } = await world.client().must('published', { name: 'announcements' });
		expect(value).toMatchObject([{ texts: en('Hello') }, { isSilent: true, iqlQuery: 'GivenName' }]);
	});

	test('K255 who has the newest is told so and nothing more; a change has another tag', async () => {
		const { world, publish } = publishing({});
		const client = world.client();
		for (const name of ['announcements', 'tags', 'codes'] as const) {
			const { etag } = await client.must('published', { name });
			const again = await client.must('published', { name, etag: etag as string });
			expect([again['etag'], again['value']]).toEqual([etag, undefined]);
		}
		const { etag } = await client.must('published', { name: 'codes' });
		publish({ codes: { Pay: en('Pay') } });
		const after = await client.must('published', { name: 'codes', etag: etag as string });
		expect(after['value']).toEqual({ Pay: en('Pay') });
	});

	test('K82 a change is told to every open line, without what changed', async () => {
		const { world, publish } = publishing({});
		const member = await world.member();
		const pushed: unknown[] = [];
		member.wire.onPush((push) => void pushed.push(push));
		publish({ announcements });
		expect(pushed).toEqual([{ push: 'published', name: 'announcements' }]);
	});

	test('K255 over HTTP it is plain JSON with an ETag, and 304 for who has it', async () => {
		const { world } = publishing({ announcements });
		const app = createApp({
			relay: world.relay,
			relayKey: world.relayKey,
			addressHost: 'localhost',
			isSecure: false,
			shell: undefined,
			sourceOf: () => 'test',
			log: () => undefined,
			report: (error) => void world.reported.push(error)
		});
		for (const name of ['announcements', 'tags', 'codes'] as const) {
			const answer = await app.request(`/v1/${name}`);
			expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
			const body = (await answer.json()) as unknown;
			if (name === 'announcements') expect(idsOf(body)).toEqual(['1', '3']);
			else expect(body).toEqual(DEVELOPMENT.current()[name]);
			const etag = answer.headers.get('etag')!;
			const again = await app.request(`/v1/${name}`, { headers: { 'if-none-match': etag } });
			expect([again.status, await again.text()]).toEqual([304, '']);
		}
	});
});

describe('the operator’s commands', () => {
	function run(...args: string[]): { done: boolean; line: string } {
		const printed: string[] = [];
		const ports = { now: () => Date.UTC(2026, 0, 2), print: (line: string) => void printed.push(line) };
		const done = admin(args, { CONFIG_DIR: folder }, ports);
		return { done, line: printed.join('\n') };
	}
	const stored = (name: PublishedName) => JSON.parse(readFileSync(fileOf(folder, name), 'utf8')) as unknown;

	test('K90 create, list and delete an announcement; an unknown one is none; what is wrong is not written', () => {
		const words = ['--title', 'en=Hello', '--body', 'en=Text', '--title', 'de=Hallo', '--body', 'de=Text'];
		const added = run(
			'announce',
			'add',
			...words,
			'--severity',
			'High',
			'--action',
			'https://a.example en=Open de=Auf'
		);
		expect(added.line).toMatch(/^ANC[A-Za-z0-9]{17}$/);
		expect(stored('announcements')).toMatchObject([
			{
				id: added.line,
				createdAt: '2026-01-02T00:00:00.000Z',
				severity: 'High',
				texts: { en: { title: 'Hello' }, de: { title: 'Hallo' } },
				actions: [{ link: 'https://a.example', displayName: { en: 'Open', de: 'Auf' } }]
			}
		]);
		const personal = run('announce', 'add', '--title', 'en=You', '--body', 'en=Text', '--for', ANNA.address);
		expect(stored('announcements')).toMatchObject([{}, { recipients: [ANNA.address] }]);
		expect(run('announce', 'list').line.split('\n')).toHaveLength(2);
		const before = readFileSync(fileOf(folder, 'announcements'), 'utf8');
		for (const [wrong, why] of [
			[['--title', 'Hello', '--body', 'en=Text'], '<language>=<text>'],
			[['--title', 'de=Hallo', '--body', 'de=Text'], 'English'],
			[['--title', 'en=A', '--body', 'en=B', '--query', 'GivenName'], 'silent'],
			[['--title', 'en=A', '--body', 'en=B', '--for', 'anna'], 'address'],
			[['--title', 'en=A', '--body', 'en=B', '--expires', 'soon'], 'ISO date'],
			[['--titel', 'en=A'], '--titel']
		] as const)
			expect(run('announce', 'add', ...wrong)).toMatchObject({ done: false, line: expect.stringContaining(why) });
		expect(readFileSync(fileOf(folder, 'announcements'), 'utf8')).toBe(before);
		expect(run('announce', 'delete', 'ANC00000000000000009')).toMatchObject({ done: false });
		expect(run('announce', 'delete', personal.line).done).toBe(true);
		expect(stored('announcements')).toHaveLength(1);
	});

	test('codes are set, listed and deleted; the one of development stays until it is deleted', () => {
		expect(run('codes', 'set', 'Pay', '--title', 'en=Pay', '--body', 'en=Now').done).toBe(true);
		expect(Object.keys(stored('codes') as object)).toEqual(['TestCode', 'Pay']);
		expect(run('codes', 'delete', 'TestCode').done).toBe(true);
		expect(run('codes', 'list').line).toBe('Pay  Pay');
		expect(run('codes', 'delete', 'TestCode').done).toBe(false);
		expect(run('codes', 'set', 'Bad', '--title', 'de=Nur', '--body', 'de=so').line).toContain('English');
	});

	test('tags come from a file, and a running relay has them at once', () => {
		const opened = openFolder(folder, () => expect.unreachable());
		const path = join(folder, 'mine.txt');
		const mine = {
			supportedLanguages: ['en'],
			tagsForAttributeValueTypes: { EMailAddress: { work: { displayNames: { en: 'Work' } } } }
		};
		writeFileSync(path, JSON.stringify(mine));
		expect(run('tags', 'set', path).done).toBe(true);
		opened.check();
		expect(opened.current().tags).toEqual(mine);
		expect(JSON.parse(run('tags', 'show').line)).toEqual(mine);
		writeFileSync(path, '{');
		expect(run('tags', 'set', path).line).toContain('is no JSON');
		expect(run('tags', 'set', join(folder, 'none')).line).toContain('ENOENT');
		opened.close();
	});

	test('check says which file is wrong and how; nothing is written over a wrong file', () => {
		expect(run('check')).toEqual({ done: true, line: 'all files are right' });
		writeFileSync(join(folder, 'x'), '[{}]');
		renameSync(join(folder, 'x'), fileOf(folder, 'announcements'));
		expect(run('check')).toMatchObject({ done: false, line: expect.stringContaining('announcements.json') });
		expect(run('announce', 'add', '--title', 'en=A', '--body', 'en=B').done).toBe(false);
		expect(readFileSync(fileOf(folder, 'announcements'), 'utf8')).toBe('[{}]');
		expect([run('nonsense').done, run().done, run('announce', 'ad').done]).toEqual([false, false, false]);
	});
});
