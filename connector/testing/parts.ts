/** What tests of the HTTP side stand on: a configuration, a clock without waiting, and an engine made of a few rows. */
import { pino } from 'pino';
import type {
	AttributeRow,
	Clock,
	Engine,
	DeletionRow,
	EngineEvent,
	FileRow,
	MessageRow,
	Random,
	RelationshipRow,
	RequestRow,
	Result,
	TemplateRow,
	TokenRow
} from '../../crdt/index.ts';
import { matches, ok, refuse } from '../../crdt/index.ts';
import { createApp, type AppParts } from '../app.ts';
import { DEFAULTS, merge, parseConfig, type Config } from '../config.ts';
import { readAuthentication, type Authentication } from '../http/auth.ts';

export const KEY = 'Test-Key-0123456789-ABCDEFGHIJKLMN';
export const ME = 'did:e:localhost:dids:0123456789abcdef012345';
export const PEER = 'did:e:localhost:dids:fedcba9876543210fedcba';
export const AT = '2026-01-31T12:00:00.000Z';

type Tree = { [key: string]: unknown };
const BASE: Tree = {
	transportLibrary: { baseUrl: 'http://localhost:1' },
	infrastructure: { httpServer: { authentication: { apiKey: { keys: { test: { key: KEY } } } } } }
};

/** A valid configuration with `changes` on top. */
export function testConfig(changes: Tree = {}): Config {
	const parsed = parseConfig(merge(merge(DEFAULTS as Tree, BASE), changes));
	if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
	return parsed.config;
}

export function authenticationOf(config: Config, now = Date.parse(AT)): Authentication {
	const authentication = readAuthentication(config, now);
	if (!authentication.ok) throw new Error(authentication.problems.join('\n'));
	return authentication.value;
}

/** Time stands still; waiting takes none and is written down. */
export function stillClock(now = Date.parse(AT)): Clock & { readonly slept: number[] } {
	const slept: number[] = [];
	return { now: () => now, sleep: async (ms) => void slept.push(ms), slept };
}
export const testRandom: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
export const silent = pino({ level: 'silent' });

const reference = (id: string) => ({
	truncated: Buffer.from(`${id}|2|${'k'.repeat(43)}||`).toString('base64url'),
	url: `http://localhost:1/r/${id}#${'A'.repeat(60)}`
});

export const ROWS = {
	attribute: {
		'@type': 'OwnIdentityAttribute',
		id: 'ATT00000000000000001',
		createdAt: AT,
		content: {
			'@type': 'IdentityAttribute',
			owner: ME,
			value: { '@type': 'GivenName', value: 'Ada' },
			tags: ['x:one', 'x:two']
		},
		numberOfForwards: 0,
		_pending: true
	} satisfies AttributeRow as AttributeRow,
	template: {
		id: 'RLT00000000000000001',
		isOwn: true,
		createdBy: ME,
		createdByDevice: 'DVC00000000000000001',
		createdAt: AT,
		content: { '@type': 'ArbitraryRelationshipTemplateContent', value: { _kept: 1 } },
		expiresAt: '2027-01-01T00:00:00.000Z',
		maxNumberOfAllocations: 3,
		reference: reference('RLT00000000000000001'),
		_allocatedBy: [PEER]
	} satisfies TemplateRow as TemplateRow,
	token: {
		id: 'TOK00000000000000001',
		isOwn: true,
		createdBy: ME,
		createdByDevice: 'DVC00000000000000001',
		createdAt: AT,
		content: { a: 1 },
		expiresAt: '2027-01-01T00:00:00.000Z',
		reference: reference('TOK00000000000000001'),
		isEphemeral: false
	} satisfies TokenRow as TokenRow,
	relationship: {
		id: 'REL00000000000000001',
		templateId: 'RLT00000000000000001',
		status: 'Pending',
		peer: PEER,
		peerIdentity: { address: PEER, publicKey: 'e30' },
		creationContent: { '@type': 'ArbitraryRelationshipCreationContent', value: 1 },
		auditLog: [{ createdAt: AT, createdBy: PEER, reason: 'Creation', newStatus: 'Pending' }],
		_own: false,
		_events: [],
		_createdAt: AT
	} satisfies RelationshipRow as RelationshipRow,
	message: {
		id: 'MSG00000000000000001',
		isOwn: true,
		content: { '@type': 'Mail', to: [PEER], cc: [], subject: 'Hello', body: 'World', bodyFormat: 'PlainText' },
		createdBy: ME,
		createdByDevice: 'DVC00000000000000001',
		recipients: [{ address: PEER, relationshipId: 'REL00000000000000001' }],
		createdAt: AT,
		attachments: [],
		_delivery: 'queued'
	} satisfies MessageRow as MessageRow,
	request: {
		id: 'REQ00000000000000001',
		isOwn: false,
		peer: PEER,
		createdAt: AT,
		content: {
			'@type': 'Request',
			items: [{ '@type': 'ConsentRequestItem', mustBeAccepted: true, consent: 'ok' }]
		},
		source: { type: 'Message', reference: 'MSG00000000000000001' },
		status: 'ManualDecisionRequired'
	} satisfies RequestRow as RequestRow,
	file: {
		id: 'FIL00000000000000001',
		isOwn: true,
		filename: 'a b.txt',
		filesize: 5,
		createdAt: AT,
		createdBy: ME,
		createdByDevice: 'DVC00000000000000001',
		expiresAt: '2027-01-01T00:00:00.000Z',
		mimetype: 'text/plain',
		reference: reference('FIL00000000000000001'),
		owner: ME,
		_key: new Uint8Array(32),
		_random: new Uint8Array(16),
		_turn: 0
	} satisfies FileRow as FileRow,
	deletion: {
		id: 'IDP00000000000000001',
		status: 'Active',
		createdAt: AT,
		createdByDevice: 'DVC00000000000000001',
		gracePeriodEndsAt: '2026-02-14T12:00:00.000Z',
		_told: []
	} satisfies DeletionRow as DeletionRow
};

