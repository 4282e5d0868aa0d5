/**
 * The way into a Connector that runs: a socket beside its database, for commands that need its engine (two processes may not
 * open one store). Whoever may read the folder may use it: the socket is made for its owner only.
 *
 *   command → {"ask":"deletion"}        Connector → {"result":…} or {"refused":{code,message}}
 *   command → {"ask":"invite"}          Connector → the steps of the linking, one line each, or {"refused":…}
 *             "confirm"                 hanging up cancels
 *
 * Not there where a socket's path would be too long, and on Windows: the Connector must be stopped for those commands then.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Engine, LinkSession, LinkStep, Refusal, Result } from '../crdt/index.ts';
import { ok } from '../crdt/index.ts';
import type { Config } from './config.ts';
import { MAX_SOCKET_PATH } from './limits.ts';

/** Where the socket is; undefined: there can be none. Databases elsewhere share a folder, so they are told apart. */
export function controlPath({ folder, dbName, connectionString }: Config['database']): string | undefined {
	const mark =
		connectionString === undefined
			? ''
			: `-${createHash('sha256').update(connectionString).digest('hex').slice(0, 8)}`;
	const path = join(resolve(folder), `${dbName}${mark}.sock`);
	return process.platform === 'win32' || path.length > MAX_SOCKET_PATH ? undefined : path;
}

/** What a running Connector does for a command; each a name on the wire. */
const CALLS = {
	deletion: async (engine: Engine): Promise<Result<unknown>> => engine.deletion.active(),
	initiateDeletion: (engine: Engine): Promise<Result<unknown>> => engine.deletion.initiate(),
	cancelDeletion: (engine: Engine): Promise<Result<unknown>> => engine.deletion.cancel()
} as const;
export type Call = keyof typeof CALLS;

/** The same on an engine of one's own. */
export const callOn = (engine: Engine, call: Call): Promise<Result<unknown>> => CALLS[call](engine);

const linesOf = (socket: Socket) => createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]();
type Lines = ReturnType<typeof linesOf>;
const tell = (socket: Socket, value: unknown) => void socket.write(`${JSON.stringify(value)}\n`);

const parsed = (line: string | undefined): unknown => {
	try {
		return line === undefined ? undefined : JSON.parse(line);
	} catch {
		return undefined;
	}
};
const nextOf = async (lines: Lines): Promise<unknown> => parsed((await lines.next()).value as string | undefined);

async function invite(socket: Socket, lines: Lines, engine: Engine): Promise<void> {
	const invited = await engine.devices.invite();
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

async function serve(socket: Socket, engine: Engine): Promise<void> {
	const lines = linesOf(socket);
	const { ask } = ((await nextOf(lines)) ?? {}) as { readonly ask?: unknown };
	if (ask === 'invite') return invite(socket, lines, engine);
	if (typeof ask !== 'string' || !Object.hasOwn(CALLS, ask)) return;
	const answered = await CALLS[ask as Call](engine);
	tell(socket, answered.ok ? { result: answered.value } : { refused: answered.error });
}

/** Opens the way in; resolves with the way to close it. The caller holds the store's lock, so a socket that is there is a dead one. */
export async function openControl(path: string, engine: Engine): Promise<() => Promise<void>> {
	mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
	rmSync(path, { force: true });
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		socket.on('error', () => socket.destroy());
		serve(socket, engine)
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

interface Answer {
	readonly result?: unknown;
	readonly refused?: Refusal;
}

/** The first line a running Connector answers with, and the rest; undefined: none runs on this database. */
async function asked(
	database: Config['database'],
	ask: Call | 'invite'
): Promise<{ socket: Socket; lines: Lines; first: unknown } | undefined> {
	const path = controlPath(database);
	if (path === undefined) return undefined;
	const socket = connect(path);
	const isThere = await new Promise<boolean>((done) =>
		socket.once('connect', () => done(true)).once('error', () => done(false))
	);
	if (!isThere) return undefined;
	socket.on('error', () => socket.destroy());
	tell(socket, { ask });
	const lines = linesOf(socket);
	return { socket, lines, first: await nextOf(lines) };
}

/** What the Connector that runs on this database answers; undefined: none runs. */
export async function askRunning(database: Config['database'], call: Call): Promise<Result<unknown> | undefined> {
	const answered = await asked(database, call);
	answered?.socket.destroy();
	const answer = answered?.first as Answer | undefined;
	if (answer === undefined) return undefined;
	return answer.refused === undefined ? ok(answer.result) : { ok: false, error: answer.refused };
}

/** Asks the Connector that runs on this database to invite; undefined: none runs. */
export async function inviteRunning(database: Config['database']): Promise<Result<LinkSession> | undefined> {
	const answered = await asked(database, 'invite');
	if (answered === undefined) return undefined;
	const { socket, lines, first } = answered;
	const refused = (first as Answer | undefined)?.refused;
	if (refused !== undefined) return { ok: false, error: refused };
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
