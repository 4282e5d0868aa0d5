/**
 * Who may do what with a relationship, as one table. The fold, the REST errors, the screen's buttons and the tests read it
 * (transport-backbone.md §1.10, connector-api.md §2.9 and §14).
 *
 *   none ─create→ Pending ─accept→ Active ─terminate→ Terminated ─decompose→ DeletionProposed ─decompose→ gone
 *                  ├reject→ Rejected  ↑                │ reactivate: asks, status stays
 *                  └revoke→ Revoked   └acceptReactivation (rejectReactivation, revokeReactivation: stays Terminated)
 *
 * An open reactivation request is no state of its own: it is open when the last entry of the audit log asks for it.
 */
import { ok, refuse, type Result } from '../result.ts';
import type {
	Address,
	AuditEntry,
	AuditReason,
	RelationshipAction,
	RelationshipRow,
	RelationshipStatus
} from '../views.ts';

/** `author` asked for the relationship, `peer` is the other side; `asker` asked for reactivation, `asked` is the other side. */
type Side = 'author' | 'peer' | 'either' | 'asker' | 'asked';

export interface Rule {
	readonly from: readonly (RelationshipStatus | 'None')[];
	readonly by: Side;
	/** What must be true of a reactivation request. */
	readonly request?: 'absent' | 'open';
	readonly to: RelationshipStatus;
	readonly reason: AuditReason;
}

export const rules = {
	create: { from: ['None'], by: 'author', to: 'Pending', reason: 'Creation' },
	accept: { from: ['Pending'], by: 'peer', to: 'Active', reason: 'AcceptanceOfCreation' },
	reject: { from: ['Pending'], by: 'peer', to: 'Rejected', reason: 'RejectionOfCreation' },
	revoke: { from: ['Pending'], by: 'author', to: 'Revoked', reason: 'RevocationOfCreation' },
	terminate: { from: ['Active'], by: 'either', to: 'Terminated', reason: 'Termination' },
	reactivate: {
		from: ['Terminated'],
		by: 'either',
		request: 'absent',
		to: 'Terminated',
		reason: 'ReactivationRequested'
	},
	acceptReactivation: {
		from: ['Terminated'],
		by: 'asked',
		request: 'open',
		to: 'Active',
		reason: 'AcceptanceOfReactivation'
	},
	rejectReactivation: {
		from: ['Terminated'],
		by: 'asked',
		request: 'open',
		to: 'Terminated',
		reason: 'RejectionOfReactivation'
	},
	revokeReactivation: {
		from: ['Terminated'],
		by: 'asker',
		request: 'open',
		to: 'Terminated',
		reason: 'RevocationOfReactivation'
	},
	decompose: {
		from: ['Terminated', 'DeletionProposed'],
		by: 'either',
		to: 'DeletionProposed',
		reason: 'Decomposition'
	}
} as const satisfies Record<RelationshipAction, Rule>;

export const relationshipActions = Object.keys(rules) as readonly RelationshipAction[];

/** What the rules look at. */
export interface Situation {
	readonly status: RelationshipStatus | 'None';
	/** Who asked for the relationship. */
	readonly author: Address;
	/** Whose reactivation request is open. */
	readonly asker?: Address | undefined;
}

/** Why `who` may not do `action` now: the first that fails, in the order REST promises. */
export type Objection = 'status' | 'alreadyRequested' | 'notRequested' | 'side';

export function objectionTo(now: Situation, who: Address, action: RelationshipAction): Objection | undefined {
	const rule: Rule = rules[action];
	if (!rule.from.includes(now.status)) return 'status';
	if (rule.request === 'absent' && now.asker !== undefined) return 'alreadyRequested';
	if (rule.request === 'open' && now.asker === undefined) return 'notRequested';
	return isSide(rule.by, now, who) ? undefined : 'side';
}

function isSide(side: Side, now: Situation, who: Address): boolean {
	if (side === 'either') return true;
	if (side === 'author' || side === 'peer') return (now.author === who) === (side === 'author');
	return (now.asker === who) === (side === 'asker');
}

/** Whose reactivation request is open, by the audit log. */
export function askerIn(auditLog: readonly AuditEntry[]): Address | undefined {
	const last = auditLog.at(-1);
	return last?.reason === 'ReactivationRequested' ? last.createdBy : undefined;
}

type Judged = Pick<RelationshipRow, 'id' | 'status' | 'peer' | 'auditLog' | '_own' | '_hidden'>;

const situationOf = (relationship: Judged, me: Address): Situation => ({
	status: relationship.status,
	author: relationship._own ? me : relationship.peer,
	asker: askerIn(relationship.auditLog)
});

/** Codes and words of REST for each objection. */
const objections: Record<Objection, (relationship: Judged) => Result<never>> = {
	status: ({ id, status }) =>
		refuse(
			'error.transport.relationships.wrongRelationshipStatus',
			`The relationship '${id}' has the wrong status (${status}) for this operation.`
		),
	alreadyRequested: ({ id }) =>
		refuse(
			'error.transport.relationships.reactivationAlreadyRequested',
			`The reactivation of the relationship '${id}' has already been requested.`
		),
	notRequested: ({ id }) =>
		refuse(
			'error.transport.relationships.reactivationNotRequested',
			`The reactivation of the relationship '${id}' has not been requested.`
		),
	side: ({ id }) =>
		refuse(
			'error.transport.relationships.operationOnlyAllowedForPeer',
			`This operation on the relationship '${id}' is only allowed for the other side.`
		)
};

/** May I? Refusals in the order of connector-api.md §14: status, reactivation request, side. */
export function check(relationship: Judged, me: Address, action: RelationshipAction): Result<void> {
	if (relationship._hidden) return objections.status(relationship);
	const objection = objectionTo(situationOf(relationship, me), me, action);
	return objection ? objections[objection](relationship) : ok(undefined);
}

/** What I may do now, in the order of the table. */
export const possible = (relationship: Judged, me: Address): RelationshipAction[] =>
	relationshipActions.filter((action) => check(relationship, me, action).ok);

/**
 * Two identities loaded each other's template and both created: the relationship whose hash of its id is lower survives, on
 * both sides. Hashes are SHA-256 of the ids, in hex.
 */
export const crossingRelationships = (hashA: string, hashB: string): 'a' | 'b' => (hashA <= hashB ? 'a' : 'b');
