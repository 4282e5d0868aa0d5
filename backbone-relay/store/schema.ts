/**
 * The tables of the store on disk, what the relay asks of them, and how a row becomes what store.ts calls it. All tables are
 * WITHOUT ROWID (sqlite.ts says why).
 */
import type { Bytes } from '@enmeshed/crdt/wire';
import type { Account, Alias, Body, Content, Mail, StoredObject } from './store.ts';

export const SCHEMA = `
create table if not exists meta (name text primary key, value blob not null) without rowid, strict;
create table if not exists account (
	tag blob primary key, seq integer not null, root blob not null, mseq integer not null, mail_ack integer not null,
	chain_seq integer not null, chain_head blob not null, epoch integer not null, entry_bytes integer not null,
	objects integer not null, object_bytes integer not null, aliases integer not null, deletion_at integer
) without rowid, strict;
create index if not exists account_due on account (deletion_at) where deletion_at is not null;
create table if not exists chain (tag blob, seq integer, bytes blob not null, primary key (tag, seq)) without rowid, strict;
create table if not exists session (
	tag blob, session blob, device blob not null, sseq integer not null, hash blob not null, primary key (tag, session)
) without rowid, strict;
create table if not exists entry (
	tag blob, seq integer, session blob not null, sseq integer not null, root blob not null, bytes blob not null,
	primary key (tag, seq)
) without rowid, strict;
create unique index if not exists entry_place on entry (tag, session, sseq);
create table if not exists slot (tag blob, slot blob, seq integer not null, primary key (tag, slot)) without rowid, strict;
create table if not exists alias (
	alias blob primary key, owner blob, token_hash blob not null, closes_at integer, pending integer not null,
	last_mseq integer not null, reserved_day integer not null default 0, reserved_used integer not null default 0,
	filed_day integer not null default 0, filed_bytes integer not null default 0
) without rowid, strict;
create index if not exists alias_owner on alias (owner) where owner is not null;
create index if not exists alias_closing on alias (closes_at) where closes_at is not null;
create table if not exists mail (
	mailbox blob, mseq integer, alias blob not null, env_id blob not null, kind integer not null, day integer not null,
	bytes blob not null, primary key (mailbox, mseq)
) without rowid, strict;
create unique index if not exists mail_once on mail (mailbox, alias, env_id);
create table if not exists mail_ack (mailbox blob, day integer, mseq integer not null, primary key (mailbox, day)) without rowid, strict;
create table if not exists object (
	handle blob primary key, owner blob not null, size integer not null, digest blob not null, expires_at integer,
	max_uses integer, uses integer not null, for_tag blob, verifier_hash blob, ownership_hash blob,
	failures integer not null, locked integer not null, blob text, bytes blob, body_blob text, body_size integer,
	body_digest blob, record blob, ownership_locked integer not null default 0
) without rowid, strict;
create index if not exists object_owner on object (owner);
create index if not exists object_expiry on object (expires_at) where expires_at is not null;
create table if not exists claim (handle blob, claim blob, primary key (handle, claim)) without rowid, strict;
create table if not exists failure (handle blob, source blob, count integer not null, primary key (handle, source)) without rowid, strict;
create table if not exists erased (name blob primary key, at integer not null) without rowid, strict;
create table if not exists rendezvous (
	id blob, slot integer, bytes blob not null, expires_at integer not null, primary key (id, slot)
) without rowid, strict;
`;

/** Columns that came later; a file made before them gets them when it is opened. */
export const LATER: readonly { readonly table: string; readonly column: string; readonly type: string }[] = [
	{ table: 'alias', column: 'reserved_day', type: 'integer not null default 0' },
	{ table: 'alias', column: 'reserved_used', type: 'integer not null default 0' },
	{ table: 'alias', column: 'filed_day', type: 'integer not null default 0' },
	{ table: 'alias', column: 'filed_bytes', type: 'integer not null default 0' },
	{ table: 'object', column: 'body_blob', type: 'text' },
	{ table: 'object', column: 'body_size', type: 'integer' },
	{ table: 'object', column: 'body_digest', type: 'blob' },
	{ table: 'object', column: 'record', type: 'blob' },
	{ table: 'object', column: 'ownership_locked', type: 'integer not null default 0' }
];

