/**
 * Who owns a file, asked for and taken over at the relay. `claimFile` is for the decision that accepts a transfer: the same
 * claim again gives the same token, so a commit that is built anew, or by another own device, changes nothing.
 */
import { utf8, type Bytes } from '../codec/bytes.ts';
import { parseReference } from '../codec/reference.ts';
import { blinded, sha256 } from '../crypto/hash.ts';
import { nextOwnershipToken, openOwner, ownershipProof, recordHash, sealOwner } from '../object/file.ts';
import { objectHandle, openObject } from '../object/object.ts';
import { ok, refuse, type Result } from '../result.ts';
import type { FileRow, Json, JsonObject } from '../views.ts';
import type { Core } from './core.ts';
import type { Op } from './record.ts';

const linkKeyOf = (row: FileRow): Bytes | undefined => {
	const reference = parseReference(row.reference.url);
	return reference.ok ? reference.value.key : undefined;
};

interface OwnerNow {
	readonly owner: string;
	readonly turn: number;
	readonly locked: boolean;
	/** SHA-256 of the record, for the next claim; absent when there is none. */
	readonly hash?: Bytes;
	/** What its maker sealed. */
	readonly head: Bytes;
}

/** What the relay's record says now; undefined when the file is gone, or the record is none that holds. */
async function ask(core: Core, row: FileRow, key = linkKeyOf(row)): Promise<OwnerNow | undefined> {
	const answer = await core.call('objectPeek', { handle: objectHandle(row.id) });
	if (!answer.ok || !key) return undefined;
	const { record, ownershipLocked, bytes } = answer.body;
	const seen = { locked: ownershipLocked === true, head: bytes as Bytes };
	if (!(record instanceof Uint8Array)) return { owner: row.createdBy, turn: 0, ...seen };
	const opened = await openOwner(row.id, key, record as Bytes);
	return opened && { owner: opened.owner.address, turn: opened.turn, ...seen, hash: recordHash(record as Bytes) };
}

/** Asks who owns the file and writes it down where that is news. */
export async function readOwner(core: Core, row: FileRow): Promise<void> {
	const now = await ask(core, row);
	if (!now || now.turn < row._turn) return;
	const isKnown = now.turn === row._turn && now.owner === row.owner;
	const isAsked = core.top().get('chores', `owner:${row.id}`) !== undefined;
	if (isKnown && now.locked === (row.ownershipIsLocked === true) && !isAsked) return;
	const { owner, turn, locked } = now;
	const news = { id: row.id, owner, turn, ...(locked ? { locked: true } : {}) };
	await core.intend({ kind: 'plain', shown: [core.rec('file.owner', news)] });
}

/** What its maker signed of a file that a letter told of: nobody takes over what is known by hearsay. */
async function headOf(core: Core, row: FileRow, linkKey: Bytes, now: OwnerNow): Promise<readonly Op[] | undefined> {
	if (!row._told) return [];
	const opened = now.head instanceof Uint8Array ? await openObject(row.id, linkKey, now.head) : undefined;
	if (opened?.object.t !== 'file') return undefined;
	const { object, by } = opened;
	const { owner, turn } = now;
	const at = core.ports.clock.now();
	return [core.rec('file.loaded', { object, linkKey, by: by.address, owner, turn, at })];
}

/**
 * Takes a known file over with its ownership token (TransferFileOwnershipRequestItem). The records belong into the commit
 * that needs it. Throws RelayUnreachable. Refusals are the relay's, as clients know them: 403 for a wrong token and for a
 * locked file, 404 for one that is gone.
 */
export async function claimFile(
	core: Core,
	row: FileRow,
	ownershipToken: string,
	key = linkKeyOf(row)
): Promise<Result<readonly Op[]>> {
	const b = core.keys().b;
	const now = await ask(core, row, key);
	const head = now && key && (await headOf(core, row, key, now));
	if (!now || !key || !head) return refuse('error.platform.recordNotFound', 'File not found.');
	const token = nextOwnershipToken(b, row.id, ownershipToken);
	const claimed = (turn: number) => ok([...head, core.rec('file.claimed', { id: row.id, turn, token })]);
	if (now.owner === core.self.address && !row.isOwn) return claimed(now.turn);
	const { random, clock } = core.ports;
	const turn = now.turn + 1;
	const answer = await core.call('objectClaim', {
		handle: objectHandle(row.id),
		token: ownershipProof(ownershipToken),
		nextOwnershipHash: sha256(ownershipProof(token)),
		claimId: blinded(b, 'file-claim', utf8(row.id), utf8(ownershipToken)).slice(0, 16),
		record: await sealOwner(random, key, core.signer(), {
			id: row.id,
			turn,
			time: clock.now(),
			...(now.hash ? { prev: now.hash } : {})
		}),
		...(now.hash ? { expect: now.hash } : {})
	});
	if (answer.ok) return claimed(turn);
	if (answer.type === 'own-object')
		return refuse(
			'error.platform.validation.file.cannotClaimOwnershipOfOwnFile',
			'You cannot claim the ownership of your own file.'
		);
	if (answer.type === 'object-not-found') return refuse('error.platform.recordNotFound', 'File not found.');
	return answer.type === 'token-wrong' || answer.type === 'object-locked'
		? refuse('error.platform.forbidden', 'You are not allowed to perform this action.')
		: refuse('error.platform.unexpected', 'The relay refused it.');
}

/** Where a request says which file is meant. */
interface Transfer {
	readonly fileReference: string;
	readonly ownershipToken: string;
}
const TRANSFER = 'TransferFileOwnershipRequestItem';
const listOf = (value: Json | undefined): readonly JsonObject[] =>
	Array.isArray(value) ? (value as readonly JsonObject[]) : [];

/** The transfers a request asks for; with a response, those it accepts. Groups are looked into. */
export function transfersOf(request: JsonObject, response?: JsonObject): Transfer[] {
	const answers = response && listOf(response['items']);
	return listOf(request['items']).flatMap((item, i): Transfer[] => {
		if (item['@type'] === 'RequestItemGroup') return transfersOf(item, response && (answers?.[i] ?? {}));
		const { '@type': type, fileReference, ownershipToken } = item;
		if (type !== TRANSFER || typeof fileReference !== 'string' || typeof ownershipToken !== 'string') return [];
		const isMeant = !response || answers?.[i]?.['result'] === 'Accepted';
		return isMeant ? [{ fileReference, ownershipToken }] : [];
	});
}

/** Takes over every file whose transfer a decision accepts; the records belong into the commit of that decision. */
export async function claimFiles(
	core: Core,
	request: JsonObject,
	response: JsonObject
): Promise<Result<readonly Op[]>> {
	const ops: Op[] = [];
	for (const { fileReference, ownershipToken } of transfersOf(request, response)) {
		const reference = parseReference(fileReference);
		const row = reference.ok ? core.top().get('files', reference.value.id) : undefined;
		const claimed = row
			? await claimFile(core, row, ownershipToken, reference.ok ? reference.value.key : undefined)
			: refuse('error.runtime.recordNotFound', 'File not found.');
		if (!claimed.ok) return claimed;
		ops.push(...claimed.value);
	}
	return ok(ops);
}
