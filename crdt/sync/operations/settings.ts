/**
 * Settings and drafts: what people edit, so fields of documents (PROTOCOL.md §7). Each is one value under its id; two devices
 * that edit the same one see the later value and keep the other readable.
 *
 *   shard core    setting/<LCLSET…>        shard drafts   draft/<LCLDRF…>
 *
 * A setting of a relationship counts as long as the relationship is there; afterwards it is in no list.
 */
import type { Draft, Engine, Setting, SettingInput } from '../../api.ts';
import { base62 } from '../../codec/ids.ts';
import { sha256 } from '../../crypto/hash.ts';
import { isObject } from '../../content/json.ts';
import { ok, refuse, type Result } from '../../result.ts';
import type { Json } from '../../views.ts';
import { INVALID, notFound, type Base } from './base.ts';

/** Characters after the prefix: 20 in all. */
const LOCAL_ID_DIGITS = 14;
const byAge = (a: { createdAt: string; id: string }, b: { createdAt: string; id: string }) =>
	a.createdAt === b.createdAt ? (a.id < b.id ? -1 : 1) : a.createdAt < b.createdAt ? -1 : 1;

interface Place {
	readonly shard: string;
	readonly prefix: string;
	readonly entity: string;
}

/** Values of one kind under their ids in a shard. */
function collection<T extends { readonly id: string; readonly createdAt: string }>(
	{ random }: Base,
	documents: Engine['documents'],
	{ shard, prefix, entity }: Place
) {
	const of = (value: Json | undefined) => (isObject(value) ? (value as unknown as T) : undefined);
	const read = (id: string) => of(documents.read(shard, prefix + id));
	async function write(row: T): Promise<Result<T>> {
		const written = await documents.write(shard, prefix + row.id, row as unknown as Json);
		return written.ok ? ok(row) : written;
	}
	return {
		read,
		write,
		newId: (letters: string) => letters + base62(sha256(random.bytes(16)), LOCAL_ID_DIGITS),
		list: () =>
			Object.values(documents.fields(shard, prefix))
				.flatMap((value) => of(value) ?? [])
				.sort(byAge),
		async change(id: string, change: (row: T) => T): Promise<Result<T>> {
			const row = read(id);
			return row ? write(change(row)) : notFound(entity);
		},
		async remove(id: string): Promise<Result<void>> {
			return read(id) ? documents.write(shard, prefix + id, null) : notFound(entity);
		}
	};
}

export function settingOperations(base: Base, documents: Engine['documents']): Engine['settings'] {
	const settings = collection<Setting>(base, documents, {
		shard: 'core',
		prefix: 'setting/',
		entity: 'Setting'
	});
	const counts = ({ scope, reference }: Setting): boolean =>
		scope !== 'Relationship' ||
		(reference !== undefined && isThere(base.core.top().get('relationships', reference)));
	const list = () => settings.list().filter(counts);
	const get = (id: string) => {
		const row = settings.read(id);
		return row && counts(row) ? row : undefined;
	};
	const byKey: Engine['settings']['byKey'] = (key, { reference, scope = 'Identity' } = {}) =>
		list().findLast((row) => row.key === key && row.scope === scope && row.reference === reference);

	async function create({ scope = 'Identity', ...input }: SettingInput): Promise<Result<Setting>> {
		const row: Setting = { ...input, id: settings.newId('LCLSET'), scope, createdAt: base.now() };
		if (!counts(row)) return refuse(INVALID, 'The reference of the setting must be a relationship.');
		return settings.write(row);
	}

	return {
		create,
		get,
		list,
		byKey,
		update: async (id, value) =>
			get(id) ? settings.change(id, (row) => ({ ...row, value })) : notFound('Setting'),
		delete: settings.remove,
		async upsertByKey(input) {
			const newest = byKey(input.key, input);
			return newest ? settings.change(newest.id, (row) => ({ ...row, value: input.value })) : create(input);
		}
	};
}

const isThere = (row: { readonly _hidden?: string } | undefined): boolean => row !== undefined && !row._hidden;

export function draftOperations(base: Base, documents: Engine['documents']): Engine['drafts'] {
	const drafts = collection<Draft>(base, documents, { shard: 'drafts', prefix: 'draft/', entity: 'Draft' });
	return {
		create({ type = '', content }) {
			const createdAt = base.now();
			return drafts.write({ id: drafts.newId('LCLDRF'), type, createdAt, lastModifiedAt: createdAt, content });
		},
		get: drafts.read,
		list: drafts.list,
		update: (id, content) => drafts.change(id, (row) => ({ ...row, content, lastModifiedAt: base.now() })),
		delete: drafts.remove
	};
}