const missing = refuse(
	'error.runtime.recordNotFound',
	'Record not found. Make sure the ID exists and the record is not expired.'
);
const byId = <T extends { readonly id: string }>(row: T, id: string): T | undefined =>
	row.id === id ? row : undefined;
const later = <T>(value: T): Promise<Result<T>> => Promise.resolve(ok(value));

async function* chunksOf(text: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	yield new TextEncoder().encode(text);
}
const CHALLENGE = {
	id: 'CHL00000000000000001',
	expiresAt: '2026-01-31T12:10:00.000Z',
	signature: 'e30',
	challengeString: '{}'
};

/** One row of each kind; commands answer with it. `emit` is what the engine would tell its listeners. */
export function rowEngine(): Engine & { emit(event: EngineEvent): void } {
	const listeners = new Set<(event: EngineEvent) => void>();
	const { attribute, template, token, relationship, message, request, file, deletion } = ROWS;
	const known = <T extends { readonly id: string }>(row: T, id: string): Promise<Result<T>> =>
		Promise.resolve(row.id === id ? ok(row) : missing);
	const validation = { isSuccess: true, items: [] };
	return {
		account: {
			identityInfo: () => ({ address: ME, publicKey: 'e30' }),
			sync: () => later<void>(undefined),
			attempted: async () => undefined,
			syncInfo: () => ({}),
			status: () => ({ state: 'upToDate', waiting: 0 }),
			relayIsHealthy: async () => true,
			goLive: () => undefined,
			stopLive: () => undefined,
			claimEvent: () => later(true)
		},
		attributes: {
			canCreate: () => ok(undefined),
			create: () => later(attribute),
			succeed: () => later({ predecessor: attribute, successor: attribute }),
			notifyPeer: () =>
				later({ predecessor: attribute, successor: attribute, notificationId: 'NOT00000000000000001' }),
			share: () => later(request),
			createAndShare: () => later(request),
			delete: (id) => Promise.resolve(byId(attribute, id) ? ok({ notificationIds: [] }) : missing),
			changeDefault: () => later(attribute),
			get: (id) => byId(attribute, id),
			list: () => [attribute],
			rows: () => [attribute],
			ownIdentity: () => [attribute],
			ownShared: () => [attribute],
			peer: () => [],
			versions: () => [attribute],
			sharedVersions: () => ok([attribute]),
			forwardings: () => [],
			find: () => ok([attribute]),
			validateIql: () => ({ isValid: true }),
			candidates: () => [],
			markViewed: () => later(attribute)
		},
		metadata: {
			set: (input) => later({ id: input.reference, ...input }),
			get: (reference) => ok({ id: reference, reference, value: 1 }),
			list: () => [],
			delete: () => later<void>(undefined)
		},
		settings: {
			create: (input) => later({ ...input, id: 'LCLSET00000000000001', scope: 'Identity', createdAt: AT }),
			get: () => undefined,
			list: () => [],
			update: () => Promise.resolve(missing),
			delete: () => Promise.resolve(missing),
			byKey: () => undefined,
			upsertByKey: (input) => later({ ...input, id: 'LCLSET00000000000001', scope: 'Identity', createdAt: AT })
		},
		drafts: {
			create: ({ type = '', content }) =>
				later({ id: 'LCLDRF00000000000001', type, createdAt: AT, lastModifiedAt: AT, content }),
			get: () => undefined,
			list: () => [],
			update: () => Promise.resolve(missing),
			delete: () => Promise.resolve(missing)
		},
		notifications: { list: () => [], get: () => undefined },
		templates: {
			create: () => later(template),
			load: () => later(template),
			get: (id) => byId(template, id),
			list: () => [template],
			rows: (query = {}) => [template].filter((row) => matches('templates', query, row)),
			delete: () => later<void>(undefined),
			createToken: (_, input) => later({ ...token, isEphemeral: input.ephemeral ?? true })
		},
		tokens: {
			create: () => later(token),
			load: () => later(token),
			get: (id) => byId(token, id),
			list: () => [token],
			rows: (query = {}) => [token].filter((row) => matches('tokens', query, row)),
			delete: () => later<void>(undefined)
		},
		files: {
			create: () => later(file),
			load: () => later(file),
			get: (id) => byId(file, id),
			list: () => [file],
			rows: (query = {}) => [file].filter((row) => matches('files', query, row)),
			find: (id) => (byId(file, id) ? ok(file) : missing),
			download: async (id) => (byId(file, id) ? ok({ file, chunks: chunksOf('Hello') }) : missing),
			createToken: (_, input) => later({ ...token, isEphemeral: input.ephemeral ?? true }),
			delete: () => later<void>(undefined),
			regenerateOwnershipToken: (id) => known(file, id),
			validateOwnershipToken: () => later({ isValid: true })
		},
		challenges: {
			create: ({ type }) => later({ ...CHALLENGE, type }),
			validate: () => later({ isValid: true })
		},
		published: {
			announcements: () => later([]),
			tagCollection: () => later({ supportedLanguages: ['en'], tagsForAttributeValueTypes: {} }),
			notify: () => later<void>(undefined)
		},
		deletion: {
			initiate: () => later(deletion),
			cancel: () => later({ ...deletion, status: 'Cancelled' as const }),
			active: () => ok(deletion),
			get: (id) => byId(deletion, id),
			list: () => [deletion]
		},
		relationships: {
			canCreate: () => ok(undefined),
			checkOwner: () => later<void>(undefined),
			create: () => later(relationship),
			get: (id) => byId(relationship, id),
			list: () => [relationship],
			rows: () => [relationship],
			possible: () => [],
			act: (id) => known(relationship, id),
			attributes: () => [attribute]
		},
		messages: {
			send: () => later(message),
			get: (id) => byId(message, id),
			list: () => [message],
			rows: () => [message],
			markRead: () => later(message),
			discard: () => later<void>(undefined),
			retry: () => later(message)
		},
		requests: {
			incoming: () => [request],
			outgoing: () => [request],
			rows: () => [request],
			get: (id) => byId(request, id),
			canAccept: () => ok(validation),
			canReject: () => ok(validation),
			accept: (id) => known(request, id),
			reject: (id) => known(request, id),
			validate: () => ok(validation),
			create: () => later(request),
			delete: () => later<void>(undefined),
			discard: () => later<void>(undefined),
			automate: () => ok(() => undefined)
		},
		documents: {
			read: () => undefined,
			fields: () => ({}),
			write: () => later<void>(undefined),
			otherVersions: () => []
		},
		devices: {
			list: () => [],
			rename: () => later<void>(undefined),
			renewKeys: () => later<void>(undefined),
			admit: async () => missing,
			invite: async () => missing
		},
		attention: () => [],
		todo: () => [],
		onEvent(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		onChange: () => () => undefined,
		close: async () => undefined,
		emit(event) {
			for (const listener of listeners) listener(event);
		}
	};
}

/** The app over these parts; what is not given is the plainest that works. */
export function testApp(changes: Partial<AppParts> = {}) {
	const config = changes.config ?? testConfig();
	return createApp({
		engine: rowEngine(),
		clock: stillClock(),
		random: testRandom,
		log: silent,
		isStoreHealthy: () => true,
		authentication: authenticationOf(config),
		...changes,
		config
	});
}

export const asJson = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
	body: JSON.stringify(body),
	headers: { 'x-api-key': KEY, 'content-type': 'application/json', ...headers }
});
export const withKey = (headers: Record<string, string> = {}): RequestInit => ({
	headers: { 'x-api-key': KEY, ...headers }
});
