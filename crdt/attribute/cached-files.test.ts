/** Which files go with a credential (content-behaviours.md E1.16; content-model.md §3.5). */
import { describe, expect, test } from 'vitest';
import { writeReference } from '../codec/reference.ts';
import type { AttributeRow, FileRow, Json, JsonObject } from '../views.ts';
import { cachedFilesOf } from './cached-files.ts';
import { anna, berlin, day, id, party } from './testing/party.ts';

const referenceOf = (fileId: string) =>
	writeReference({ id: fileId, key: new Uint8Array(32), baseUrl: 'http://localhost:1' });
const picture = (n: number) => referenceOf(id('FIL', n)).truncated;

const file = (n: number): FileRow => ({
	id: id('FIL', n),
	isOwn: true,
	filename: 'logo.png',
	filesize: 1,
	createdAt: day(1),
	createdBy: anna,
	createdByDevice: id('DVC', 1),
	expiresAt: day(9),
	mimetype: 'image/png',
	reference: referenceOf(id('FIL', n)),
	owner: anna,
	_key: new Uint8Array(32),
	_random: new Uint8Array(16),
	_turn: 0
});
/** Attribute n with that value, of Anna or of Berlin. */
const row = (n: number, value: JsonObject, owner = anna): AttributeRow => ({
	id: id('ATT', n),
	'@type': owner === anna ? 'OwnIdentityAttribute' : 'PeerIdentityAttribute',
	createdAt: day(1),
	content: { '@type': 'IdentityAttribute', owner, value },
	...(owner === anna ? {} : { peer: owner, sourceReference: id('REQ', n) })
});
const credential = (...displayInformationCachedImages: Json[]): JsonObject => ({
	'@type': 'VerifiableCredential',
	value: 'x',
	type: 'dc+sd-jwt',
	displayInformationCachedImages
});
/** Numbers of the files that go when these go and those stay; files 1 to 3 are there. */
function gone(leaving: readonly AttributeRow[], staying: readonly AttributeRow[] = []): number[] {
	const { views } = party(anna);
	for (const each of [...leaving, ...staying]) views.put('attributes', each);
	for (const n of [1, 2, 3]) views.put('files', file(n));
	return cachedFilesOf(views, leaving).map((each) => Number(each.id.slice(3)));
}

describe('E1.16 with a credential', () => {
	const one = row(1, credential({ locale: 'en', logo: picture(1), backgroundImage: picture(2) }));

	test('its logos and backgrounds go, each once', () => {
		expect(gone([one, row(2, credential({ logo: picture(1) }, { logo: picture(3) }))])).toEqual([1, 2, 3]);
	});
	test('what another credential shows stays', () => {
		expect(gone([one], [row(2, credential({ logo: picture(1) }))])).toEqual([2]);
	});
	test('what is an attribute of its own stays', () => {
		expect(gone([one], [row(2, { '@type': 'IdentityFileReference', value: picture(2) })])).toEqual([1]);
	});
	test('what a peer’s credential names stays: it may name any file', () => {
		expect(gone([row(1, credential({ logo: picture(1) }), berlin)])).toEqual([]);
	});
	test('what is no reference to a file that is there is passed over', () => {
		const others: Json[] = [{ logo: 'nonsense' }, { logo: picture(9) }, 'text', null, { logo: 7 }];
		expect(gone([row(1, credential(...others))])).toEqual([]);
	});
	test('an attribute of another type takes no file along', () => {
		expect(gone([row(1, { '@type': 'IdentityFileReference', value: picture(1) })])).toEqual([]);
	});
});
