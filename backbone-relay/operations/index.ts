/** Every operation of the wire, each with the function behind it. `hello` is the line's own business: relay.ts. */
import type { Operation } from '@enmeshed/crdt/wire';
import { publicLimits } from '../limits.ts';
import { account, accountDelete, accountGone, register } from './account.ts';
import { chain, chainAppend } from './chain.ts';
import { append, commit, pull } from './log.ts';
import { objectClaim, objectPart, objectRead, objectRenew, objectToken } from './file.ts';
import { deliver, mail, mailboxClose, mailboxOpen, mailboxState, notify } from './mailbox.ts';
import { objectDelete, objectGet, objectPeek, objectPut, objectRedeem, objectUnlock } from './object.ts';
import { published } from './published.ts';
import { done, type Reading, type Writing } from './operation.ts';
import { rendezvousGet, rendezvousPut } from './rendezvous.ts';

export const VERSION = '0.1.0';

const version: Reading<'version'> = {
	access: 'anonymous',
	kind: 'read',
	answer: ({ addressHost, relayKey, limits }) =>
		done({ version: VERSION, addressHost, relayKey, limits: publicLimits(limits) })
};

type Row<O extends Operation> = Reading<O> | Writing<O, never>;

const OPERATIONS_HERE = {
	register,
	pull,
	mail,
	append,
	commit,
	chainAppend,
	chain,
	mailboxOpen,
	mailboxClose,
	mailboxState,
	deliver,
	notify,
	objectPart,
	objectPut,
	objectGet,
	objectPeek,
	objectRead,
	objectRedeem,
	objectUnlock,
	objectDelete,
	objectClaim,
	objectToken,
	objectRenew,
	rendezvousPut,
	rendezvousGet,
	account,
	accountDelete,
	accountGone,
	published,
	version
} satisfies { [O in Exclude<Operation, 'hello'>]: Row<O> | Writing<O, unknown> | object };

/** The same for a caller that knows the operation only at run time. */
export type AnyOperation =
	| ({ access: 'anonymous' | 'device'; kind: 'read' } & Pick<Reading<never>, 'answer' | 'isRationed'>)
	| ({ access: 'anonymous' | 'device'; kind: 'write' } & Pick<
			Writing<never, unknown>,
			'apply' | 'before' | 'prepare' | 'abandon'
	  >);

export const operationOf = (op: Exclude<Operation, 'hello'>): AnyOperation =>
	OPERATIONS_HERE[op] as unknown as AnyOperation;
