/** `retry` of webhooks and brokers: absent = one attempt, as in the original; given = the outbox delivers (outbox.ts). */
import * as v from 'valibot';
import type { Patience } from './outbox.ts';

export const retrySchema = v.strictObject({
	attempts: v.pipe(v.number(), v.integer(), v.minValue(1)),
	maxAgeMinutes: v.pipe(v.number(), v.gtValue(0))
});
export type Retry = v.InferOutput<typeof retrySchema>;

export const patienceOf = ({ attempts, maxAgeMinutes }: Retry): Patience => ({
	attempts,
	maxAgeMs: maxAgeMinutes * 60_000
});
