/** What people edit: fields of documents, merged field by field. */
import type { Engine } from '../../api.ts';
import { deviceIdText } from '../../codec/ids.ts';
import { ok, refuse, type Result } from '../../result.ts';
import type { Core } from '../core.ts';
import { INVALID, type Base } from './base.ts';

export function documentOperations({ core }: Base): Engine['documents'] {
	async function write(
		shard: string,
		field: string,
		value: Parameters<Engine['documents']['write']>[2]
	): Promise<Result<void>> {
		if (!SHARD.test(shard)) return refuse(INVALID, 'shard is unknown');
		if (JSON.stringify(value).length > MAX_FIELD) return refuse(INVALID, 'value is too large');
		await core.beginWriting();
		const update = core.documents.write(shard, field, value);
		await core.intend({ kind: 'plain', shown: [{ o: 'doc', shard, u: update }] });
		return ok(undefined);
	}

	return {
		read: (shard, field) => core.documents.read(shard, field),
		fields: (shard, prefix) => core.documents.fields(shard, prefix),
		write,
		otherVersions: (shard) =>
			core.documents.otherVersions(shard).map(({ field, value, ordinal }) => ({
				field,
				value,
				byDevice: deviceOf(core, ordinal)
			}))
	};
}

const SHARD = /^(core|rel|req|drafts|flags-\d{6})$/;
/** One field of a document: the longest mail draft with room to spare. */
const MAX_FIELD = 128 * 1024;

function deviceOf(core: Core, ordinal: number): string {
	const member = [...core.membership().members.values()].find((member) => member.ordinal === ordinal);
	return member ? deviceIdText(member.ds) : '';
}
