/**
 * Where the vault runs. One SharedWorker serves all tabs where the browser has it. Elsewhere the tab that holds the Web Lock
 * starts this file as a dedicated worker, and every tab, that one included, talks to it over a broadcast channel (broadcast.ts).
 */
import { expose } from 'comlink';
import { NEWS_CHANNEL, type VaultNews } from './api.ts';
import { serveBroadcast } from './broadcast.ts';
import { createVault } from './host.ts';

const news = new BroadcastChannel(NEWS_CHANNEL);
const vault = createVault((item: VaultNews) => news.postMessage(item));

if ('onconnect' in self) {
	(self as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = ({ ports: [port] }) => {
		expose(vault, port!);
	};
} else {
	serveBroadcast((endpoint) => expose(vault, endpoint));
}
