/** Everything here that can grow has its bound, with the reason. */

/** Largest request body: what the original accepts (connector-api.md §1). */
export const MAX_BODY_BYTES = 2 * 1024 * 1024;
/** What an upload may exceed its limit by before the line is cut instead of the answer being readable. */
export const MAX_DRAIN_BYTES = 16 * 1024 * 1024;
/** Fields of a form: what the original reads. Forms are read before anybody is known. */
export const MAX_FORM_FIELDS = 1000;
/** Text fields of an upload: as many tags as anybody gives, each as long as a description may be. */
export const MAX_UPLOAD_FIELDS = 100;
export const MAX_UPLOAD_FIELD_BYTES = 64 * 1024;
/** What an upload may have besides its file: fields, names, boundaries. */
export const MAX_UPLOAD_FIELDS_BYTES = 1024 * 1024;
/** Largest file when nothing else is configured: the original's default (connector-api.md §7.2). */
export const DEFAULT_MAX_FILE_BYTES = 10 * 1024 * 1024;
/** Nesting of a JSON body. Content has at most eight levels; recursive checks need a stack that cannot be exhausted. */
export const MAX_JSON_DEPTH = 64;
/** A reference as URL is never longer; longer texts are not searched for one, which takes the square of their length. */
export const MAX_REFERENCE_LENGTH = 2048;
/** Length of a filter's regular expression and the processor time all its matches may take: nobody may hold the process. */
export const MAX_PATTERN_LENGTH = 256;
export const MAX_PATTERN_MS = 100;
/** Regular expressions of one query: each may take its time, and a query string has room for thousands. */
export const MAX_PATTERNS = 16;
/** A caller's correlation id ends up in logs and in webhook headers. */
export const MAX_CORRELATION_ID_LENGTH = 128;
/** A wrong key costs the caller at least this long, plus up to the spread (connector-api.md §5.1). */
export const UNAUTHORIZED_DELAY_MS = 1000;
export const UNAUTHORIZED_SPREAD_MS = 3000;
/** A QR code cannot hold more (version 40, byte mode, level L). */
export const MAX_QR_BYTES = 2953;
/** A relay that takes longer than this to answer is not healthy, whatever a call may be allowed to take. */
export const HEALTH_TIMEOUT_MS = 10_000;
/** How long a stopping Connector waits for requests under way. */
export const SHUTDOWN_GRACE_MS = 5000;
/** Answers of a webhook's target are read only this far, so that its connection can be used again. */
export const MAX_WEBHOOK_ANSWER_BYTES = 64 * 1024;
/** A cached OAuth2 token is renewed this long before it expires. */
export const TOKEN_RENEWAL_MS = 10_000;
/** An answer frame of the relay (a tail of the log) is never larger. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;
/** A delivery that failed is tried again after the first pause, then after twice as long each time, up to the longest. */
export const RETRY_FIRST_MS = 1000;
export const RETRY_MOST_MS = 5 * 60_000;
/** With `retry`, a target that does not answer in this time has failed: what waits behind must not wait for ever. */
export const DELIVERY_TIMEOUT_MS = 30_000;
/** Deliveries that may wait for one target; those beyond become dead letters at once. A busy day, a few hundred MB. */
export const MAX_WAITING_DELIVERIES = 100_000;
/** Dead letters kept; the oldest go first. */
export const MAX_DEAD_LETTERS = 10_000;
/** A message broker is given this long to take a connection or one message, where its configuration says nothing. */
export const BROKER_TIMEOUT_MS = 10_000;
/** With `shared` and without `retry`: how long an event may wait until the relay says which device delivers it. A week away. */
export const MAX_CLAIM_AGE_MS = 7 * 86_400_000;
/** Events that may wait for a slow handler of an own module. */
export const MAX_MODULE_EVENTS = 10_000;
/** A socket's path is cut by some systems at 104 bytes, its end included. */
export const MAX_SOCKET_PATH = 100;
