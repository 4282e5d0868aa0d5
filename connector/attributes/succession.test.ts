/**
 * Own attributes succeeded, and peers told of it (content-behaviours.md E1.10, E1.11, E1.13; content-model.md §3.3): of an
 * identity attribute when its owner says so, of a relationship attribute at once.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must, type Shape } from '../testing/party.ts';
import {
	attribute,
	create,
	endPeople,
	forgotten,
	fresh,
	get,
	given,
	idsOf,
	live,
	marked,
	meet,
	named,
	notifyPeer,
	people,
	proprietary,
	refusal,
	remove,
	renew,
	seen,
	share,
	succeed,
	tell,
	told,
	type Person
} from './testing/people.ts';

const UNKNOWN = 'ATT00000000000000009';
const NOBODY = 'did:e:localhost:dids:00000000000000000000ff';
const CODE = 'error.runtime.attributes';
const RULE = 'error.consumption.attributes';
const INVALID = 'error.runtime.validation.invalidPropertyValue';
const NOT_FOUND = 'error.runtime.recordNotFound';

let anna: Person;
let berlin: Person;
beforeAll(async () => {
	({ anna, berlin } = await people(['anna', 'berlin']));
	await meet(berlin, anna);
}, 60_000);
afterAll(endPeople);

const refused = (id: string, successorContent: object, who = anna) =>
	refusal(who.call('POST', `/Attributes/${id}/Succeed`, { successorContent }));
const versions = async (who: Person, id: string) => idsOf(await get(who, `/Attributes/${id}/Versions`));

describe('succeeding an own identity attribute', () => {
	test('E1.10 works: both are linked, nobody is told', async () => {
		const old = await create(anna, named(fresh(), ['x:one']));
		const sent = await get<Shape[]>(anna, '/Messages');
		const done = await succeed(anna, old.id, named('Works', ['x:two']));
		expect(Object.keys(done)).toEqual(['predecessor', 'successor']);
		const { predecessor, successor } = done;
		expect(predecessor).toEqual({ ...old, succeededBy: successor.id });
		expect(successor).toMatchObject({
			'@type': 'OwnIdentityAttribute',
			succeeds: old.id,
			numberOfForwards: 0,
			content: { owner: anna.address, ...named('Works', ['x:two']) }
		});
		expect(await attribute(anna, old.id)).toEqual(predecessor);
		expect(await attribute(anna, successor.id)).toEqual(successor);
		expect(await told(anna, 'attributeSucceeded', successor.id)).toEqual([done]);
		expect(await get<Shape[]>(anna, '/Messages')).toEqual(sent);
	});
	test('E1.10 works with other tags only, or without', async () => {
		const text = fresh();
		const old = await create(anna, named(text, ['x:one']));
		const { successor } = await succeed(anna, old.id, named(text, ['x:two']));
		expect((await succeed(anna, successor.id, named(text))).successor.content).not.toHaveProperty('tags');
	});
	test('E1.10 trims', async () => {
		const { successor } = await succeed(anna, (await create(anna)).id, named('\t Trimmed '));
		expect(successor.content.value.value).toBe('Trimmed');
	});
	test('E1.10 refused: a malformed id and an unknown one, in the same words', async () => {
		for (const id of ['x', UNKNOWN]) {
			const { status, error } = await anna.call('POST', `/Attributes/${id}/Succeed`, {
				successorContent: named()
			});
			expect([status, error?.code, error?.message]).toEqual([
				404,
				NOT_FOUND,
				`Predecessor attribute '${id}' not found.`
			]);
		}
	});
	test.each([
		['a content without value', {}, INVALID],
		['a value without its text', { value: { '@type': 'GivenName' } }, INVALID],
		['a property too many', { ...named(), more: 1 }, INVALID],
		['a text that is too long', named('x'.repeat(101)), `${RULE}.successorIsNotAValidAttribute`],
		['senseless tags', named('y', ['y']), `${RULE}.invalidTags`],
		['forbidden characters', named('A\u0007'), `${RULE}.forbiddenCharactersInAttribute`],
		[
			'another value type',
			{ value: { '@type': 'Surname', value: 'Berg' } },
			`${RULE}.successionMustNotChangeValueType`
		]
	])('E1.10 refused: %s', async (_, content, code) => {
		const { id } = await create(anna);
		expect(await refused(id, content)).toEqual([400, code]);
		expect(await versions(anna, id)).toEqual([id]);
	});
	test('E1.10 refused: the same content', async () => {
		const content = named();
		const { id } = await create(anna, content);
		expect(await refused(id, content)).toEqual([400, `${RULE}.successionMustChangeContent`]);
	});
	test('E1.10 refused: what has a successor already', async () => {
		const { id } = await create(anna);
		await succeed(anna, id);
		expect(await refused(id, named())).toEqual([400, `${RULE}.cannotSucceedAttributesWithASuccessor`]);
	});
	test('E1.10 refused: an identity attribute of a peer', async () => {
		const id = await given(anna, berlin);
		expect(await refused(id, named(), berlin)).toEqual([400, `${CODE}.isNotOwnIdentityAttribute`]);
	});
});

describe('telling a peer of a succession', () => {
	const failed = (id: string, peer: { address: string } = berlin, who = anna) =>
		refusal(notifyPeer(who, id, peer as Person));
	const notified = (id: string) => must(notifyPeer(anna, id, berlin), 201);
	const forwardings = (id: string) => get<Shape[]>(anna, `/Attributes/${id}/ForwardingDetails`);

	test('E1.11 a message with the notification is sent', async () => {
		const id = await given(anna, berlin);
		const { successor } = await succeed(anna, id);
		const done = await notified(successor.id);
		expect(done).toMatchObject({
			predecessor: { id, succeededBy: successor.id },
			successor: { id: successor.id, numberOfForwards: 1 },
			notificationId: expect.stringMatching(/^NOT[A-Za-z0-9]{17}$/)
		});
		const sent = await get<(Shape & { content: Shape })[]>(anna, '/Messages?content.@type=Notification');
		expect(sent.filter(({ content }) => content.id === done.notificationId)).toMatchObject([
			{
				recipients: [{ address: berlin.address }],
				content: {
					items: [
						{
							'@type': 'PeerAttributeSucceededNotificationItem',
							predecessorId: id,
							successorId: successor.id,
							successorContent: successor.content
						}
					]
				}
			}
		]);
	});

	test('E1.11 the successor is forwarded to the peer from then on, by that notification', async () => {
		const { successor } = await succeed(anna, await given(anna, berlin));
		expect(await forwardings(successor.id)).toEqual([]);
		const { notificationId } = await notified(successor.id);
		expect(await forwardings(successor.id)).toEqual([
			{ peer: berlin.address, sourceReference: notificationId, sharedAt: expect.any(String) }
		]);
	});

	test('E1.11 the peer holds the successor, linked to what it held', async () => {
		const id = await given(anna, berlin);
		const { successor } = await succeed(anna, id);
		const { notificationId } = await notified(successor.id);
		expect(await seen(berlin, `/Attributes/${successor.id}`)).toMatchObject({
			'@type': 'PeerIdentityAttribute',
			peer: anna.address,
			succeeds: id,
			sourceReference: notificationId,
			content: successor.content
		});
		expect((await attribute(berlin, id))['succeededBy']).toBe(successor.id);
		const [event, ...more] = await told(berlin, 'attributeSucceeded', successor.id);
		expect([event, more]).toMatchObject([{ predecessor: { id }, successor: { id: successor.id } }, []]);
	});

	test('E1.11 an intermediate version may be skipped', async () => {
		const id = await given(anna, berlin);
		const skipped = (await succeed(anna, id)).successor.id;
		const last = await tell(anna, berlin, skipped);
		expect(await versions(anna, id)).toEqual([last, skipped, id]);
		expect(await versions(berlin, id)).toEqual([last, id]);
		expect(await refusal(berlin.call('GET', `/Attributes/${skipped}`))).toEqual([404, NOT_FOUND]);
	});

	test('E1.11 ok after the peer deleted the predecessor and was given it again', async () => {
		const id = await given(anna, berlin);
		await remove(berlin, id);
		await forgotten(anna, berlin, id);
		await share(anna, berlin, id);
		const last = await tell(anna, berlin, id);
		expect(await attribute(berlin, last)).toMatchObject({ succeeds: id });
	});

	test('E1.11 refused after the peer deleted the predecessor', async () => {
		const id = await given(anna, berlin);
		await remove(berlin, id);
		await forgotten(anna, berlin, id);
		const { successor } = await succeed(anna, id);
		expect(await failed(successor.id)).toEqual([400, `${CODE}.peerHasNoPreviousVersionOfAttribute`]);
	});

	test('E1.11 refused after the peer deleted the successor it was told', async () => {
		const id = await given(anna, berlin);
		const last = await tell(anna, berlin, id);
		await remove(berlin, last);
		await forgotten(anna, berlin, last);
		for (const version of [id, last])
			expect(await failed(version)).toEqual([400, `${CODE}.peerHasNoPreviousVersionOfAttribute`]);
	});

	test('E1.11 refused: the version the peer has', async () => {
		const id = await given(anna, berlin);
		const SAME = [400, `${CODE}.ownIdentityAttributeHasAlreadyBeenSharedWithPeer`];
		expect(await failed(id)).toEqual(SAME);
		expect(await failed(await tell(anna, berlin, id))).toEqual(SAME);
	});

	test('E1.11 refused: a version older than the one the peer has', async () => {
		const id = await given(anna, berlin);
		const middle = (await succeed(anna, id)).successor.id;
		await tell(anna, berlin, middle);
		for (const version of [id, middle])
			expect(await failed(version)).toEqual([
				400,
				`${CODE}.successorOfOwnIdentityAttributeHasAlreadyBeenSharedWithPeer`
			]);
	});

	test('E1.11 refused: what was never shared with the peer', async () => {
		const NEVER = [400, `${CODE}.peerHasNoPreviousVersionOfAttribute`];
		const { successor } = await succeed(anna, (await create(anna)).id);
		expect(await failed(successor.id)).toEqual(NEVER);
		const shared = (await succeed(anna, await given(anna, berlin))).successor.id;
		expect(await failed(shared, { address: NOBODY })).toEqual(NEVER);
	});

	test('E1.11 refused: an unknown attribute, a malformed id, a peer’s attribute, one of a relationship', async () => {
		expect(await failed(UNKNOWN)).toEqual([404, NOT_FOUND]);
		expect(await failed('x')).toEqual([400, INVALID]);
		const NOT_OWN = [400, `${CODE}.isNotOwnIdentityAttribute`];
		expect(await failed(await given(anna, berlin), anna, berlin)).toEqual(NOT_OWN);
		expect(await failed(await live(anna, berlin))).toEqual(NOT_OWN);
	});
});

describe('succeeding an own relationship attribute', () => {
	const next = () => ({ value: proprietary(fresh('card')) });

	test('E1.13 both sides hold the successor, the peer by notification', async () => {
		const id = await live(anna, berlin, { confidentiality: 'protected', isTechnical: true });
		const content = next();
		const { predecessor, successor, notificationId } = await succeed(anna, id, content);
		expect(predecessor).toMatchObject({ id, succeededBy: successor.id });
		const inherited = { ...predecessor.content, ...content };
		expect(successor).toMatchObject({
			'@type': 'OwnRelationshipAttribute',
			succeeds: id,
			peer: berlin.address,
			sourceReference: notificationId,
			numberOfForwards: 0,
			content: inherited
		});
		expect(await seen(berlin, `/Attributes/${successor.id}`)).toMatchObject({
			'@type': 'PeerRelationshipAttribute',
			succeeds: id,
			peer: anna.address,
			sourceReference: notificationId,
			content: inherited
		});
		for (const who of [anna, berlin]) {
			const events = await told(who, 'attributeSucceeded', successor.id);
			expect(events).toMatchObject([{ predecessor: { id }, successor: { id: successor.id } }]);
		}
		await renew(anna, berlin, successor.id);
		expect(await versions(berlin, id)).toEqual(await versions(anna, id));
	});

	test('E1.13 refused: another value type, tags, the same content, a predecessor with successor', async () => {
		const id = await live(anna, berlin);
		const { value } = (await attribute(anna, id)).content;
		const other = { '@type': 'ProprietaryInteger', title: 'Card', value: 7 };
		expect(await refused(id, { value: other })).toEqual([400, `${RULE}.successionMustNotChangeValueType`]);
		expect(await refused(id, named())).toEqual([400, `${RULE}.successorIsNotAValidAttribute`]);
		expect(await refused(id, { ...next(), tags: ['x:a'] })).toEqual([400, INVALID]);
		expect(await refused(id, { value })).toEqual([400, `${RULE}.successionMustChangeContent`]);
		await renew(anna, berlin, id);
		expect(await refused(id, next())).toEqual([400, `${RULE}.cannotSucceedAttributesWithASuccessor`]);
	});

	test('E1.13 refused: what the peer deleted', async () => {
		const id = await live(anna, berlin);
		await remove(berlin, id);
		await marked(anna, id, 'DeletedByRecipient');
		expect(await refused(id, next())).toEqual([400, `${RULE}.cannotSucceedSharedAttributesDeletedByPeer`]);
	});

	test('E1.13 refused: the peer’s side of it', async () => {
		const id = await live(anna, berlin);
		expect(await refused(id, next(), berlin)).toEqual([400, `${CODE}.isNotOwnRelationshipAttribute`]);
	});
});
