/**
 * Everything that can grow has a bound here, with its reason. An operator raises any of them by option (LIMITS='{"…": n}');
 * what a client must know of them is told by the operation `version`.
 */
import { FRAME_LIMITS } from '@enmeshed/crdt/wire';

export const DEFAULT_LIMITS = {
	/** One frame: the largest object and its request around it; no append needs more. */
	frameBytes: FRAME_LIMITS.objectBytes + (1 << 16),
	/** One answer's list of entries or mail: a phone should see progress, and 1 MiB is 0.1 s of a slow line. */
	pageBytes: 1 << 20,
	/** The same in items: what one answer may cost to encode. */
	pageItems: 4096,
	/** Requests of one line that wait for their answer: a client that sends more is not listening. */
	inFlight: 256,
	/** Requests worked on at the same time; further ones wait as bytes. Enough to share one fsync, small enough to die young. */
	atOnce: 96,
	/** Requests in one transaction: bounds how long the first waits for the last. */
	tickRequests: 1024,
	/** Bytes that wait to leave on one line before it is cut: a reader this slow has to reconnect and pull. */
	lineBacklogBytes: 32 << 20,
	/** Lines of one account: 20 devices with several tabs or processes each. */
	linesPerAccount: 100,
	/** Lines of one source: a Connector farm or an office behind one address. */
	linesPerSource: 1000,
	/** All lines: about 40 kB each in Node. */
	lines: 20_000,
	/** A line that sends nothing is asked after this long and cut when it does not answer within as long again. */
	idleMs: 30_000,
	/** A line that has not signed in: enough for a slow phone, not for a hoard of sockets. */
	anonymousLineMs: 10 * 60_000,

	/** Log bytes of one account: ten years of a busy person are about 200 MiB. */
	accountEntryBytes: 1 << 30,
	/** Bytes of all objects of one account. */
	accountObjectBytes: 4 * 2 ** 30,
	/** Objects of one account: an organisation's open templates, tokens and files. */
	accountObjects: 200_000,
	/** Aliases of one account, closed ones included until they are forgotten: one per relationship and template. */
	accountAliases: 200_000,
	/** Records of one device chain: devices come and go, prekeys every week. */
	accountChain: 4096,
	/** Mail under one alias that nobody acknowledged yet (PROTOCOL.md §13.16): one peer cannot fill a mailbox. */
	pendingPerAlias: 1000,
	/** The same for a whole mailbox. */
	pendingPerMailbox: 100_000,
	/**
	 * Places beyond both that only urgent envelopes may take: ending, reviving and decomposing a relationship are at most ten
	 * letters, and a template's alias gets one revocation for each request that waits.
	 */
	reservedPerAlias: 32,
	reservedPerMailbox: 10_000,
	/** Reserved places one alias gives away in a day, however quickly it is emptied. */
	reservedPerDay: 64,

	/** Bodies of one account on their way in: a page of files chosen at once. */
	uploadsPerAccount: 8,
	/** The same for the relay: each holds an open file. */
	uploads: 1000,
	/** When all places are taken, an upload that stood still this long gives way: a phone between two cells is quicker. */
	uploadStaleMs: 30_000,
	/** A part must follow the one before within this. */
	uploadMs: 10 * 60_000,

	/**
	 * Bytes filed under one alias in a day, however quickly it is emptied: mail is copied into its owner's log, which has an end
	 * and cannot be emptied yet. What is large goes as a file; a busy machine sends 40 000 letters a day to one other.
	 */
	bytesPerAliasPerDay: 128 << 20,

	/** Wrong passwords until an object locks (PROTOCOL.md §9.2). */
	verifierFailures: 100,
	/** How many of them one source can contribute: a stranger cannot lock alone. */
	verifierFailuresPerSource: 50,

	/** Acknowledged mail is kept this long for the other devices. */
	mailDays: 30,
	/** Expired objects stay readable for their owner this long (counters, a late look). */
	objectGraceDays: 30,
	/** A closed alias is remembered this long, so that a repeated close or open is understood. */
	closedAliasDays: 30,
	/** Grace period of a deletion whose length is not said, in days. */
	deletionDays: 14,
	/** How long an erased account's aliases still answer "gone" to whoever holds the token: a peer may sleep for a year. */
	goneAliasDays: 400,
	/** Linking two devices takes a minute or two. */
	rendezvousMs: 10 * 60_000,
	/** A challenge over HTTP must be answered within this. */
	challengeMs: 2 * 60_000,
	/** A bearer token over HTTP; the device signs in again afterwards. */
	bearerMs: 60 * 60_000,
	/** Challenges that were used and have not expired: beyond it the oldest are forgotten with the whole set. */
	usedChallenges: 100_000,
	/** Device chains kept parsed: about 1 kB per device. */
	memberships: 20_000,
	/** Rows removed in one transaction of the housekeeping: about 5 ms. */
	housekeepingRows: 500,
	housekeepingMs: 10 * 60_000,

	/** Anonymous calls of one source (looks, redeems, deliveries, linking): a busy Connector without an account sends 20/s. */
	anonymousPerMinute: 1200,
	/** New accounts of one source: an office on its first day. */
	registrationsPerHour: 600,
	/** Failed logins of one source. */
	loginsPerMinute: 600,
	/** Notification codes under one alias: a reminder now and then, not a bell. */
	notificationsPerHour: 60,
	/** Writes of one account: 200/s, each of up to 256 entries. */
	writesPerMinute: 12_000
} as const;

export type Limits = { readonly [name in keyof typeof DEFAULT_LIMITS]: number };

/** The defaults with an operator's own values; undefined when a name is unknown or a value is no positive integer. */
export function parseLimits(given: unknown): Limits | undefined {
	if (given === undefined) return DEFAULT_LIMITS;
	if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
	const entries = Object.entries(given);
	const known = entries.every(
		([name, value]) => Object.hasOwn(DEFAULT_LIMITS, name) && Number.isSafeInteger(value) && value > 0
	);
	return known ? { ...DEFAULT_LIMITS, ...Object.fromEntries(entries) } : undefined;
}

/** What clients are told. */
export const publicLimits = (limits: Limits) => ({
	...FRAME_LIMITS,
	frameBytes: limits.frameBytes,
	inFlight: limits.inFlight,
	pendingPerAlias: limits.pendingPerAlias,
	reservedPerAlias: limits.reservedPerAlias,
	deletionDays: limits.deletionDays,
	accountEntryBytes: limits.accountEntryBytes,
	accountObjectBytes: limits.accountObjectBytes,
	accountObjects: limits.accountObjects,
	accountAliases: limits.accountAliases,
	mailDays: limits.mailDays
});
