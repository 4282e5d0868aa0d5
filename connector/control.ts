/**
 * The way into a Connector that runs: a socket beside its database, for commands that need its engine (two processes may not
 * open one store). Whoever may read the database may use it: the socket is made for its owner only, in the same folder.
 *
 *   command → {"ask":"invite"}          Connector → its steps, one JSON line each; or {"refused":{code,message}}
 *   command → "confirm" | "cancel"      hanging up cancels
 *
 * Not there where a socket's path would be too long, and on Windows: the Connector must be stopped for those commands then.
 */
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { LinkSession, LinkStep, Refusal, Result } from '../crdt/index.ts';
import { ok } from '../crdt/index.ts';
import { MAX_SOCKET_PATH } from './limits.ts';

interface Place {
	readonly folder: string;
	readonly dbName: string;
}

/** Where the socket is; undefined: there can be none. */
export function controlPath({ folder, dbName }: Place): string | undefined {
	const path = join(resolve(folder), `${dbName}.sock`);
	return process.platform === 'win32' || path.length > MAX_SOCKET_PATH ? undefined : path;
}

const linesOf = (socket: Socket) => createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]();
const tell = (socket: Socket, value: unknown) => void socket.write(`${JSON.stringify(value)}\n`);

const parsed = (line: string | undefined): unknown => {
	try {
		return line === undefined ? undefined : JSON.parse(line);
	} catch {
		return undefined;
	}
};

/** What a running Connector does for a command. */
export interface Control {
	invite(): Promise<Result<LinkSession>>;
}

async function serve(socket: Socket, control: Control): Promise<void> {
	const lines = linesOf(socket);
	const asked = parsed((await lines.next()).value as string | undefined);
	if ((asked as { ask?: unknown } | undefined)?.ask !== 'invite') return;
	const invited = await control.invite();
	if (!invited.ok) return tell(socket, { refused: invited.error });
	const session = invited.value;
	const listening = (async () => {
		for await (const line of lines) if (parsed(line) === 'confirm') return session.confirm();
		session.cancel();
	})();
	for await (const step of session.steps) tell(socket, step);
	socket.end();
	await listening;
}

/** Opens the way in; resolves with the way to close it. The caller holds the store's lock, so a socket that is there is a dead one. */
export async function openControl(path: string, control: Control): Promise<() => Promise<void>> {
	rmSync(path, { force: true });
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		socket.on('error', () => socket.destroy());
		serve(socket, control)
			.catch(() => undefined)
			.finally(() => socket.end());
	});
	const listening = new Promise<void>((done, failed) => server.once('listening', done).once('error', failed));
	// The bits count at the moment of binding: nobody else can be quicker.
	const before = process.umask(0o177);
	server.listen(path);
	process.umask(before);
	await listening;
	return () =>
		new Promise((done) => {
			server.close(() => done());
			for (const socket of sockets) socket.destroy();
		});
}

/** Asks the Connector that runs on this store to invite; undefined: none runs. */
export async function askToInvite(path: string): Promise<Result<LinkSession> | undefined> {
	const socket = connect(path);
	const isThere = await new Promise<boolean>((done) =>
		socket.once('connect', () => done(true)).once('error', () => done(false))
	);
	if (!isThere) return undefined;
	socket.on('error', () => socket.destroy());
	tell(socket, { ask: 'invite' });
	const lines = linesOf(socket);
	const first = parsed((await lines.next()).value as string | undefined) as
		LinkStep | { readonly refused: Refusal } | undefined;
	if (first !== undefined && 'refused' in first) return { ok: false, error: first.refused };
	async function* steps(): AsyncGenerator<LinkStep> {
		if (first !== undefined) yield first as LinkStep;
		for await (const line of lines) yield parsed(line) as LinkStep;
	}
	return ok({
		steps: steps(),
		confirm: () => tell(socket, 'confirm'),
		cancel: () => void socket.destroy()
	});
}
