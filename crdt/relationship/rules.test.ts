import { describe, expect, test } from 'vitest';
import type { AuditEntry, RelationshipAction, RelationshipRow, RelationshipStatus } from '../views.ts';
import { check, crossingRelationships, possible, relationshipActions, rules } from './rules.ts';

const me = 'did:e:localhost:dids:00000000000000000000aa';
const peer = 'did:e:localhost:dids:00000000000000000000bb';
const statuses: RelationshipStatus[] = ['Pending', 'Active', 'Rejected', 'Revoked', 'Terminated', 'DeletionProposed'];

function relationship(status: RelationshipStatus, own: boolean, asker?: string): RelationshipRow {
	const at = '2030-01-01T00:00:00.000Z';
	const created: AuditEntry = { createdAt: at, createdBy: own ? me : peer, reason: 'Creation', newStatus: 'Pending' };
	const asked: AuditEntry = {
		createdAt: at,
		createdBy: asker ?? me,
		reason: 'ReactivationRequested',
		oldStatus: 'Terminated',
		newStatus: 'Terminated'
	};
	return {
		id: 'REL00000000000000001',
		templateId: 'RLT00000000000000001',
		status,
		peer,
		peerIdentity: { address: peer, publicKey: '' },
		creationContent: {},
		auditLog: asker ? [created, asked] : [created],
		_own: own,
		_events: [],
		_createdAt: at
	};
}

/** status × side (· nobody asks for reactivation, m I do, p the peer does) → what is possible. Written by hand, not from the table. */
const expected: Record<string, RelationshipAction[]> = {
	'Pending author ·': ['revoke'],
	'Pending peer ·': ['accept', 'reject'],
	'Active author ·': ['terminate'],
	'Active peer ·': ['terminate'],
	'Rejected author ·': [],
	'Rejected peer ·': [],
	'Revoked author ·': [],
	'Revoked peer ·': [],
	'Terminated author ·': ['reactivate', 'decompose'],
	'Terminated peer ·': ['reactivate', 'decompose'],
	'Terminated author m': ['revokeReactivation', 'decompose'],
	'Terminated peer m': ['revokeReactivation', 'decompose'],
	'Terminated author p': ['acceptReactivation', 'rejectReactivation', 'decompose'],
	'Terminated peer p': ['acceptReactivation', 'rejectReactivation', 'decompose'],
	'DeletionProposed author ·': ['decompose'],
	'DeletionProposed peer ·': ['decompose']
};

describe('the table of relationships', () => {
	test.each(Object.entries(expected))('in "%s" exactly these are possible: %j', (situation, actions) => {
		const [status, side, asker] = situation.split(' ') as [RelationshipStatus, string, string];
		const row = relationship(status, side === 'author', { m: me, p: peer }[asker]);
		expect(possible(row, me)).toEqual(actions);
		for (const action of relationshipActions) expect(check(row, me, action).ok).toBe(actions.includes(action));
	});

	test('every status is in the expectation for both sides', () => {
		const seen = new Set(Object.keys(expected).map((key) => key.split(' ').slice(0, 2).join(' ')));
		for (const status of statuses)
			for (const side of ['author', 'peer']) expect(seen).toContain(`${status} ${side}`);
	});

	test('nothing is possible any more once it is hidden', () => {
		for (const status of statuses)
			expect(possible({ ...relationship(status, true), _hidden: 'decomposed' }, me)).toEqual([]);
	});

	test('each action leaves its reason and status, and reasons are never shared', () => {
		expect(Object.entries(rules).map(([action, { to, reason }]) => `${action} ${reason} ${to}`)).toEqual([
			'create Creation Pending',
			'accept AcceptanceOfCreation Active',
			'reject RejectionOfCreation Rejected',
			'revoke RevocationOfCreation Revoked',
			'terminate Termination Terminated',
			'reactivate ReactivationRequested Terminated',
			'acceptReactivation AcceptanceOfReactivation Active',
			'rejectReactivation RejectionOfReactivation Terminated',
			'revokeReactivation RevocationOfReactivation Terminated',
			'decompose Decomposition DeletionProposed'
		]);
	});
});

describe('refusals come in the order REST promises', () => {
	const codeOf = (row: RelationshipRow, action: RelationshipAction) => {
		const result = check(row, me, action);
		return result.ok ? 'ok' : result.error.code.split('.').at(-1);
	};
	test('the wrong status is said before the wrong side', () => {
		expect(codeOf(relationship('Active', true), 'accept')).toBe('wrongRelationshipStatus');
		expect(codeOf(relationship('Pending', true), 'accept')).toBe('operationOnlyAllowedForPeer');
		expect(codeOf(relationship('Pending', false), 'revoke')).toBe('operationOnlyAllowedForPeer');
	});
	test('a missing or present reactivation request is said before the wrong side', () => {
		expect(codeOf(relationship('Terminated', true), 'acceptReactivation')).toBe('reactivationNotRequested');
		expect(codeOf(relationship('Terminated', true, me), 'acceptReactivation')).toBe('operationOnlyAllowedForPeer');
		expect(codeOf(relationship('Terminated', true, peer), 'revokeReactivation')).toBe(
			'operationOnlyAllowedForPeer'
		);
		expect(codeOf(relationship('Terminated', true, peer), 'reactivate')).toBe('reactivationAlreadyRequested');
		expect(codeOf(relationship('Terminated', true, me), 'reactivate')).toBe('reactivationAlreadyRequested');
		expect(codeOf(relationship('Active', true, me), 'reactivate')).toBe('wrongRelationshipStatus');
	});
});

test('of two relationships created crosswise the one with the lower hash survives, whoever looks', () => {
	expect(crossingRelationships('0a', '0b')).toBe('a');
	expect(crossingRelationships('0b', '0a')).toBe('b');
});
