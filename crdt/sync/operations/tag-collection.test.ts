/** The operator's tags, as an engine keeps them (content-behaviours.md B8 (3); content-model.md §1.6). */
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Publication } from '../../../backbone-relay/publications.ts';
import type { AttributeTagCollection } from '../../content/tags.ts';
import type { Core } from '../core.ts';
import { createTown, must, type Person } from '../testing/town.ts';
import { makeBase } from './base.ts';
import { publishedOperations } from './published.ts';

const MINUTE = 60_000;
const named = (tag: string): AttributeTagCollection => ({
	supportedLanguages: ['en'],
	tagsForAttributeValueTypes: { GivenName: { [tag]: { displayNames: { en: tag } } } }
});
let publication: Publication;
const town = createTown({ publications: { current: () => publication, onChange: () => () => undefined } });
const publish = (tags: AttributeTagCollection) => (publication = { announcements: [], tags, codes: {} } as never);
let anna: Person;
/** What the relay was asked, and whether it sent the tags or said that they are the same. */
let asked: { readonly etag: unknown; readonly isSent: boolean }[];
let operations: ReturnType<typeof publishedOperations>['operations'];

beforeEach(async () => {
	publish(named('one'));
	anna = await town.person();
	asked = [];
	const call = async (...[op, body]: Parameters<Core['call']>) => {
		const answer = await anna.core.call(op, body);
		const { etag } = body as { readonly etag?: unknown };
		asked.push({ etag, isSent: answer.ok && 'value' in answer.body && answer.body['value'] !== undefined });
		return answer;
	};
	operations = publishedOperations(makeBase({ ...anna.core, call: call as Core['call'] })).operations;
});
afterAll(() => town.close());

test('B8.3 the tag collection is loaded from the Backbone', async () => {
	expect(must(await operations.tagCollection())).toEqual(named('one'));
	expect(asked).toEqual([{ etag: undefined, isSent: true }]);
});

test('B8.3 reads at once share one request', async () => {
	const all = await Promise.all([1, 2, 3].map(() => operations.tagCollection()));
	expect(all.map(must)).toEqual([1, 2, 3].map(() => named('one')));
	expect(asked).toHaveLength(1);
});

test('B8.3 it is cached by time: for five minutes the Backbone is not asked again', async () => {
	must(await operations.tagCollection());
	publish(named('two'));
	town.time.ahead += 4 * MINUTE;
	expect(must(await operations.tagCollection())).toEqual(named('one'));
	expect(asked).toHaveLength(1);
});

test('B8.3 it is cached by ETag: after that time the Backbone is asked, and sends nothing when it is the same', async () => {
	must(await operations.tagCollection());
	town.time.ahead += 6 * MINUTE;
	expect(must(await operations.tagCollection())).toEqual(named('one'));
	expect(asked).toMatchObject([{ isSent: true }, { etag: expect.any(String), isSent: false }]);
	must(await operations.tagCollection());
	expect(asked).toHaveLength(2);
});

test('B8.3 it is fetched again after that time when its ETag is new', async () => {
	must(await operations.tagCollection());
	publish(named('two'));
	town.time.ahead += 6 * MINUTE;
	expect(must(await operations.tagCollection())).toEqual(named('two'));
	expect(asked).toMatchObject([{ isSent: true }, { isSent: true }]);
});

test('B8.3 while the Backbone cannot be reached the last one stays; before the first one it is empty', async () => {
	anna.line.down = true;
	expect(must(await operations.tagCollection())).toEqual({ supportedLanguages: [], tagsForAttributeValueTypes: {} });
	anna.line.down = false;
	expect(must(await operations.tagCollection())).toEqual(named('one'));
	anna.line.down = true;
	town.time.ahead += 6 * MINUTE;
	expect(must(await operations.tagCollection())).toEqual(named('one'));
	anna.line.down = false;
});
