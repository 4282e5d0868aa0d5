/** Times on the wire: milliseconds since 1970-01-01 UTC, in years a date can be written for (1970 to 9999). */
import type { Cbor } from './cbor.ts';

export const isTime = (value: Cbor | undefined): value is number =>
	typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 253_402_300_800_000;