/** One statement per thing the relay asks, prepared once. */
export const STATEMENTS = {
	begin: 'begin immediate',
	commit: 'commit',
	rollback: 'rollback',
	savepoint: 'savepoint request',
	release: 'release request',
	rollBackTo: 'rollback to request',
	account: 'select * from account where tag = ?',
	putAccount: 'insert or replace into account values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
	dropAccount: 'delete from account where tag = ?',
	accountsDue: 'select tag from account where deletion_at <= ? limit ?',
	addChain: 'insert into chain values (?, ?, ?)',
	chainAfter: 'select bytes from chain where tag = ? and seq > ? order by seq',
	session: 'select device, sseq, hash from session where tag = ? and session = ?',
	putSession: 'insert or replace into session values (?, ?, ?, ?, ?)',
	addEntry: 'insert into entry values (?, ?, ?, ?, ?, ?)',
	entryAt: 'select seq, session, sseq, root, bytes from entry where tag = ? and session = ? and sseq = ?',
	rootAt: 'select root from entry where tag = ? and seq = ?',
	entriesAfter: 'select bytes from entry where tag = ? and seq > ? order by seq limit ?',
	slot: 'select seq from slot where tag = ? and slot = ?',
	putSlot: 'insert into slot values (?, ?, ?)',
	alias: 'select * from alias where alias = ?',
	putAlias: 'insert or replace into alias values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
	dropAlias: 'delete from alias where alias = ?',
	aliasesClosed:
		'select alias, owner from alias where (owner is not null and closes_at < ?) or (owner is null and closes_at < ?) limit ?',
	addMail: 'insert into mail values (?, ?, ?, ?, ?, ?, ?)',
	hasMail: 'select 1 from mail where mailbox = ? and alias = ? and env_id = ?',
	mailAfter:
		'select mseq, alias, env_id, kind, day, bytes from mail where mailbox = ? and mseq > ? order by mseq limit ?',
	mailPerAlias:
		'select alias, count(*) as count from mail where mailbox = ? and mseq > ? and mseq <= ? group by alias',
	ackMail: 'insert or replace into mail_ack values (?, ?, ?)',
	acksDue: 'select mailbox, max(mseq) as mseq from mail_ack where day <= ? group by mailbox limit ?',
	dropAcks: 'delete from mail_ack where mailbox = ? and day <= ?',
	dropMail:
		'delete from mail where mailbox = ?1 and mseq in (select mseq from mail where mailbox = ?1 and mseq <= ?2 limit ?3)',
	object: 'select * from object where handle = ?',
	putObject: 'insert or replace into object values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
	dropObject: 'delete from object where handle = ?',
	dropClaims: 'delete from claim where handle = ?',
	dropFailures: 'delete from failure where handle = ?',
	claimed: 'select 1 from claim where handle = ? and claim = ?',
	addClaim: 'insert or ignore into claim values (?, ?)',
	failures: 'select count from failure where handle = ? and source = ?',
	putFailures: 'insert or replace into failure values (?, ?, ?)',
	objectsDue: 'select handle, owner, size, blob, body_blob from object where expires_at < ? limit ?',
	objectsOf: 'select handle, blob, body_blob from object where owner = ? limit ?',
	blobs: 'select blob, body_blob from object where blob is not null or body_blob is not null',
	erasedAt: 'select at from erased where name = ?',
	putErased: 'insert or replace into erased values (?, ?)',
	expireErased: 'delete from erased where at < ?',
	rendezvous: 'select bytes, expires_at from rendezvous where id = ? and slot = ?',
	putRendezvous: 'insert or replace into rendezvous values (?, ?, ?, ?)',
	dropRendezvous: 'delete from rendezvous where expires_at <= ?',
	eraseEntries: 'delete from entry where tag = ?1 and seq in (select seq from entry where tag = ?1 limit ?2)',
	eraseSlots: 'delete from slot where tag = ?1 and slot in (select slot from slot where tag = ?1 limit ?2)',
	eraseSessions:
		'delete from session where tag = ?1 and session in (select session from session where tag = ?1 limit ?2)',
	eraseMail: 'delete from mail where mailbox = ?1 and mseq in (select mseq from mail where mailbox = ?1 limit ?2)',
	eraseAcks:
		'delete from mail_ack where mailbox = ?1 and day in (select day from mail_ack where mailbox = ?1 limit ?2)',
	eraseChain: 'delete from chain where tag = ?1 and seq in (select seq from chain where tag = ?1 limit ?2)',
	eraseAliases: `update alias set owner = null, closes_at = ?3, pending = 0, last_mseq = 0, reserved_day = 0, reserved_used = 0,
		filed_day = 0, filed_bytes = 0
		where alias in (select alias from alias where owner = ?1 limit ?2)`,
	meta: 'select value from meta where name = ?',
	putMeta: 'insert or replace into meta values (?, ?)'
} as const;

