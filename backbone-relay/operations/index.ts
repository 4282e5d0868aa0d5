/** Every operation of the wire, each with the function behind it. `hello` is the line's own business: relay.ts. */
import type { Operation } from '@enmeshed/crdt/wire';
import { publicLimits } from '../limits.ts';
import { account, accountDelete, register } from './account.ts';
import { chain, chainAppend } from './chain.ts';
import { append, commit, pull } from './log.ts';
import { deliver, mail, mailboxClose, mailboxOpen, mailboxState } from './mailbox.ts';
import { objectClaim, objectDelete, objectGet, objectPeek, objectPut, objectRedeem } from './object.ts';
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
	objectPut,
	objectGet,
	objectPeek,
	objectRedeem,
	objectDelete,
	objectClaim,
	rendezvousPut,
	rendezvousGet,
	account,
	accountDelete,
	version
} satisfies { [O in Exclude<Operation, 'hello'>]: Row<O> | Writing<O, unknown> | object };

/** The same for a caller that knows the operation only at run time. */
export type AnyOperation =
	| { access: 'anonymous' | 'device'; kind: 'read'; answer: Reading<never>['answer'] }
	| ({ access: 'anonymous' | 'device'; kind: 'write' } & Pick<
			Writing<never, unknown>,
			'apply' | 'before' | 'prepare' | 'abandon'
	  >);

export const operationOf = (op: Exclude<Operation, 'hello'>): AnyOperation =>
	OPERATIONS_HERE[op] as unknown as AnyOperation;
