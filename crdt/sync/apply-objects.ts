/** What records about templates, tokens and files do to the views. */
import { toHex, type Bytes } from '../codec/bytes.ts';
import { writeReference } from '../codec/reference.ts';
import type { FileObject } from '../object/head.ts';
import type { TemplateObject, TokenObject } from '../object/object.ts';
import { partOf, shownProtection, type Protection } from '../object/protection.ts';
import type { FileRow, TemplateRow, TokenRow } from '../views.ts';
import { toDto } from '../views-dto.ts';
import * as consumption from './consumption.ts';
import { iso, type Folding } from './folding.ts';
import type { Records } from './record.ts';

/** What a row says beyond the object itself. */
interface Holding {
	readonly linkKey: Bytes;
	readonly by: string;
	readonly isOwn: boolean;
	/** Of the relay the object lies at. */
	readonly url: string;
	readonly protection?: Protection | undefined;
}

const referenceTo = (id: string, { linkKey, url, protection }: Holding, forIdentity?: string) =>
	writeReference({
		id,
		key: linkKey,
		baseUrl: url,
		...(forIdentity ? { forIdentityTail: forIdentity.slice(-4) } : {}),
		...(protection ? { password: partOf(protection) } : {})
	});

const shownTerms = (object: TemplateObject | TokenObject, { protection }: Holding) => ({
	...(object.for ? { forIdentity: object.for } : {}),
	...(protection ? { passwordProtection: shownProtection(protection) } : {})
});

export const templateRow = (object: TemplateObject, holding: Holding): TemplateRow => ({
	id: object.id,
	isOwn: holding.isOwn,
	createdBy: holding.by,
	createdByDevice: object.device,
	createdAt: iso(object.time),
	content: object.content,
	reference: referenceTo(object.id, holding, object.for),
	...shownTerms(object, holding),
	...(object.expiresAt !== undefined ? { expiresAt: iso(object.expiresAt) } : {}),
	...(object.max !== undefined ? { maxNumberOfAllocations: object.max } : {})
});

export const tokenRow = (object: TokenObject, holding: Holding): TokenRow => ({
	id: object.id,
	isOwn: holding.isOwn,
	createdBy: holding.by,
	createdByDevice: object.device,
	content: object.content,
	createdAt: iso(object.time),
	expiresAt: iso(object.expiresAt),
	reference: referenceTo(object.id, holding, object.for),
	isEphemeral: false,
	...shownTerms(object, holding)
});

export interface FileHolding {
	readonly linkKey: Bytes;
	readonly by: string;
	readonly owner: string;
	readonly turn: number;
	readonly url: string;
}

/** A file as somebody sees it who does not own it. */
export const fileRow = (object: FileObject, { linkKey, by, owner, turn, url }: FileHolding): FileRow => ({
	id: object.id,
	isOwn: false,
	filename: object.filename,
	filesize: object.size,
	createdAt: iso(object.time),
	createdBy: by,
	createdByDevice: object.device,
	expiresAt: iso(object.expiresAt),
	mimetype: object.mimetype,
	reference: writeReference({ id: object.id, key: linkKey, baseUrl: url }),
	owner,
	...(object.title === undefined ? {} : { title: object.title }),
	...(object.description === undefined ? {} : { description: object.description }),
	...(object.tags === undefined ? {} : { tags: object.tags }),
	_key: object.key,
	_random: object.random,
	_turn: turn
});

/** The head again, from what a row keeps. */
export const fileObjectOf = (row: FileRow): FileObject => ({
	t: 'file',
	id: row.id,
	random: row._random,
	time: Date.parse(row.createdAt),
	device: row.createdByDevice,
	expiresAt: Date.parse(row.expiresAt),
	filename: row.filename,
	mimetype: row.mimetype,
	size: row.filesize,
	key: row._key,
	...(row.title === undefined ? {} : { title: row.title }),
	...(row.description === undefined ? {} : { description: row.description }),
	...(row.tags === undefined ? {} : { tags: row.tags })
});

/** Ours, with its token. */
function owned(fold: Folding, row: FileRow, turn: number, token: string): FileRow {
	const { ownershipIsLocked: _locked, ...rest } = row;
	return { ...rest, isOwn: true, owner: fold.me, ownershipToken: token, _turn: turn };
}

type Objects =
	| 'template.own'
	| 'template.loaded'
	| 'token.own'
	| 'token.loaded'
	| 'object.deleted'
	| 'file.own'
	| 'file.loaded'
	| 'file.renewed'
	| 'file.claimed'
	| 'file.owner';

