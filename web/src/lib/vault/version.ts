/**
 * What the relay says about itself: address host and limits. Precached with the shell (service-worker), so that a profile can be
 * made with no network; asked for anew whenever there is one.
 */
export interface RelayVersion {
	readonly version: string;
	readonly addressHost: string;
	readonly relayKey: string;
}

const PATH = '/v1/version';
const PATIENCE_MS = 4_000;

export async function relayVersion(): Promise<RelayVersion | undefined> {
	return (await fromNetwork()) ?? (await fromCache());
}

async function fromNetwork(): Promise<RelayVersion | undefined> {
	try {
		const answer = await fetch(PATH, {
			signal: AbortSignal.timeout(PATIENCE_MS),
			headers: { accept: 'application/json' }
		});
		return answer.ok ? parse(await answer.json()) : undefined;
	} catch {
		return undefined;
	}
}

async function fromCache(): Promise<RelayVersion | undefined> {
	try {
		const kept = await caches.match(PATH);
		return kept && parse(await kept.json());
	} catch {
		return undefined;
	}
}

function parse(value: unknown): RelayVersion | undefined {
	const { version, addressHost, relayKey } = (value ?? {}) as Record<string, unknown>;
	return typeof addressHost === 'string' && addressHost.length > 0
		? { version: String(version), addressHost, relayKey: String(relayKey) }
		: undefined;
}
