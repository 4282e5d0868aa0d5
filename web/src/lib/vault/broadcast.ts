/**
 * Comlink over a BroadcastChannel, for browsers without SharedWorker: ports cannot be handed to another tab there, words can.
 * Every message names who it is for. Nothing is transferred and no callback crosses, which is all our calls need.
 *
 *   tab   → { to: host, from: <tab>, data }      host → { to: <tab>, data }
 *   tab   → { to: host, from: <tab>, ask }       host → { to: all, ready: <instance> }    also when it starts
 */
import type { Endpoint } from 'comlink';

const CHANNEL = 'enmeshed-vault-calls';
const HOST = 'host';
const ALL = 'all';

interface Word {
	readonly to: string;
	readonly from?: string;
	readonly data?: unknown;
	readonly ask?: true;
	readonly ready?: string;
}

class Line extends EventTarget implements Endpoint {
	readonly #send: (data: unknown) => void;
	constructor(send: (data: unknown) => void) {
		super();
		this.#send = send;
	}
	postMessage(data: unknown): void {
		this.#send(data);
	}
	hear(data: unknown): void {
		this.dispatchEvent(new MessageEvent('message', { data }));
	}
}

/** In the worker: one endpoint for each tab that speaks. */
export function serveBroadcast(serve: (endpoint: Endpoint) => void): void {
	const channel = new BroadcastChannel(CHANNEL);
	const lines = new Map<string, Line>();
	const ready: Word = { to: ALL, ready: crypto.randomUUID() };
	channel.onmessage = ({ data: word }: MessageEvent<Word>) => {
		if (word.to !== HOST || !word.from) return;
		if (word.ask) return channel.postMessage(ready);
		const tab = word.from;
		let line = lines.get(tab);
		if (!line) {
			line = new Line((data) => channel.postMessage({ to: tab, data } satisfies Word));
			lines.set(tab, line);
			serve(line);
		}
		line.hear(word.data);
	};
	channel.postMessage(ready);
}

/** In a tab: speaks to whichever worker is host; what is said before one is ready waits. `onRestart`: another one took over. */
export function joinBroadcast(onRestart: () => void): Endpoint {
	const channel = new BroadcastChannel(CHANNEL);
	const me = crypto.randomUUID();
	let host: string | undefined;
	const waiting: unknown[] = [];
	const say = (data: unknown) => channel.postMessage({ to: HOST, from: me, data } satisfies Word);
	const line = new Line((data) => (host ? say(data) : void waiting.push(data)));
	channel.onmessage = ({ data: word }: MessageEvent<Word>) => {
		if (word.to === me) return line.hear(word.data);
		if (!word.ready || word.ready === host) return;
		const restarted = host !== undefined;
		host = word.ready;
		for (const data of waiting.splice(0)) say(data);
		if (restarted) onRestart();
	};
	channel.postMessage({ to: HOST, from: me, ask: true } satisfies Word);
	return line;
}
