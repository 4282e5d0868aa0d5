/** Attributes: own ones made, succeeded, deleted; those of peers read (content-model.md §3). */
import type { Engine } from '../../api.ts';
import { ok, type Result } from '../../result.ts';
import type { AttributeRow, JsonObject } from '../../views.ts';
import { type Base, notFound, shown } from './base.ts';
import * as consumption from '../consumption.ts';

export function attributeOperations({ core, self, clock, now, newId }: Base): Engine['attributes'] {
	async function createAttribute(content: JsonObject): Promise<Result<AttributeRow>> {
		const prepared = consumption.prepareOwn(core.top(), self.address, content, now());
		if (!prepared.ok) return prepared;
		const { id } = newId('ATT');
		await core.intend({
			kind: 'plain',
			shown: [core.rec('attribute.created', { id, content: prepared.value, at: clock.now() })]
		});
		return shown('LocalAttribute', core.top().get('attributes', id));
	}

	async function succeed(
		predecessorId: string,
		successor: JsonObject
	): Promise<Result<{ predecessor: AttributeRow; successor: AttributeRow }>> {
		const prepared = consumption.prepareSuccessor(core.top(), self.address, predecessorId, successor, now());
		if (!prepared.ok) return prepared;
		const { id } = newId('ATT');
		await core.intend({
			kind: 'succession',
			shown: [
				core.rec('attribute.succeeded', {
					predecessor: predecessorId,
					id,
					content: prepared.value,
					at: clock.now()
				})
			]
		});
		return ok({
			predecessor: core.top().get('attributes', predecessorId)!,
			successor: core.top().get('attributes', id)!
		});
	}

	return {
		canCreate: (content) => {
			const checked = consumption.checkOwn(core.top(), self.address, content, now());
			return checked.ok ? ok(undefined) : checked;
		},
		create: createAttribute,
		succeed,
		async delete(id) {
			const allowed = consumption.canDelete(core.top(), id);
			if (!allowed.ok) return allowed;
			await core.intend({ kind: 'plain', shown: [core.rec('attribute.deleted', { id, at: clock.now() })] });
			return ok({ notificationIds: [] });
		},
		get: (id) => core.top().get('attributes', id),
		list: () => consumption.listAttributes(core.top()),
		ownIdentity: (options) => consumption.ownIdentityAttributes(core.top(), options),
		peer: (peer, options) => consumption.peerAttributes(core.top(), peer, options),
		versions: (id) => {
			const row = core.top().get('attributes', id);
			return row ? consumption.versionsOf(core.top(), row) : [];
		},
		forwardings: (id) => consumption.forwardingsOf(core.top(), id),
		candidates: (query) => consumption.candidates(core.top(), query),
		async markViewed(id) {
			const row = core.top().get('attributes', id);
			if (!row) return notFound('LocalAttribute', '');
			if (!row.wasViewedAt)
				await core.intend({
					kind: 'plain',
					shown: [core.rec('attribute.viewed', { id, at: clock.now() })]
				});
			return shown('LocalAttribute', core.top().get('attributes', id));
		}
	};
}
