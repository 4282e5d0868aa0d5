/** Messages: sent through the outbox, read flags by document. */
import type { Engine } from '../../api.ts';
import { ok, type Result } from '../../result.ts';
import { rowsBy } from '../../view-query.ts';
import type { Json, JsonObject, MessageRow } from '../../views.ts';
import type { Core } from '../core.ts';
import { type Base, notFound, shown, tooMuch } from './base.ts';
import * as consumption from '../consumption.ts';
import { shownAs } from './rows.ts';

export function messageOperations(
	{ core, self, clock, now, newId }: Base,
	documents: Engine['documents']
): Engine['messages'] {
	/** What a letter says of a file it carries. */
	function describedFile(id: string): Json {
		const { filename = '', title = '', description = '', tags = [] } = core.top().get('files', id) ?? {};
		return [id, filename, title, description, [...tags]];
	}

	async function send(input: {
		recipients: string[];
		content: JsonObject;
		attachments?: string[];
	}): Promise<Result<MessageRow>> {
		const checked = consumption.canSend(core.top(), self.address, input, now());
		if (!checked.ok) return checked;
		const { attachments = [] } = input;
		const refused = tooMuch([checked.value, ...attachments.map(describedFile)], input.recipients.length);
		if (refused) return refused;
		const rels = input.recipients.map(
			(peer) => rowsBy(core.top(), 'relationships', 'peer', peer).findLast((row) => !row._hidden)?.id ?? ''
		);
		const { id, random: idRandom } = newId('MSG');
		await core.intend({
			kind: 'message',
			shown: [
				core.rec('message.sent', {
					id,
					random: idRandom,
					to: input.recipients,
					rels,
					content: checked.value,
					attachments,
					at: clock.now()
				})
			]
		});
		return shown('Message', core.top().get('messages', id));
	}

	const messageIntent = (id: string) =>
		core
			.intents()
			.find((intent) => intent.shown.some((op) => op.o === 'rec' && op.k === 'message.sent' && op.v.id === id));

	return {
		send,
		get: (id) => withRead(core, core.top().get('messages', id)),
		list: () =>
			core
				.top()
				.list('messages')
				.map((row) => withRead(core, row)!),
		rows: (query = {}) =>
			shownAs(
				query,
				(asked) => core.top().rows('messages', asked),
				(row) => withRead(core, row)
			),
		async markRead(id, read = true) {
			const row = core.top().get('messages', id);
			if (!row) return notFound('Message');
			const known = withRead(core, row)!;
			// The first look is kept.
			if (read === (known.wasReadAt !== undefined)) return ok(known);
			const written = await documents.write(flagsShard(row), `read/${id}`, read ? now() : false);
			return written.ok ? shown('Message', withRead(core, core.top().get('messages', id))) : written;
		},
		async discard(id) {
			const intent = messageIntent(id);
			if (!intent) return notFound('Message', 'It has been sent.');
			await core.revise(intent.n, null);
			return ok(undefined);
		},
		async retry(id) {
			const intent = messageIntent(id);
			if (!intent) return notFound('Message', 'It has been sent.');
			const { failed: _failed, ...rest } = intent;
			await core.revise(intent.n, { ...rest, failed: undefined } as never);
			return shown('Message', core.top().get('messages', id));
		}
	};
}

/** Read flags of one month together: a shard stays small. */
const flagsShard = (row: MessageRow): string => `flags-${row.createdAt.slice(0, 4)}${row.createdAt.slice(5, 7)}`;

function withRead(core: Core, row: MessageRow | undefined): MessageRow | undefined {
	const read = row && core.documents.read(flagsShard(row), `read/${row.id}`);
	return row && typeof read === 'string' ? { ...row, wasReadAt: read } : row;
}
