/**
 * Pinned certificates (connector-api.md §7.2): for a host with fingerprints, only a certificate whose SHA-256 is among them is
 * taken; with `enforceCertificatePinning` no other host is spoken to over TLS at all. Checked where Node checks a server's
 * name, so it holds for every outgoing TLS connection of the process: relay, webhooks, brokers, issuers.
 */
import tls, { type PeerCertificate } from 'node:tls';
import type { Config } from './config.ts';

type Check = typeof tls.checkServerIdentity;

const normal = (fingerprint: string) => fingerprint.replaceAll(':', '').toLowerCase();

/** The check that looks at the pins after the one before it had no objection. */
export function pinnedCheck(
	before: Check,
	pins: Readonly<Record<string, readonly string[]>>,
	enforced: boolean
): Check {
	const byHost = new Map(
		Object.entries(pins).map(([host, prints]) => [host.toLowerCase(), new Set(prints.map(normal))])
	);
	return (host: string, certificate: PeerCertificate) => {
		const objection = before(host, certificate);
		if (objection) return objection;
		const prints = byHost.get(host.toLowerCase());
		if (prints === undefined)
			return enforced ? new Error('the host has no pinned certificate, and pinning is enforced') : undefined;
		return prints.has(normal(certificate.fingerprint256))
			? undefined
			: new Error('the certificate of the host is not the pinned one');
	};
}

/** From now on, in this process. Does nothing when nothing is pinned. */
export function pinCertificates(config: Config): void {
	const pins = config.pinnedTLSCertificateSHA256Fingerprints ?? {};
	const enforced = config.enforceCertificatePinning === true;
	if (!enforced && Object.keys(pins).length === 0) return;
	tls.checkServerIdentity = pinnedCheck(tls.checkServerIdentity, pins, enforced);
}
