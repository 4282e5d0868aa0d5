/**
 * The page's side of the vault. One connection per tab; typed calls; news from the worker. Nothing here knows a key.
 */
import { wrap, type Remote } from 'comlink';
import { NEWS_CHANNEL, type Callable, type Outcome, type Vault, type VaultNews } from './api.ts';
import { joinBroadcast } from './broadcast.ts';
import workerUrl from './worker.ts?worker&url';

/** A worker that has not answered by then is not coming (blocked, crashed, a file missing). */
const HELLO_MS = 15_000;
const HOST_LOCK = 'enmeshed-vault-host';

/** The only script this page starts by its address; the policy lets nothing else make one. */
const scriptUrl = (url: string): string => {
	const factory = (globalThis as { trustedTypes?: TrustedTypeFactory }).trustedTypes;
	policy ??= factory?.createPolicy('enmeshed-worker', { createScriptURL: (address) => address });
	return (policy?.createScriptURL(url) as string | undefined) ?? url;
};
interface TrustedTypeFactory {
	createPolicy(
		name: string,
		rules: { createScriptURL: (url: string) => string }
	): { createScriptURL(url: string): unknown };
}
let policy: ReturnType<TrustedTypeFactory['createPolicy']> | undefined;

let connection: Remote<Vault> | undefined;
const listeners = new Set<(news: VaultNews) => void>();

function connect(): Remote<Vault> {
	const news = new BroadcastChannel(NEWS_CHANNEL);
	news.onmessage = ({ data }: MessageEvent<VaultNews>) => {
		for (const listener of listeners) listener(data);
	};
	if ('SharedWorker' in globalThis) {
		const worker = new SharedWorker(scriptUrl(workerUrl), { type: 'module', name: 'enmeshed-vault' });
		return wrap<Vault>(worker.port);
	}
	// Held until this tab goes away; then the next one in line starts the worker.
	void navigator.locks.request(HOST_LOCK, () => {
		new Worker(scriptUrl(workerUrl), { type: 'module', name: 'enmeshed-vault' });
		return new Promise(() => {});
	});
	return wrap<Vault>(joinBroadcast(() => location.reload()));
}

/** The vault; connected at the first use. */
export const vault = (): Remote<Vault> => (connection ??= connect());

export function onNews(listener: (news: VaultNews) => void): () => void {
	listeners.add(listener);
	return () => void listeners.delete(listener);
}

/** Whether the vault runs here at all; never hangs. */
export async function hello(): Promise<Outcome<{ readonly instance: string }>> {
	const silent = new Promise<Outcome<never>>((resolve) =>
		setTimeout(() => resolve({ ok: false, error: { cause: 'worker' } }), HELLO_MS)
	);
	try {
		return await Promise.race([vault().hello(), silent]);
	} catch (error) {
		const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
		return {
			ok: false,
			error: { cause: 'navigator' in globalThis && navigator.locks ? 'worker' : 'unsupported', detail }
		};
	}
}

/** Every function of the engine's groups, answered by the worker, hence a promise. */
export type RemoteEngine = { readonly [G in keyof Callable]: RemoteGroup<Callable[G]> };
type RemoteGroup<T> = {
	readonly [F in keyof T]: T[F] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;
};

/** `engineOf(id).requests.accept(…)`: the path becomes one call to the worker. */
export function engineOf(profile: string): RemoteEngine {
	const group = (name: string) =>
		new Proxy({} as Record<string, unknown>, {
			get:
				(_, member) =>
				(...args: unknown[]) =>
					vault().call(profile, `${name}.${String(member)}`, args)
		});
	return new Proxy({} as Record<string, unknown>, {
		get: (_, name) => group(String(name))
	}) as unknown as RemoteEngine;
}

/** Asks the browser to keep our data. Never awaited at the start: some browsers ask the person, one never answers. */
export function keepStorage(): void {
	void navigator.storage?.persist?.().catch(() => undefined);
}
