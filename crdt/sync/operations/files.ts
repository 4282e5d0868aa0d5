/**
 * Files (connector-api.md §2.6, PROTOCOL.md §4.1, §9.5): sealed here piece by piece, put at the relay, known by their head and
 * fetched piece by piece. A file belongs to one identity; whoever shows its ownership token takes it over.
 */
import type { CreateFile, Download, Engine } from '../../api.ts';
import type { Bytes } from '../../codec/bytes.ts';
import type { AnswerFrame } from '../../codec/frame.ts';
import { parseReference, type Reference } from '../../codec/reference.ts';
import { tagFault } from '../../content/tags.ts';
import { sha256, sha256Stream } from '../../crypto/hash.ts';
import { maxFileSize } from '../../limits.ts';
import {
	bodySize,
	chunkRange,
	newOwnershipToken,
	nextOwnershipToken,
	openChunk,
	openOwner,
	ownershipProof,
	sealBody,
	sealOwner
} from '../../object/file.ts';
import type { FileObject } from '../../object/head.ts';
import { objectHandle } from '../../object/object.ts';
import { fileTokenContent, referenceIn } from '../../object/token-content.ts';
import { RelayUnreachable } from '../../ports.ts';
import { ok, refuse, type Result } from '../../result.ts';
import type { FileRow } from '../../views.ts';
import { UNREACHABLE } from '../core.ts';
import { readOwner } from '../file-owner.ts';
import { INVALID, notFound, refusedByRelay, shown, type Base } from './base.ts';
import { futureDate, refusedThere, tokenTerms, type ObjectStore } from './object-store.ts';
import type { Tokens } from './tokens.ts';

const NEVER = '9999-12-31T00:00:00.000Z';
const BAD_REFERENCE = refuse(INVALID, 'token / file reference invalid');
const NOT_OWNED = refuse('error.runtime.files.notOwnedByYou', 'The file is not owned by you.');

