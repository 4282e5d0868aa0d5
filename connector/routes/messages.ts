/** Messages (connector-api.md §2.8). */
import * as v from 'valibot';
import type { MessageRow, Result } from '../../crdt/index.ts';
import { ok } from '../../crdt/index.ts';
import { notImplemented } from '../http/errors.ts';
import { alias, filterRows, keys, type FilterTable } from '../http/filter.ts';
import { jsonObject, strict } from '../http/schema.ts';
import { address, id, idPattern } from './input.ts';
import { found } from './refuse.ts';
import { endpoint } from './route.ts';
import { withoutAbsent } from './templates.ts';

const filters: FilterTable = {
	...keys(
		'value',
		'isOwn createdBy createdByDevice createdAt recipients.address recipients.relationshipId wasReadAt'
	),
	...keys('value', 'content.@type content.subject content.body content.bodyFormat'),
	attachments: { kind: 'attachments' },
	participant: alias('value', 'createdBy', 'recipients.address'),
	contentType: alias('value', 'content.@type'),
	contentSubject: alias('value', 'content.subject'),
	contentBody: alias('value', 'content.body')
};

const distinct = (values: readonly string[]) => new Set(values).size === values.length;
const noDuplicates = v.check<string[], string>(distinct, 'must NOT have duplicate items');

export const send = endpoint({
	summary: 'Send a message',
	body: strict({
		recipients: v.pipe(v.array(address), v.minLength(1), noDuplicates),
		content: jsonObject,
		attachments: v.optional(v.pipe(v.array(id('FIL')), noDuplicates))
	}),
	run: ({ engine, body }) => engine.messages.send(withoutAbsent(body))
});

export const list = endpoint({
	summary: 'All messages',
	filters,
	run: ({ engine, query }) => filterRows(engine.messages.list(), filters, query)
});

/** `GET {id}` shows attachments as files; there are none yet. */
const withAttachments = (row: MessageRow): Result<MessageRow> =>
	row.attachments.length === 0 ? ok(row) : notImplemented('A message with attachments');

export const one = endpoint({
	summary: 'One message with its attachments',
	params: { id: idPattern('MSG') },
	run({ engine, params }) {
		const row = found('Message', engine.messages.get(params['id'] ?? ''));
		return row.ok ? withAttachments(row.value) : row;
	}
});
