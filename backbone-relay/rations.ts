/** Rate limits, in memory: per source for callers nobody knows, per account for writes (limits.ts has the figures). */
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { Limits } from './limits.ts';
import type { Ration } from './operations/operation.ts';

/** Takes one from a ration; answers the seconds to wait, 0 = go on. */
export function createRations(limits: Limits): (ration: Ration, key: string) => Promise<number> {
	const limiters: { readonly [ration in Ration]: RateLimiterMemory } = {
		anonymous: new RateLimiterMemory({ points: limits.anonymousPerMinute, duration: 60 }),
		registration: new RateLimiterMemory({ points: limits.registrationsPerHour, duration: 3600 }),
		login: new RateLimiterMemory({ points: limits.loginsPerMinute, duration: 60 }),
		notification: new RateLimiterMemory({ points: limits.notificationsPerHour, duration: 3600 }),
		write: new RateLimiterMemory({ points: limits.writesPerMinute, duration: 60 })
	};
	return async (ration, key) => {
		try {
			await limiters[ration].consume(key);
			return 0;
		} catch (refusal) {
			return Math.max(1, Math.ceil((refusal as RateLimiterRes).msBeforeNext / 1000));
		}
	};
}