export function fileOperations(base: Base, objects: ObjectStore, tokens: Tokens): Engine['files'] {
	const { core, self, clock, random, newId, reaching } = base;
	const get = (id: string) => core.top().get('files', id);

	function checkInput(input: CreateFile): Result<number> {
		const expires = futureDate(input.expiresAt ?? NEVER, clock.now());
		if (!expires.ok) return expires;
		if (input.content.length > maxFileSize) return refuse(INVALID, "'content' is too large");
		const { tags = [] } = input;
		if (new Set(tags).size < tags.length) return refuse(INVALID, 'tags must NOT have duplicate items');
		const fault = tagFault({ value: { '@type': 'IdentityFileReference' }, tags }, base.tags());
		return fault === undefined ? expires : { ok: false, error: fault };
	}

	/** The body, in parts; its digest when the relay has it all. */
	async function upload(object: FileObject, content: Uint8Array): Promise<Result<Bytes>> {
		const digest = sha256Stream();
		let at = 0;
		for await (const bytes of sealBody(object.id, object.key, content)) {
			const answer = await core.call('objectPart', { handle: objectHandle(object.id), at, bytes });
			if (!answer.ok) return refusedByRelay(answer);
			digest.update(bytes);
			at += bytes.length;
		}
		return ok(digest.digest());
	}

	async function create(input: CreateFile): Promise<Result<FileRow>> {
		const expires = checkInput(input);
		if (!expires.ok) return expires;
		return reaching(async () => {
			const { id, random: idRandom } = newId('FIL');
			const { filename, mimetype, title, description, tags } = input;
			const object: FileObject = {
				t: 'file',
				id,
				random: idRandom,
				time: clock.now(),
				device: self.deviceText,
				expiresAt: expires.value,
				filename,
				mimetype,
				size: input.content.length,
				key: random.bytes(32),
				...(title === undefined ? {} : { title }),
				...(description === undefined ? {} : { description }),
				...(tags === undefined ? {} : { tags })
			};
			const digest = await upload(object, input.content);
			if (!digest.ok) return digest;
			const linkKey = random.bytes(32);
			const token = newOwnershipToken(random);
			const put = await objects.put(object, linkKey, {
				body: { size: bodySize(object.size), digest: digest.value },
				record: await sealOwner(random, linkKey, core.signer(), { id, turn: 0, time: clock.now() }),
				ownershipHash: sha256(ownershipProof(token))
			});
			if (!put.ok) return put;
			await core.intend({ kind: 'plain', shown: [core.rec('file.own', { object, linkKey, token })] });
			return shown('File', get(id));
		});
	}

	async function load(text: string, password: string | undefined): Promise<Result<FileRow>> {
		const reference = parseReference(text);
		if (!reference.ok) return reference.error.code === 'error.runtime.invalidReference' ? BAD_REFERENCE : reference;
		if (reference.value.kind === 'template')
			return refuse('error.runtime.invalidReference', 'It names a template.');
		if (reference.value.kind === 'file') return loadReference(reference.value);
		const token = await tokens.load(reference.value, {
			ephemeral: true,
			...(password === undefined ? {} : { password })
		});
		if (!token.ok) return token;
		const inside = referenceIn(token.value.content);
		if (inside?.kind === 'file') return loadReference(inside);
		return refuse('error.runtime.invalidTokenContent', 'The given token has an invalid content for this route.');
	}

	async function loadReference(reference: Reference): Promise<Result<FileRow>> {
		const known = get(reference.id);
		if (known && !known._told) return ok(known);
		const loaded = await fetchHead(reference);
		// Out of reach, what was told of it has to do.
		return known && !loaded.ok && loaded.error.code === UNREACHABLE.error.code ? ok(known) : loaded;
	}

	function fetchHead(reference: Reference): Promise<Result<FileRow>> {
		return reaching(async () => {
			const fetched = await objects.redeem(reference, undefined);
			if (!fetched.ok) return fetched;
			const { opened, claimId, record, isLocked } = fetched.value;
			const { object, by } = opened;
			if (object.t !== 'file') return refuse('error.runtime.invalidReference', 'It is no file.');
			const owner = record && (await openOwner(object.id, reference.key, record));
			if (record && !owner) return refuse('error.transport.files.invalidMetadata', 'Its owner cannot be told.');
			const loaded = {
				object,
				linkKey: reference.key,
				by: by.address,
				owner: owner?.owner.address ?? by.address,
				turn: owner?.turn ?? 0,
				...(isLocked ? { locked: true } : {}),
				at: clock.now()
			};
			await core.intend({
				kind: 'plain',
				shown: [core.rec('claimed', { objectId: object.id, claimId }), core.rec('file.loaded', loaded)]
			});
			return shown('File', get(object.id));
		});
	}

	/** The head its maker signed, of a file that a letter told of. */
	function lookAt({ reference }: FileRow): Promise<Result<FileRow>> {
		const parsed = parseReference(reference.url);
		return parsed.ok ? fetchHead(parsed.value) : Promise.resolve(parsed);
	}

	function find(idOrReference: string): Result<FileRow> {
		const reference = idOrReference.startsWith('FIL') ? undefined : parseReference(idOrReference);
		if (reference && !reference.ok) return BAD_REFERENCE;
		const row = get(reference ? reference.value.id : idOrReference);
		return row ? ok(row) : notFound('File');
	}

	/** One piece of a file's bytes. */
	async function chunk(row: FileRow, index: number): Promise<Result<Bytes> | undefined> {
		const range = chunkRange(row.filesize, index);
		if (!range) return undefined;
		return reaching(async () => {
			const answer = await core.call('objectRead', {
				handle: objectHandle(row.id),
				claimId: objects.claimId(row.id),
				...range
			});
			if (!answer.ok) return answer.type === 'object-not-found' ? refusedThere('file') : refusedByRelay(answer);
			const bytes = answer.body['bytes'];
			const opened =
				bytes instanceof Uint8Array
					? await openChunk(row.id, row._key as Bytes, row.filesize, index, bytes as Bytes)
					: undefined;
			return opened ? ok(opened) : refuse('error.transport.files.cipherMismatch', 'It was changed on the way.');
		});
	}

	async function download(id: string): Promise<Result<Download>> {
		const known = get(id);
		if (!known) return notFound('File');
		const looked = known._told ? await lookAt(known) : ok(known);
		if (!looked.ok) return looked;
		const row = looked.value;
		const first = await chunk(row, 0);
		if (first && !first.ok) return first;
		async function* chunks() {
			for (let i = 0, next = first; next; next = await chunk(row, ++i)) {
				if (!next.ok) throw new RelayUnreachable(next.error.code);
				yield next.value;
			}
		}
		return ok({ file: row, chunks: chunks() });
	}

	async function regenerate(id: string): Promise<Result<FileRow>> {
		const row = get(id);
		if (!row) return notFound('File');
		if (!row.isOwn || row.ownershipToken === undefined) return NOT_OWNED;
		return reaching(async () => {
			const { token, answer } = await renew(row, row.ownershipToken!);
			// Somebody has claimed it meanwhile, or another own device was first.
			if (!answer.ok && answer.type === 'conflict') return UNREACHABLE;
			if (!answer.ok && answer.type === 'object-not-found') {
				await readOwner(core, row);
				return NOT_OWNED;
			}
			if (!answer.ok) return refusedByRelay(answer);
			await core.intend({ kind: 'plain', shown: [core.rec('file.renewed', { id, token })] });
			return shown('File', get(id));
		});
	}

	/**
	 * The next token follows from the one before and the epoch's secret: who was cut off before the answer was written down asks
	 * for the same again, under a newer epoch too, and the relay says that it is so.
	 */
	async function renew(row: FileRow, before: string): Promise<{ token: string; answer: AnswerFrame }> {
		const epochs = [...core.keys().epochs].sort(([a], [b]) => b - a);
		for (const [i, [, secret]] of epochs.entries()) {
			const token = nextOwnershipToken(secret, row.id, before);
			const answer = await core.call('objectRenew', {
				handle: objectHandle(row.id),
				expect: sha256(ownershipProof(i === 0 ? before : token)),
				next: sha256(ownershipProof(token))
			});
			const isLast = i === epochs.length - 1;
			if (answer.ok || answer.type !== 'conflict' || isLast) return { token, answer };
		}
		throw new Error('an identity without an epoch');
	}

	async function validate(id: string, token: string): Promise<Result<{ isValid: boolean }>> {
		if (!get(id)) return notFound('File');
		return reaching(async () => {
			const answer = await core.call('objectToken', { handle: objectHandle(id), token: ownershipProof(token) });
			if (!answer.ok) return answer.type === 'object-not-found' ? refusedThere('file') : refusedByRelay(answer);
			return ok({ isValid: answer.body['valid'] === true });
		});
	}

	return {
		create,
		load: (text, options) => load(text, options?.password),
		get,
		list: () => core.top().list('files'),
		rows: (query) => core.top().rows('files', query),
		find,
		download,
		async createToken(id, input) {
			const row = get(id);
			if (!row) return notFound('File');
			const content = fileTokenContent(row.reference.url);
			return tokens.operations.create({
				...tokenTerms(input),
				content,
				expiresAt: input.expiresAt ?? row.expiresAt
			});
		},
		async delete(id) {
			const row = get(id);
			return row ? objects.remove(id, row.isOwn) : notFound('File');
		},
		regenerateOwnershipToken: regenerate,
		validateOwnershipToken: validate
	};
}