/** What the tables of an account are emptied by, in this order, each about `limit` rows at a time. */
export const ERASE = ['eraseMail', 'eraseEntries', 'eraseSlots', 'eraseSessions', 'eraseAcks', 'eraseChain'] as const;

export type Row = Record<string, unknown>;

export const orNull = <T>(value: T | undefined): T | null => value ?? null;
const orUndefined = <T>(value: unknown): T | undefined => (value === null ? undefined : (value as T));

export const toAccount = (row: Row): Account => ({
	tag: row['tag'] as Bytes,
	seq: row['seq'] as number,
	root: row['root'] as Bytes,
	mseq: row['mseq'] as number,
	mailAck: row['mail_ack'] as number,
	chainSeq: row['chain_seq'] as number,
	chainHead: row['chain_head'] as Bytes,
	epoch: row['epoch'] as number,
	entryBytes: row['entry_bytes'] as number,
	objects: row['objects'] as number,
	objectBytes: row['object_bytes'] as number,
	aliases: row['aliases'] as number,
	deletionAt: orUndefined(row['deletion_at'])
});

export const toAlias = (row: Row): Alias => ({
	alias: row['alias'] as Bytes,
	owner: orUndefined(row['owner']),
	tokenHash: row['token_hash'] as Bytes,
	closesAt: orUndefined(row['closes_at']),
	pending: row['pending'] as number,
	lastMseq: row['last_mseq'] as number,
	reservedDay: row['reserved_day'] as number,
	reservedUsed: row['reserved_used'] as number,
	filedDay: row['filed_day'] as number,
	filedBytes: row['filed_bytes'] as number
});

export const KINDS = ['envelope', 'notice'] as const;

export const toMail = (row: Row): Mail => ({
	mseq: row['mseq'] as number,
	alias: row['alias'] as Bytes,
	envId: row['env_id'] as Bytes,
	kind: KINDS[row['kind'] as number]!,
	day: row['day'] as number,
	bytes: row['bytes'] as Bytes
});

const toContent = (row: Row): Content =>
	row['blob'] === null ? { bytes: row['bytes'] as Bytes } : { blob: row['blob'] as string };

const toBody = (row: Row): Body | undefined =>
	row['body_blob'] === null
		? undefined
		: {
				blob: row['body_blob'] as string,
				size: row['body_size'] as number,
				digest: row['body_digest'] as Bytes
			};

export const namesOf = (row: Row): string[] =>
	[row['blob'], row['body_blob']].filter((name): name is string => typeof name === 'string');

export const toObject = (row: Row): StoredObject => ({
	handle: row['handle'] as Bytes,
	owner: row['owner'] as Bytes,
	size: row['size'] as number,
	digest: row['digest'] as Bytes,
	expiresAt: orUndefined(row['expires_at']),
	maxUses: orUndefined(row['max_uses']),
	uses: row['uses'] as number,
	forTag: orUndefined(row['for_tag']),
	verifierHash: orUndefined(row['verifier_hash']),
	ownershipHash: orUndefined(row['ownership_hash']),
	failures: row['failures'] as number,
	locked: row['locked'] === 1,
	content: toContent(row),
	body: toBody(row),
	record: orUndefined(row['record']),
	ownershipLocked: row['ownership_locked'] === 1
});
