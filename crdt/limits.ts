/**
 * Every bound of the engine, with its reason. What can grow has a name here; what is refused because of one says which.
 */

/**
 * How deep JSON from outside may nest: recursive readers stay far from the end of the stack, and what is written around it (a
 * record, a template, a response, each in the next) stays within the 64 levels that CBOR is read to (PROTOCOL.md §0).
 */
export const maxJsonDepth = 40;

/**
 * Bytes of the content of a message, request or template, of a note about an identity: with 64 KiB for what stands around it, the
 * largest envelope below what a relay takes (1 MiB; the next bucket is 1.5 MiB). More would be kept here and could never leave.
 */
export const maxContentBytes = 3 * 2 ** 18 - 2 ** 16;

/** Bytes of the envelopes of one message: they leave in one frame, beside an entry (12 MiB, `FRAME_LIMITS` in codec/frame.ts). */
export const maxLettersBytes = 11 * 2 ** 20;

/** Files of one message: what a letter is read with. */
export const maxAttachments = 100;

/** Items of a request or response, groups counted with their members: nobody reviews more, and every fold walks them all. */
export const maxRequestNodes = 500;

/** Events one side may add to a relationship. A human makes a handful; each is folded anew with all before it (decision 18). */
export const maxRelationshipEvents = 256;

/**
 * Mail of one alias that waits for a key, bytes and all. An honest relay brings none of it: what gives the key stands before it
 * in the mailbox. A batch as one device copies it; what lies beyond is unreadable.
 */
export const maxWaitingMail = 256;

/** Things of one kind that need attention: nobody looks at more, and whoever may write to us can make them. */
export const maxAttention = 1_000;

/** Messages of one relationship that are watched for what is missing before them: each one costs something with each that comes. */
export const maxGaps = 512;

/** Recipients of one message (protocol.md §13.16). */
export const maxRecipients = 100;

/** Bytes of a file: what the original promises (connector-api.md §2.6); sealed and padded it fits one object of the relay. */
export const maxFileSize = 10 * 1024 * 1024;

/** Characters of a reference in its URL form: no base URL is that long, and longer text is not searched for one. */
export const maxReferenceUrl = 2_048;
