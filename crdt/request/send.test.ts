import { describe, expect, test } from 'vitest';
import { anna, berlin, carl, day, id, party, relate, type Party } from '../attribute/testing/party.ts';
import { maxRecipients } from '../limits.ts';
import type { JsonObject, RequestRow } from '../views.ts';
import { checkOpening, checkSend } from './send.ts';

const code = (result: { ok: boolean; error?: { code: string } }) =>
	result.ok ? 'ok' : result.error?.code.split('.').slice(1).join('.');
const mail = (more: object = {}): JsonObject => ({
	'@type': 'Mail',
	to: [berlin],
	cc: [],
	subject: 's',
	body: 'b',
	...more
});
const consent = { '@type': 'ConsentRequestItem', mustBeAccepted: true, consent: 'I agree.' };
const asked = (n: number, more: object = {}): JsonObject => ({
	'@type': 'Request',
	items: [consent],
	id: id('REQ', n),
	...more
});

function annaKnows(): Party {
	const p = party(anna);
	relate(p, berlin, 'Active', { id: id('REL', 1) });
	relate(p, carl, 'Active', { id: id('REL', 2) });
	const put = (n: number, changes: Partial<RequestRow>) =>
		p.views.put('requests', {
			id: id('REQ', n),
			isOwn: true,
			peer: berlin,
			createdAt: day(1),
			status: 'Draft',
			content: asked(n),
			...changes
		});
	put(1, {});
	put(2, { content: asked(2, { expiresAt: day(2) }) });
	put(3, { peer: carl });
	put(4, { status: 'Open' });
	put(5, { isOwn: false });
	return p;
}
const sent = (content: JsonObject, recipients = [berlin], p = annaKnows(), attachments: string[] = []) =>
	code(checkSend(p.views, { recipients, content, attachments }, day(3)));
const invalid = 'runtime.validation.invalidPropertyValue';

const notification: JsonObject = {
	'@type': 'Notification',
	id: id('NOT', 1),
	items: [{ '@type': 'ForwardedAttributeDeletedByPeerNotificationItem', attributeId: id('ATT', 1) }]
};

