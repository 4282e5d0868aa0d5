/** Bytes as names of map entries: lower-case hex like toHex of the wire, by Node's own encoder, which is ten times as fast. */
export const nameOf = (bytes: Uint8Array): string =>
	Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
