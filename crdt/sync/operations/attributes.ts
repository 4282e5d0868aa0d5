/** Attributes: own ones made, succeeded, shared, deleted; those of peers read (content-model.md §3). */
import type { Engine, Succession } from '../../api.ts';
import { cachedFilesOf } from '../../attribute/cached-files.ts';
import { checkDefault } from '../../attribute/default.ts';
import { planDelete, removedWith } from '../../attribute/delete.ts';
import { checkOwn, prepareOwn } from '../../attribute/own.ts';
import { candidates } from '../../attribute/query.ts';
import { checkNotify } from '../../attribute/sharing.ts';
import { prepareRelationshipSuccessor, prepareSuccessor } from '../../attribute/succession.ts';
import {
	forwardingsOf,
	listAttributes,
	ownIdentityAttributes,
	ownSharedWith,
	peerAttributes,
	sharedVersions,
	versionsOf
} from '../../attribute/versions.ts';
import { validateIql } from '../../content/iql.ts';
import { relationshipToNotify } from '../../notification/notification.ts';
import { objectHandle } from '../../object/object.ts';
import { ok, refuse, type Result } from '../../result.ts';
import type { AttributeKind, AttributeRow, JsonObject } from '../../views.ts';
import { INVALID, notFound, shown, tooMuch, type Base } from './base.ts';
import { notice } from './notify.ts';
import { findByQuery } from './queries.ts';
import { shownAs } from './rows.ts';
import { sharingOperations, type Asking } from './share.ts';

/** Of these, versions may be shared with a peer. */
const SHAREABLE: readonly AttributeKind[] = [
	'OwnIdentityAttribute',
	'OwnRelationshipAttribute',
	'PeerRelationshipAttribute'
];
/** Relationship attributes take the way that tells the peer; the others are succeeded here alone. */
const EXCHANGED: readonly AttributeKind[] = [
	'OwnRelationshipAttribute',
	'PeerRelationshipAttribute',
	'ThirdPartyRelationshipAttribute'
];

