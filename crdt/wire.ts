/**
 * The relay's only door into the engine: how frames, entries, envelopes and chain records look, and whether a signature
 * holds. No keys, nothing that opens. What the relay can import is what the relay can know.
 */
export * from './codec/ack.ts';
export * from './codec/address.ts';
export * from './codec/bytes.ts';
export * from './codec/cbor.ts';
export * from './codec/chain.ts';
export * from './codec/entry.ts';
export * from './codec/envelope.ts';
export * from './codec/frame.ts';
export * from './codec/log.ts';
export * from './codec/login.ts';
export * from './codec/membership.ts';
export * from './codec/notice.ts';
export { domainHash, sha256 } from './crypto/hash.ts';
export { isSignedBy, signedMessage, type SignatureDomain } from './crypto/verify.ts';
