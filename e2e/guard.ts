/**
 * What must not happen in any journey, whatever it is about: an error on the console (violations of the policy are told there
 * too), an uncaught error, a request to another origin, a secret in a path or query.
 */
import type { BrowserContext, Page } from '@playwright/test';

export interface Guard {
	/** From now on this text may stand in no path and no query. */
	keepSecret(text: string): void;
	/** Errors of a line that is cut are what we asked for. */
	expectOffline(): void;
	/** The walls are touched on purpose: what the browser says of it is no problem. */
	expectViolations(): void;
	readonly problems: readonly string[];
}

const OFFLINE =
	/net::ERR_(CONNECTION_|EMPTY_RESPONSE|FAILED|INTERNET_DISCONNECTED|NETWORK_|SOCKET_)|WebSocket connection to .* failed|Failed to fetch/;

const VIOLATION = /Content Security Policy|Trusted(HTML|Script|ScriptURL|TypePolicy)|Trusted Type/;

export function guard(context: BrowserContext, origin: string): Guard {
	const problems: string[] = [];
	const secrets = new Set<string>();
	let offline = false;
	let touching = false;

	const look = (address: string, what: string) => {
		const url = URL.parse(address);
		if (!url || ['data:', 'blob:', 'about:', 'chrome-error:'].includes(url.protocol)) return;
		if (url.origin !== origin) problems.push(`${what} to another origin: ${url.origin}`);
		const said = decodeURIComponent(url.pathname + url.search);
		for (const secret of secrets)
			if (said.includes(secret)) problems.push(`${what} with a secret in its address: ${url.pathname}`);
	};
	const follow = (page: Page) => {
		page.on('framenavigated', (frame) => look(frame.url(), 'a page'));
		page.on('websocket', (socket) => look(socket.url().replace(/^ws/, 'http'), 'a WebSocket'));
	};
	for (const page of context.pages()) follow(page);
	context.on('page', follow);
	context.on('request', (request) => look(request.url(), 'a request'));
	context.on('weberror', (error) => problems.push(`uncaught: ${error.error().stack ?? error.error().message}`));
	context.on('console', (message) => {
		if (message.type() !== 'error' || (offline && OFFLINE.test(message.text()))) return;
		if (touching && VIOLATION.test(message.text())) return;
		problems.push(`console: ${message.text()} (${message.location().url}:${message.location().lineNumber})`);
	});
	return {
		keepSecret: (text) => void secrets.add(text),
		expectOffline: () => void (offline = true),
		expectViolations: () => void (touching = true),
		problems
	};
}