export function attributeOperations(base: Base, asking: Asking): Engine['attributes'] {
	const { core, self, clock, now, newId, defaults, tags, reaching } = base;
	const attribute = (id: string) => core.top().get('attributes', id);
	const found = (id: string) => shown('LocalAttribute', attribute(id));

	async function create(content: JsonObject): Promise<Result<AttributeRow>> {
		const prepared = prepareOwn(core.top(), self.address, content, now(), tags());
		if (!prepared.ok) return prepared;
		const refused = tooMuch(prepared.value as unknown as JsonObject);
		if (refused) return refused;
		const { id } = newId('ATT');
		const record = { id, content: prepared.value as unknown as JsonObject, at: clock.now() };
		await core.intend({
			kind: 'plain',
			shown: [core.rec('attribute.created', { ...record, ...(defaults && { defaults }) })]
		});
		return found(id);
	}

	function succession(predecessorId: string, successorId: string, notificationId?: string): Result<Succession> {
		const predecessor = attribute(predecessorId);
		const successor = attribute(successorId);
		if (!predecessor || !successor) return notFound('LocalAttribute', 'It was removed meanwhile.');
		return ok({ predecessor, successor, ...(notificationId !== undefined && { notificationId }) });
	}

	async function succeedIdentity(predecessor: string, given: JsonObject): Promise<Result<Succession>> {
		const prepared = prepareSuccessor(core.top(), self.address, predecessor, given, now(), tags());
		if (!prepared.ok) return prepared;
		const { id } = newId('ATT');
		const content = prepared.value as unknown as JsonObject;
		const refused = tooMuch(content);
		if (refused) return refused;
		await core.intend({
			kind: 'succession',
			shown: [core.rec('attribute.succeeded', { predecessor, id, content, at: clock.now() })]
		});
		return succession(predecessor, id);
	}

	/** Key, owner, confidentiality and isTechnical stay; the peer is told, third parties are not. */
	async function succeedRelationship(predecessor: string, given: JsonObject): Promise<Result<Succession>> {
		const prepared = prepareRelationshipSuccessor(core.top(), predecessor, given, now());
		if (!prepared.ok) return prepared;
		const relationship = relationshipToNotify(core.top(), attribute(predecessor)?.peer ?? '');
		if (!relationship.ok) return relationship;
		const { id } = newId('ATT');
		const told = notice(base, relationship.value, () => ({
			'@type': 'PeerAttributeSucceededNotificationItem',
			predecessorId: predecessor,
			successorId: id,
			successorContent: prepared.value
		}));
		const content = prepared.value as unknown as JsonObject;
		const record = { predecessor, id, content, reference: told.id, at: clock.now() };
		await core.intend({ kind: 'succession', shown: [core.rec('attribute.succeeded', record), told.op] });
		return succession(predecessor, id, told.id);
	}

	async function notifyPeer(id: string, peer: string): Promise<Result<Required<Succession>>> {
		const checked = checkNotify(core.top(), id, peer);
		if (!checked.ok) return checked;
		const relationship = relationshipToNotify(core.top(), peer);
		if (!relationship.ok) return relationship;
		const { held, row } = checked.value;
		const told = notice(base, relationship.value, () => ({
			'@type': 'PeerAttributeSucceededNotificationItem',
			predecessorId: held.id,
			successorId: id,
			successorContent: row.content as never
		}));
		const record = { id, predecessor: held.id, peer, reference: told.id, at: clock.now() };
		await core.intend({ kind: 'message', shown: [core.rec('attribute.forwarded', record), told.op] });
		return succession(held.id, id, told.id) as Result<Required<Succession>>;
	}

	async function remove(id: string): Promise<Result<{ notificationIds: string[] }>> {
		const plan = planDelete(core.top(), id);
		if (!plan.ok) return plan;
		const notices = plan.value.map(({ peer, relationshipId, item }) =>
			notice(base, { id: relationshipId, peer }, () => item)
		);
		const record = core.rec('attribute.deleted', { id, at: clock.now(), ...(defaults && { defaults }) });
		const row = attribute(id);
		const files = row ? cachedFilesOf(core.top(), removedWith(core.top(), row)) : [];
		const cached = files.map((file) => core.rec('object.deleted', { id: file.id }));
		await core.intend({ kind: 'withdrawal', shown: [record, ...cached, ...notices.map(({ op }) => op)] });
		// A relay out of reach keeps the sealed files until they expire; nobody has their keys any more.
		for (const { id: file, isOwn } of files)
			if (isOwn) await reaching(async () => ok(await core.call('objectDelete', { handle: objectHandle(file) })));
		return ok({ notificationIds: notices.map((told) => told.id) });
	}

	/** A record about one attribute, and the attribute as it is after. */
	async function record(kind: 'attribute.default' | 'attribute.viewed', id: string): Promise<Result<AttributeRow>> {
		await core.intend({ kind: 'plain', shown: [core.rec(kind, { id, at: clock.now() })] });
		return found(id);
	}

	return {
		...sharingOperations(base, asking),
		canCreate(content) {
			const checked = checkOwn(core.top(), self.address, content, now(), tags());
			return checked.ok ? ok(undefined) : checked;
		},
		create,
		async succeed(id, given) {
			const kind = attribute(id)?.['@type'];
			return kind !== undefined && EXCHANGED.includes(kind)
				? succeedRelationship(id, given)
				: succeedIdentity(id, given);
		},
		notifyPeer,
		delete: remove,
		async changeDefault(id) {
			const checked = checkDefault(core.top(), id, defaults);
			return !checked.ok || checked.value.isDefault ? checked : record('attribute.default', id);
		},
		async markViewed(id) {
			const row = attribute(id);
			if (!row) return notFound('LocalAttribute');
			return row.wasViewedAt === undefined ? record('attribute.viewed', id) : ok(row);
		},
		get: attribute,
		list: () => listAttributes(core.top()),
		rows: (query = {}) =>
			shownAs(
				query,
				(asked) => core.top().rows('attributes', { ...asked, order: 'createdAt' }),
				(row) => (row._aliasOf === undefined ? row : undefined)
			),
		ownIdentity: (options) => ownIdentityAttributes(core.top(), options),
		ownShared: (peer, options) => ownSharedWith(core.top(), peer, options),
		peer: (peer, options) => peerAttributes(core.top(), peer, options),
		versions(id) {
			const row = attribute(id);
			return row ? versionsOf(core.top(), row) : [];
		},
		sharedVersions(id, peer, { onlyLatestVersions = true } = {}) {
			const row = attribute(id);
			if (!row) return notFound('LocalAttribute');
			if (!SHAREABLE.includes(row['@type']))
				return refuse(INVALID, `Attributes of type ${row['@type']} are not shared by us.`);
			const versions = sharedVersions(core.top(), row, peer);
			return ok(onlyLatestVersions ? versions.slice(0, 1) : versions);
		},
		forwardings: (id) => forwardingsOf(core.top(), id),
		find: (type, query) => findByQuery(core.top(), self.address, type, query),
		validateIql,
		candidates: (query) => candidates(core.top(), self.address, query)
	};
}