describe('may a message be sent', () => {
	test.each<[string, JsonObject, string[], string]>([
		['a mail', mail(), [berlin], 'ok'],
		['a mail to two', mail({ cc: [carl] }), [carl, berlin], 'ok'],
		['anything arbitrary', { '@type': 'ArbitraryMessageContent', value: { a: 1 } }, [berlin, carl], 'ok'],
		['a drafted request', asked(1), [berlin], 'ok'],
		['nobody', mail(), [], invalid],
		['somebody twice', mail(), [berlin, berlin], invalid],
		['too many', mail(), Array.from({ length: maxRecipients + 1 }, (_, n) => `a${n}`), invalid],
		['an unknown class', { '@type': 'Poem' }, [berlin], 'runtime.unknownType'],
		['a broken one', mail({ subject: 7 }), [berlin], 'runtime.requestDeserialization'],
		['a class for elsewhere', { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 }, [berlin], invalid],
		['a notification', notification, [berlin], 'ok'],
		['a request to two', asked(1), [berlin, carl], invalid],
		['somebody in cc twice', mail({ cc: [carl, carl] }), [berlin, carl], invalid],
		['somebody in to twice', mail({ to: [berlin, berlin] }), [berlin], invalid],
		['somebody in to and cc', mail({ cc: [berlin] }), [berlin], invalid],
		['somebody who is not named', mail(), [berlin, carl], invalid],
		['somebody named who does not get it', mail({ cc: [carl] }), [berlin], invalid],
		['a request without id', { '@type': 'Request', items: [consent] }, [berlin], invalid],
		['a request nobody made', asked(9), [berlin], 'runtime.recordNotFound'],
		['a request of the peer', asked(5), [berlin], 'runtime.recordNotFound'],
		['a request that differs', asked(1, { title: 'x' }), [berlin], invalid],
		[
			'a request that is expired',
			asked(2, { expiresAt: day(2) }),
			[berlin],
			'runtime.messages.cannotSendMessageWithExpiredRequest'
		],
		['a request for another peer', asked(3), [berlin], invalid],
		['a request that was sent', asked(4), [berlin], 'runtime.messages.cannotSendRequestThatWasAlreadySent']
	])('%s', (_name, content, recipients, expected) => {
		expect(sent(content, recipients)).toBe(expected);
	});

	test('only within an active relationship, and to who stays', () => {
		for (const status of ['Pending', 'Rejected', 'Revoked', 'Terminated', 'DeletionProposed'] as const) {
			const p = annaKnows();
			relate(p, berlin, status);
			expect(sent(mail(), [berlin], p)).toBe('runtime.messages.hasNoActiveRelationship');
		}
		for (const [deletionStatus, expected] of [
			['ToBeDeleted', 'runtime.messages.peerIsInDeletion'],
			['Deleted', 'transport.messages.peerIsDeleted']
		] as const) {
			const p = annaKnows();
			relate(p, berlin, 'Active', { peerDeletionInfo: { deletionStatus, deletionDate: day(9) } });
			expect(sent(mail(), [berlin], p)).toBe(expected);
		}
		expect(sent(mail({ to: [anna] }), [anna])).toBe('runtime.messages.hasNoActiveRelationship');
	});

	test('E6.4 a request that was made before the peer began to leave is not sent any more, a notification is', () => {
		const p = annaKnows();
		expect(sent(asked(1), [berlin], p)).toBe('ok');
		const peerDeletionInfo = { deletionStatus: 'ToBeDeleted', deletionDate: day(9) } as const;
		relate(p, berlin, 'Active', { peerDeletionInfo });
		expect(sent(asked(1), [berlin], p)).toBe('runtime.messages.peerIsInDeletion');
		expect(sent(notification, [berlin], p)).toBe('ok');
		relate(p, berlin, 'Active');
		expect(sent(asked(1), [berlin], p)).toBe('ok');
	});

	test('D a notification also where the relationship has ended, and to who is being deleted', () => {
		const said = (...row: [Parameters<typeof relate>[2], ('ToBeDeleted' | 'Deleted')?]) => {
			const p = annaKnows();
			const [status, deletionStatus] = row;
			relate(
				p,
				berlin,
				status,
				deletionStatus ? { peerDeletionInfo: { deletionStatus, deletionDate: day(9) } } : {}
			);
			return sent(notification, [berlin], p);
		};
		expect([said('Active'), said('Terminated'), said('Active', 'ToBeDeleted')]).toEqual(['ok', 'ok', 'ok']);
		expect(said('Pending')).toBe('transport.messages.hasNeitherActiveNorTerminatedRelationship');
		expect(said('Active', 'Deleted')).toBe('transport.messages.peerIsDeleted');
	});

	test('refusals come in the order clients rely on', () => {
		const p = party(anna);
		expect(sent({ '@type': 'Poem' }, [], p)).toBe(invalid);
		expect(sent({ '@type': 'Poem' }, [berlin], p)).toBe('runtime.unknownType');
		expect(sent(asked(1), [berlin, carl], p)).toBe(invalid);
		expect(sent(mail({ to: [carl, carl] }), [berlin], p)).toBe('runtime.messages.hasNoActiveRelationship');
		expect(sent(asked(9), [berlin], p)).toBe('runtime.messages.hasNoActiveRelationship');
		expect(sent(mail({ to: [carl] }), [berlin], annaKnows(), ['FIL1'])).toBe(invalid);
		expect(sent(mail(), [berlin], annaKnows(), ['FIL1'])).toBe('runtime.recordNotFound');
	});
});

