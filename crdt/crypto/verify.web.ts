/** Ed25519 (RFC 8032) verification by WebCrypto. Node's twin is verify.node.ts. */

/** False for anything that is not a valid signature; never rejects. */
export async function verifyEd25519(
	publicKey: Uint8Array,
	signature: Uint8Array,
	message: Uint8Array
): Promise<boolean> {
	if (publicKey.length !== 32 || signature.length !== 64) return false;
	try {
		const key = await crypto.subtle.importKey('raw', publicKey as Uint8Array<ArrayBuffer>, 'Ed25519', false, [
			'verify'
		]);
		return await crypto.subtle.verify(
			'Ed25519',
			key,
			signature as Uint8Array<ArrayBuffer>,
			message as Uint8Array<ArrayBuffer>
		);
	} catch {
		return false;
	}
}
