/**
 * A TCP proxy on this machine, to stand between a browser or an engine and the relay: it can be cut and restored (a browser
 * framework's "offline" leaves open sockets alone, a cut proxy does not) and it keeps what passed when asked to.
 *
 *   client ── localhost:<port> ──▶ proxy ──▶ 127.0.0.1:<target>      cut: every socket destroyed, connecting refused
 */
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

export interface TcpProxy {
	readonly port: number;
	readonly origin: string;
	/** Where connections made from now on lead. */
	lead(targetPort: number): void;
	cut(): Promise<void>;
	restore(): Promise<void>;
	/** Both directions of every connection so far, in the order they were made. */
	readonly recorded: readonly Conversation[];
	close(): Promise<void>;
}
export interface Conversation {
	/** Client to relay. */
	readonly up: Buffer[];
	readonly down: Buffer[];
}

export async function startTcpProxy({ record = false }: { record?: boolean } = {}): Promise<TcpProxy> {
	const sockets = new Set<Socket>();
	const recorded: Conversation[] = [];
	let target: number | undefined;

	const join = (client: Socket) => {
		if (target === undefined) return void client.destroy();
		const upstream = connect(target, '127.0.0.1');
		const conversation: Conversation = { up: [], down: [] };
		if (record) recorded.push(conversation);
		for (const [from, to, kept] of [
			[client, upstream, conversation.up],
			[upstream, client, conversation.down]
		] as const) {
			sockets.add(from);
			if (record) from.on('data', (chunk: Buffer) => kept.push(chunk));
			from.pipe(to);
			// A broken half breaks the other; what it was is the client's to find out.
			from.on('error', () => to.destroy());
			from.on('close', () => {
				sockets.delete(from);
				to.destroy();
			});
		}
	};
	let server = await listening(createServer(join), 0);
	const { port } = server.address() as AddressInfo;

	const cut = async () => {
		for (const socket of sockets) socket.destroy();
		if (server.listening) await new Promise((closed) => server.close(closed));
	};
	return {
		port,
		origin: `http://localhost:${port}`,
		lead: (targetPort) => void (target = targetPort),
		cut,
		async restore() {
			if (!server.listening) server = await listening(createServer(join), port);
		},
		recorded,
		close: cut
	};
}

const listening = (server: Server, port: number): Promise<Server> =>
	new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, '127.0.0.1', () => resolve(server));
	});

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * What a client said, as the relay reads it: browsers and `ws` mask every byte of a WebSocket frame (RFC 6455 §5.3), so the raw
 * bytes of a line show nothing even where nothing is encrypted. Bytes that are no WebSocket stay as they are.
 */
export function unmasked(up: Buffer): Buffer {
	const head = up.indexOf(HEAD_END);
	if (head < 0 || !/^upgrade: *websocket/im.test(up.subarray(0, head).toString('latin1'))) return up;
	const parts = [up.subarray(0, head)];
	let at = head + HEAD_END.length;
	while (at + 2 <= up.length) {
		const short = up[at + 1]! & 0x7f;
		const masked = (up[at + 1]! & 0x80) !== 0;
		at += 2;
		const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
		if (at + extra + (masked ? 4 : 0) > up.length) break;
		const length = short === 126 ? up.readUInt16BE(at) : short === 127 ? Number(up.readBigUInt64BE(at)) : short;
		at += extra;
		const mask = masked ? up.subarray(at, at + 4) : Buffer.alloc(4);
		at += masked ? 4 : 0;
		parts.push(Buffer.from(up.subarray(at, at + length).map((byte, i) => byte ^ mask[i % 4]!)));
		at += length;
	}
	return Buffer.concat(parts);
}

/** Everything that passed, readable. */
export const traffic = (proxy: TcpProxy): Buffer[] =>
	proxy.recorded.flatMap(({ up, down }) => [unmasked(Buffer.concat(up)), Buffer.concat(down)]);