export const applyObjects: { readonly [K in Objects]: (fold: Folding, value: Records[K]) => void } = {
	'template.own'(fold, { object, linkKey, seed, protection }) {
		if (fold.views.get('templates', object.id)) return;
		const holding = { linkKey, by: fold.me, isOwn: true, url: fold.relayUrl, protection };
		fold.views.put('templates', templateRow(object, holding));
		fold.views.put('templateKeys', { id: object.id, seed, mailbox: object.mailbox });
		fold.views.put('aliases', { id: toHex(object.mailbox.alias), kind: 'template', of: object.id });
	},
	'template.loaded'(fold, { object, linkKey, by, ik, protection }) {
		const row = templateRow(object, { linkKey, by, isOwn: false, url: object.mailbox.url, protection });
		fold.views.put('templates', row);
		fold.views.put('templateKeys', {
			...fold.views.get('templateKeys', object.id),
			id: object.id,
			publicKey: object.key,
			ik,
			mailbox: object.mailbox
		});
		consumption.templateLoaded(fold, row);
	},
	'token.own'(fold, { object, linkKey, protection }) {
		const holding = { linkKey, by: fold.me, isOwn: true, url: fold.relayUrl, protection };
		fold.views.put('tokens', tokenRow(object, holding));
	},
	'token.loaded'(fold, { object, linkKey, by, protection }) {
		fold.views.put('tokens', tokenRow(object, { linkKey, by, isOwn: false, url: fold.relayUrl, protection }));
	},
	'object.deleted'(fold, { id }) {
		const template = fold.views.get('templates', id);
		// The alias stays open for requests under way, so what it needs stays; lists leave it out.
		if (template) fold.views.put('templates', { ...template, _deleted: true });
		fold.views.delete('tokens', id);
		fold.views.delete('files', id);
	},
	'file.own'(fold, { object, linkKey, token }) {
		if (fold.views.get('files', object.id)) return;
		const row = fileRow(object, { linkKey, by: fold.me, owner: fold.me, turn: 0, url: fold.relayUrl });
		fold.views.put('files', owned(fold, row, 0, token));
	},
	'file.loaded'(fold, { object, linkKey, by, owner, turn, locked }) {
		// What its maker signed takes the place of what somebody told.
		if (fold.views.get('files', object.id)?._told ?? true)
			fold.views.put('files', fileRow(object, { linkKey, by, owner, turn, url: fold.relayUrl }));
		ownerIs(fold, { id: object.id, owner, turn, ...(locked ? { locked } : {}) });
	},
	'file.renewed'(fold, { id, token }) {
		const row = fold.views.get('files', id);
		if (row?.isOwn) fold.views.put('files', owned(fold, row, row._turn, token));
	},
	'file.claimed'(fold, { id, turn, token }) {
		const row = fold.views.get('files', id);
		if (row && turn > row._turn) fold.views.put('files', owned(fold, row, turn, token));
	},
	'file.owner': (fold, value) => ownerIs(fold, value)
};

/** Who owns a file, as the relay's record says. An older record than the one we know says nothing. */
function ownerIs(fold: Folding, { id, owner, turn, locked }: Records['file.owner']): void {
	const row = fold.views.get('files', id);
	if (!row || turn < row._turn) return;
	fold.views.delete('chores', `owner:${id}`);
	const { ownershipToken, ownershipIsLocked: _locked, ...rest } = row;
	const isOwn = owner === fold.me;
	const next: FileRow = {
		...rest,
		isOwn,
		owner,
		_turn: turn,
		...(isOwn && ownershipToken ? { ownershipToken } : {}),
		...(locked ? { ownershipIsLocked: true } : {})
	};
	fold.views.put('files', next);
	if (row.isOwn && !isOwn) fold.emit('transport.fileOwnershipClaimed', toDto(next));
}

/** The relay's hint about an own file: locked is so at once, who claimed it has to be asked. */
export function applyFileNotice(fold: Folding, row: FileRow, kind: 'claimed' | 'locked'): void {
	if (!row.isOwn) return;
	if (kind === 'claimed') return fold.views.put('chores', { id: `owner:${row.id}`, kind: 'owner', of: row.id });
	if (row.ownershipIsLocked) return;
	const locked: FileRow = { ...row, ownershipIsLocked: true };
	fold.views.put('files', locked);
	fold.emit('transport.fileOwnershipLocked', toDto(locked));
}

/**
 * Attachments of a message that came: known from now on, unless they are already. It is their sender who says so, of files that
 * may be anybody's: whatever the relay's records say later counts instead.
 */
export function receiveFiles(fold: Folding, files: readonly FileRow[] = []): void {
	for (const file of files)
		if (!fold.views.get('files', file.id)) fold.views.put('files', { ...file, _turn: -1, _told: true });
}
