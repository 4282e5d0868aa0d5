/** Messages (connector-api.md §2.8). */
import * as v from 'valibot';
import type { Engine, FileRow, Result } from '../../crdt/index.ts';
import { ok, refuse, toDto } from '../../crdt/index.ts';
import { alias, keys, type FilterTable } from '../http/filter.ts';
import { listRows } from '../http/stream.ts';
import { jsonObject, strict } from '../http/schema.ts';
import { address, id, idPattern } from './input.ts';
import { downloadOf } from './files.ts';
import { found } from './refuse.ts';
import { endpoint, leaving } from './route.ts';
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
	run: ({ engine, body }) => leaving(engine, engine.messages.send(withoutAbsent(body)))
});

export const list = endpoint({
	summary: 'All messages',
	filters,
	run: ({ engine, query }) => listRows('messages', engine.messages.rows, filters, query)
});

const MESSAGE = idPattern('MSG');
const FILE = idPattern('FIL');

export const one = endpoint({
	summary: 'One message with its attachments',
	params: { id: MESSAGE },
	run({ engine, params }) {
		const row = found('Message', engine.messages.get(params['id'] ?? ''));
		if (!row.ok) return row;
		const files = row.value.attachments.flatMap((file) => engine.files.get(file) ?? []);
		return ok({ ...row.value, attachments: files.map((file) => toDto(file)) });
	}
});

/** A file this message carries; it is gone when it was deleted here. */
function attachmentOf(engine: Engine, params: Readonly<Record<string, string>>): Result<FileRow> {
	const { id: messageId = '', fileId = '' } = params;
	const row = found('Message', engine.messages.get(messageId));
	if (!row.ok) return row;
	if (!row.value.attachments.includes(fileId))
		return refuse(
			'error.runtime.messages.fileNotFoundInMessage',
			`The file '${fileId}' is not attached to the message '${messageId}'.`
		);
	return found('File', engine.files.get(fileId));
}

export const attachment = endpoint({
	summary: 'One attachment of a message',
	params: { id: MESSAGE, fileId: FILE },
	run: ({ engine, params }) => attachmentOf(engine, params)
});

export const downloadAttachment = endpoint({
	summary: 'The bytes of an attachment',
	accept: 'any',
	answers: 'bytes',
	params: { id: MESSAGE, fileId: FILE },
	run({ engine, params }) {
		const file = attachmentOf(engine, params);
		return file.ok ? downloadOf(engine, file.value.id) : file;
	}
});