describe('may a relationship be opened', () => {
	const body = {
		result: 'Accepted',
		requestId: id('REQ', 1),
		items: [{ '@type': 'AcceptResponseItem', result: 'Accepted' }]
	};
	const structured = { '@type': 'RelationshipCreationContent', response: body };
	const arbitrary = { '@type': 'ArbitraryRelationshipCreationContent', value: 1 };
	function annaLoaded(
		content: JsonObject = { '@type': 'RelationshipTemplateContent', onNewRelationship: { items: [consent] } },
		more: object = {}
	): Party {
		const p = party(anna);
		p.views.put('templates', {
			id: id('RLT', 1),
			isOwn: false,
			createdBy: berlin,
			createdByDevice: 'DVC',
			createdAt: day(1),
			content,
			reference: { truncated: '', url: '' },
			...more
		});
		p.views.put('requests', {
			id: id('REQ', 1),
			isOwn: false,
			peer: berlin,
			createdAt: day(1),
			status: 'Decided',
			content: asked(1),
			source: { type: 'RelationshipTemplate', reference: id('RLT', 1) },
			response: { createdAt: day(1), content: { '@type': 'Response', ...body } }
		});
		return p;
	}
	const opened = (p: Party, creationContent?: JsonObject, templateId = id('RLT', 1)) =>
		code(checkOpening(p.views, { templateId, creationContent }, day(3)));

	test('with the response its request was accepted with, or to look at first, with nothing', () => {
		expect(opened(annaLoaded(), structured)).toBe('ok');
		expect(opened(annaLoaded(), { ...structured, response: { '@type': 'Response', ...body } })).toBe('ok');
		expect(opened(annaLoaded())).toBe('ok');
		expect(opened(annaLoaded({ '@type': 'ArbitraryRelationshipTemplateContent', value: 1 }), arbitrary)).toBe('ok');
	});

	test('not with an unknown, deleted, own or expired template', () => {
		expect(opened(annaLoaded(), structured, id('RLT', 2))).toBe('runtime.recordNotFound');
		expect(opened(annaLoaded(undefined, { _deleted: true }), structured)).toBe('runtime.recordNotFound');
		expect(opened(annaLoaded(undefined, { isOwn: true }), structured)).toMatch(
			/cannotCreateRelationshipWithYourself/
		);
		expect(opened(annaLoaded(undefined, { expiresAt: day(2) }), structured)).toBe(
			'transport.relationships.relationshipTemplateIsExpired'
		);
	});

	test.each([
		['Pending', 'relationshipCurrentlyExists'],
		['Active', 'relationshipCurrentlyExists'],
		['Terminated', 'relationshipCurrentlyExists'],
		['DeletionProposed', 'relationshipCurrentlyExists'],
		['Rejected', 'ok'],
		['Revoked', 'ok']
	] as const)('with a %s relationship: %s', (status, expected) => {
		const p = annaLoaded();
		relate(p, berlin, status);
		expect(opened(p, structured)).toBe(expected === 'ok' ? 'ok' : `transport.relationships.${expected}`);
	});

	test('not while the peer still has the one we removed, or is being deleted', () => {
		const p = annaLoaded();
		relate(p, berlin, 'DeletionProposed', { _hidden: 'decomposed' });
		expect(opened(p, structured)).toBe('transport.relationships.relationshipNotYetDecomposedByPeer');
		for (const [deletionStatus, expected] of [
			['ToBeDeleted', 'activeIdentityDeletionProcessOfOwnerOfRelationshipTemplate'],
			['Deleted', 'deletedOwnerOfRelationshipTemplate']
		] as const) {
			const q = annaLoaded();
			relate(q, berlin, 'Rejected', { peerDeletionInfo: { deletionStatus, deletionDate: day(2) } });
			expect(opened(q, structured)).toBe(`transport.relationships.${expected}`);
		}
	});

	test('the content must fit the template and be what was decided', () => {
		expect(opened(annaLoaded(), arbitrary)).toBe(invalid);
		expect(opened(annaLoaded({ '@type': 'ArbitraryRelationshipTemplateContent', value: 1 }), structured)).toBe(
			invalid
		);
		expect(opened(annaLoaded(), mail())).toBe(invalid);
		expect(opened(annaLoaded(), { '@type': 'RelationshipCreationContent' })).toBe('runtime.requestDeserialization');
		const rejected = { ...body, items: [{ '@type': 'RejectResponseItem', result: 'Rejected' }] };
		expect(opened(annaLoaded(), { ...structured, response: rejected })).toBe(
			'runtime.relationships.wrongResponseProvidedAsCreationContent'
		);
		for (const change of [
			{ status: 'ManualDecisionRequired' },
			{ response: { createdAt: day(1), content: { '@type': 'Response', ...body, result: 'Rejected' } } }
		] as Partial<RequestRow>[]) {
			const p = annaLoaded();
			p.views.put('requests', { ...(p.views.get('requests', id('REQ', 1)) as RequestRow), ...change });
			expect(opened(p, structured)).toBe('runtime.relationships.noAcceptedIncomingRequest');
		}
	});

	test('the relationship is said before the content', () => {
		const p = annaLoaded();
		relate(p, berlin, 'Active');
		expect(opened(p, arbitrary)).toBe('transport.relationships.relationshipCurrentlyExists');
	});
});
