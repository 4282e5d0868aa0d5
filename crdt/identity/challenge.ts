/**
 * Challenges between people (connector-api.md §2.5, transport-backbone.md §2.12): a text somebody signs to show that it is
 * them, or that a relationship is theirs, at this moment.
 *
 *   challengeString  JSON of { createdBy, createdByDevice, expiresAt, id, type }, keys sorted
 *   signature        base64url of JSON { "sig": base64url 64, "alg": 2, "by": "DVC…", "path": base64url(CBOR [path, device 16]) }
 *                    sig = Sign(DS, "challenge", H("challenge", challengeString as UTF-8))
 *                    of the type Relationship: H("challenge", challengeString, id of the relationship as UTF-8)
 *
 * Who speaks for an identity is one of its devices with its proof path, for each type alike. What is signed for a relationship is
 * worth nothing in another: whoever was given it cannot show it to a third one.
 */
import { fromBase64Url, fromUtf8, toBase64Url, utf8, type Bytes } from '../codec/bytes.ts';
import { fromCbor, toCbor, type Cbor } from '../codec/cbor.ts';
import { domainHash } from '../crypto/hash.ts';
import { signHash } from '../crypto/seal.ts';
import { isSignedBy } from '../crypto/verify.ts';
import { isId } from '../codec/ids.ts';
import { checkPath, type Speaker } from './path.ts';
import type { Signer } from './speech.ts';

export const challengeTypes = ['Identity', 'Device', 'Relationship'] as const;
export type ChallengeType = (typeof challengeTypes)[number];

export interface ChallengeText {
	readonly id: string;
	readonly type: ChallengeType;
	readonly expiresAt: string;
	readonly createdBy?: string;
	readonly createdByDevice?: string;
}

export const writeChallenge = ({ createdBy, createdByDevice, expiresAt, id, type }: ChallengeText): string =>
	JSON.stringify({ createdBy, createdByDevice, expiresAt, id, type });

/** Undefined when the text is no challenge. */
export function readChallenge(text: string): ChallengeText | undefined {
	const value = parseJson(text);
	if (!value) return undefined;
	const { id, type, expiresAt, createdBy, createdByDevice } = value;
	const known = challengeTypes.find((name) => name === type);
	if (typeof id !== 'string' || !isId(id, 'CHL') || !known) return undefined;
	if (typeof expiresAt !== 'string' || Number.isNaN(Date.parse(expiresAt))) return undefined;
	if (createdBy !== undefined && typeof createdBy !== 'string') return undefined;
	if (createdByDevice !== undefined && typeof createdByDevice !== 'string') return undefined;
	return {
		id,
		type: known,
		expiresAt,
		...(createdBy === undefined ? {} : { createdBy }),
		...(createdByDevice === undefined ? {} : { createdByDevice })
	};
}

const challengeHash = (text: string, relationshipId: string | undefined): Bytes =>
	domainHash('challenge', utf8(text), ...(relationshipId === undefined ? [] : [utf8(relationshipId)]));

/** `relationshipId`: the relationship it is for, with the type Relationship. */
export async function signChallenge(
	signer: Signer,
	deviceText: string,
	text: string,
	relationshipId?: string
): Promise<string> {
	const sig = toBase64Url(await signHash(signer.key, 'challenge', challengeHash(text, relationshipId)));
	const path = toBase64Url(toCbor([signer.path as unknown as Cbor, signer.device]));
	return toBase64Url(utf8(JSON.stringify({ sig, alg: 2, by: deviceText, path })));
}

export interface ChallengeSignature {
	readonly sig: Bytes;
	readonly path: Cbor;
	readonly device: Cbor;
}

/** Undefined when the text is no signature of ours. */
export function readSignature(text: string): ChallengeSignature | undefined {
	const bytes = fromBase64Url(text);
	const value = bytes && parseJson(textOf(bytes));
	const sig = typeof value?.['sig'] === 'string' ? fromBase64Url(value['sig']) : undefined;
	const proof = typeof value?.['path'] === 'string' ? fromBase64Url(value['path']) : undefined;
	const pair = proof && fromCbor(proof);
	if (sig?.length !== 64 || !Array.isArray(pair) || pair.length !== 2) return undefined;
	return { sig, path: pair[0] as Cbor, device: pair[1] as Cbor };
}

/** Who signed the text (for this relationship), or undefined when nobody did whom the path proves. */
export async function challengeSigner(
	text: string,
	signature: ChallengeSignature,
	relationshipId?: string
): Promise<Speaker | undefined> {
	const speaker = await checkPath(signature.path, signature.device);
	if (!speaker) return undefined;
	const hash = challengeHash(text, relationshipId);
	return (await isSignedBy(speaker.deviceKey, 'challenge', hash, signature.sig)) ? speaker : undefined;
}

function textOf(bytes: Bytes): string {
	try {
		return fromUtf8(bytes);
	} catch {
		return '';
	}
}

function parseJson(text: string): { readonly [member: string]: unknown } | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null && !Array.isArray(value)
			? (value as { readonly [member: string]: unknown })
			: undefined;
	} catch {
		return undefined;
	}
}
