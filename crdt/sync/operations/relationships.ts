/** Relationships: opened from a template, changed by the table (crdt/relationship/rules.ts). */
import type { Engine } from '../../api.ts';
import { check, possible } from '../../relationship/rules.ts';
import { ok, type Refusal, type Result } from '../../result.ts';
import type { JsonObject, RelationshipRow } from '../../views.ts';
import { buildEvent } from '../build.ts';
import { UNREACHABLE } from '../core.ts';
import type { BuildResult } from '../intent.ts';
import { type Base, notFound, shown, tooMuch } from './base.ts';
import * as consumption from '../consumption.ts';
import { checkTemplateOwner } from './template-owner.ts';
import { shownAs } from './rows.ts';

export function relationshipOperations({ core, self, random, now, newId, reaching }: Base): Engine['relationships'] {
	async function act(
		id: string,
		action: Parameters<Engine['relationships']['act']>[1]
	): Promise<Result<RelationshipRow>> {
		const row = core.top().get('relationships', id);
		if (!row || row._hidden)
			return notFound('Relationship', 'Make sure the ID exists and the record is not expired.');
		let refused: Refusal | undefined;
		const outcome = await core.commitNow(async (views, mseq): Promise<BuildResult> => {
			const current = views.get('relationships', id);
			const allowed = current ? check(current, self.address, action) : notFound('Relationship');
			if (!allowed.ok) {
				refused = allowed.error;
				return { refused: allowed.error };
			}
			const parts = await buildEvent(core, views, mseq, { action, relId: id });
			return { built: { ...parts, intent: random.bytes(16), settles: [] } };
		});
		if (!outcome.ok) return { ok: false, error: refused ?? outcome.error };
		const after = core.top().get('relationships', id);
		return ok(after && !after._hidden ? after : { ...row });
	}

	async function createRelationship(input: {
		templateId: string;
		creationContent: JsonObject;
	}): Promise<Result<RelationshipRow>> {
		const content = consumption.creationContent(input.creationContent);
		if (!content.ok) return content;
		const long = tooMuch(content.value);
		if (long) return long;
		let refused: Refusal | undefined;
		const { id: relId, random: idRandom } = newId('REL');
		const outcome = await core.commitNow(async (views, mseq): Promise<BuildResult> => {
			const allowed = consumption.canCreateRelationship(
				views,
				self.address,
				input.templateId,
				content.value,
				now()
			);
			if (!allowed.ok) {
				refused = allowed.error;
				return { refused: allowed.error };
			}
			const owner = await checkTemplateOwner(core, input.templateId);
			if (!owner.ok) {
				refused = owner.error;
				return { refused: owner.error };
			}
			const parts = await buildEvent(core, views, mseq, {
				action: 'create',
				relId,
				create: { random: idRandom, templateId: input.templateId, content: content.value }
			});
			return { built: { ...parts, intent: random.bytes(16), settles: [] } };
		});
		if (outcome.ok) return shown('Relationship', core.top().get('relationships', relId));
		if (refused || outcome.error.code !== UNREACHABLE.error.code)
			return { ok: false, error: refused ?? outcome.error };
		// Out of reach, what is known here still counts: what is refused anyway is refused for its own sake.
		const known = consumption.canCreateRelationship(
			core.top(),
			self.address,
			input.templateId,
			content.value,
			now()
		);
		return known.ok ? outcome : known;
	}

	return {
		canCreate: ({ templateId, creationContent }) => {
			const content = creationContent && consumption.creationContent(creationContent);
			if (content && !content.ok) return content;
			return consumption.canCreateRelationship(core.top(), self.address, templateId, content?.value, now());
		},
		checkOwner: (templateId) => reaching(() => checkTemplateOwner(core, templateId)),
		create: createRelationship,
		get: (id) => {
			const row = core.top().get('relationships', id);
			return row && visible(row) ? row : undefined;
		},
		list: () => core.top().list('relationships').filter(visible),
		rows: (query = {}) =>
			shownAs(
				query,
				(asked) => core.top().rows('relationships', asked),
				(row) => (visible(row) ? row : undefined)
			),
		possible: (id) => {
			const row = core.top().get('relationships', id);
			return row && visible(row) ? possible(row, self.address) : [];
		},
		act,
		attributes: (id) => {
			const row = core.top().get('relationships', id);
			return row ? consumption.attributesExchangedWith(core.top(), row.peer) : [];
		}
	};
}

const visible = (row: RelationshipRow) => !row._hidden;
