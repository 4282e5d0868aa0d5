/** The line to the relay: opened when somebody needs it, signed in, registered when the relay does not know us. */
import type { Cbor } from '../codec/cbor.ts';
import type { Bytes } from '../codec/bytes.ts';
import type { AnswerFrame, Operation, RequestOf } from '../codec/frame.ts';
import { loginHash } from '../codec/login.ts';
import { signHash } from '../crypto/seal.ts';
import { RelayUnreachable } from '../ports.ts';
import type { Client } from './core.ts';
import { openLine, type Line } from './line.ts';
import type { Publisher } from './publish.ts';
import { putMeta } from './rows.ts';
import { isWaiting, type State } from './state.ts';

export interface Heard {
	/** Something new lies at the relay. */
	wake(): void;
	/** The line broke while somebody cared. */
	gone(): void;
	/** What the relay answered to hello. */
	greeted(asked: RequestOf<'hello'>, body: { readonly [key: string]: Cbor | undefined }): Promise<void>;
}

export type Connection = ReturnType<typeof createConnection>;

export function createConnection(state: State, { changed }: Publisher, heard: Heard, client: Client | undefined) {
	const {
		self,
		signingKey,
		ports: { clock, relay, store }
	} = state;
	let line: Line | undefined;
	let opening: Promise<Line> | undefined;
	/** A line that is not signed in yet. */
	let half: Line | undefined;

	/** The line; many who need one at once share its opening. */
	async function ensureLine(): Promise<Line> {
		if (line?.isOpen()) return line;
		opening ??= signedInLine().finally(() => (opening = undefined));
		return opening;
	}

	async function signedInLine(): Promise<Line> {
		if (state.closed) throw new RelayUnreachable('closed');
		const opened = await openLine(
			relay,
			() => {
				if (state.live) heard.wake();
			},
			() => {
				line = undefined;
				state.offline = true;
				changed();
				if (state.live || isWaiting(state)) heard.gone();
			}
		);
		half = opened;
		try {
			await signIn(opened);
			if (state.closed) throw new RelayUnreachable('closed');
		} catch (error) {
			opened.close();
			throw error;
		} finally {
			half = undefined;
		}
		line = opened;
		state.offline = false;
		changed();
		return opened;
	}

	async function signIn(opened: Line): Promise<void> {
		if (!state.relayKey) {
			const version = await opened.call('version', {});
			const key = version.ok ? version.body['relayKey'] : undefined;
			if (!(key instanceof Uint8Array) || key.length !== 32)
				throw new RelayUnreachable('the relay does not say its key');
			state.relayKey = key as Bytes;
			await store.write([putMeta('relayKey', { key: state.relayKey })]);
		}
		if (!state.registered) await register(opened);
		let asked = await helloOf(opened);
		let hello = await opened.call('hello', asked);
		// A relay that lost us, or never had us, says the same as to a stranger. Registering is idempotent.
		if (!hello.ok && (hello.type === 'login-failed' || hello.type === 'not-found')) {
			await register(opened);
			asked = await helloOf(opened);
			hello = await opened.call('hello', asked);
		}
		if (!hello.ok) throw new RelayUnreachable(`login: ${hello.type}`);
		await heard.greeted(asked, hello.body);
	}

	async function helloOf(opened: Line): Promise<RequestOf<'hello'>> {
		return {
			identityTag: self.identityTag,
			device: self.device,
			signature: await signHash(
				signingKey,
				'login',
				loginHash(opened.challenge, state.relayKey!, self.identityTag, self.device)
			),
			cursor: state.log.cursor,
			root: state.log.root,
			mailCursor: state.mailCursor,
			chainSeq: state.membership.seq
		};
	}

	async function register(opened: Line): Promise<void> {
		const answer = await opened.call('register', {
			chain: state.chain.map(({ bytes }) => bytes),
			...(client ? { client } : {})
		});
		if (!answer.ok) throw new RelayUnreachable(`registration: ${answer.type}`);
		state.registered = true;
		await store.write([putMeta('registered', { at: clock.now() })]);
		changed();
	}

	/** A call on a signed-in line; a line that broke is opened again once. */
	async function demand<O extends Operation>(op: O, body: RequestOf<O>): Promise<AnswerFrame> {
		const on = line?.isOpen() ? line : await ensureLine();
		return on.call(op, body);
	}

	return {
		ensureLine,
		demand,
		/** No line is opened any more and the open one is closed. */
		close() {
			line?.close();
			half?.close();
		},
		opened: async () => opening?.catch(() => undefined)
	};
}
