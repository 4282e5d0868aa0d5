/**
 * The safety number of a relationship: 30 digits of SHA-256 over both identities, the same on both sides and on every device. Two
 * people who see the same number talk to each other and to nobody in between.
 */
interface Identity {
	readonly address: string;
	readonly publicKey: string;
}
const GROUPS = 6;

export async function safetyNumber(a: Identity, b: Identity): Promise<string[]> {
	const text = [a, b]
		.map(({ address, publicKey }) => `${address}|${publicKey}`)
		.sort()
		.join('\n');
	const digest = new DataView(
		await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`enmeshed/safety\n${text}`))
	);
	return Array.from({ length: GROUPS }, (_, i) => String(digest.getUint32(i * 4) % 100_000).padStart(5, '0'));
}
