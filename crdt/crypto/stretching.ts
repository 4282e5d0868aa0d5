/** What Argon2id is asked for (RFC 9106); one lane, because browsers have no more. */
export interface Stretching {
	readonly passes: number;
	readonly memoryKiB: number;
	/** Bytes of the result. */
	readonly length: number;
}
