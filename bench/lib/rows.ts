/** Rows of an organisation with many contacts, made by counting: the same every time. Nothing of it went through a log. */
import type {
	AttributeRow,
	ChannelRow,
	MessageRow,
	RelationshipRow,
	RequestRow,
	TemplateRow
} from '../../crdt/index.ts';

const hex = (n: number, length: number) => n.toString(16).padStart(length, '0');
const iso = (n: number) => new Date(Date.UTC(2025, 0, 1) + n * 30_000).toISOString();
/** Numbers in an order that looks like none. */
const shuffled = (n: number, below: number) => Number((BigInt(n) * 2_654_435_761n) % BigInt(below));

const ME = `did:e:localhost:dids:${hex(1, 22)}`;
export const addressOf = (n: number) => `did:e:localhost:dids:${hex(n + 1_000_000, 22)}`;
export const idOf = (prefix: string, n: number) => prefix + n.toString(36).toUpperCase().padStart(17, '0');
const DEVICE = idOf('DVC', 1);
const bytes = (n: number, length = 32) => new Uint8Array(length).fill(n % 256);

export function relationship(n: number): RelationshipRow {
	const [id, peer] = [idOf('REL', n), addressOf(n)];
	const event = {
		relId: id,
		author: peer,
		device: DEVICE,
		n: 0,
		prev: null,
		seen: null,
		time: iso(n),
		hash: hex(n, 64)
	};
	return {
		id,
		templateId: idOf('RLT', n % 2000),
		status: n % 1000 === 0 ? 'Pending' : 'Active',
		peer,
		peerIdentity: { address: peer, publicKey: hex(n, 86) },
		creationContent: { '@type': 'ArbitraryRelationshipCreationContent', value: { customer: n } },
		auditLog: [{ createdAt: iso(n), createdBy: peer, reason: 'Creation', newStatus: 'Pending' }],
		_own: false,
		_events: [
			{ ...event, action: 'create' },
			{ ...event, author: ME, action: 'accept', hash: hex(n + 1, 64), seen: { m: 0, hash: hex(n, 64) } }
		],
		_createdAt: iso(n)
	};
}

export const channel = (n: number): ChannelRow => ({
	id: idOf('REL', n),
	templateId: idOf('RLT', n % 2000),
	peer: addressOf(n),
	own: false,
	peerKey: bytes(n),
	a: bytes(n + 1),
	root: bytes(n + 2),
	mailbox: { url: 'http://localhost', alias: bytes(n, 16), token: bytes(n) },
	alias: hex(n, 32),
	sent: [],
	received: [],
	gaps: [],
	peerChainSeq: 0
});

const TEXT = 'The invoice for last month is attached, please tell us when something is missing. '.repeat(4);
/** Every peer has as many; one type of content is rare. */
export function message(n: number, peers: number): MessageRow {
	const who = shuffled(n, peers);
	const [isOwn, peer] = [n % 3 === 0, addressOf(who)];
	return {
		id: idOf('MSG', n),
		isOwn,
		content:
			n % 20_000 === 0
				? { '@type': 'ArbitraryMessageContent', value: n }
				: {
						'@type': 'Mail',
						to: [isOwn ? peer : ME],
						cc: [],
						subject: `Case ${n}`,
						body: TEXT,
						bodyFormat: 'PlainText'
					},
		createdBy: isOwn ? ME : peer,
		createdByDevice: DEVICE,
		recipients: isOwn
			? [{ address: peer, relationshipId: idOf('REL', who) }]
			: [{ address: ME, relationshipId: idOf('REL', who), receivedAt: iso(n), receivedByDevice: DEVICE }],
		createdAt: iso(n),
		attachments: n % 50_000 === 0 ? [idOf('FIL', n)] : [],
		...(isOwn ? { _delivery: 'sent' as const } : {})
	};
}

export const request = (n: number, peers: number): RequestRow => ({
	id: idOf('REQ', n),
	isOwn: n % 2 === 0,
	peer: addressOf(shuffled(n, peers)),
	createdAt: iso(n),
	status: n % 5001 === 0 ? (n % 2 === 0 ? 'Open' : 'ManualDecisionRequired') : 'Completed',
	content: {
		'@type': 'Request',
		items: [{ '@type': n % 7001 === 0 ? 'ConsentRequestItem' : 'ReadAttributeRequestItem', mustBeAccepted: true }]
	},
	source: { type: 'Message', reference: idOf('MSG', n) }
});

export const attribute = (n: number, peers: number): AttributeRow => ({
	'@type': 'PeerIdentityAttribute',
	id: idOf('ATT', n),
	createdAt: iso(n),
	peer: addressOf(shuffled(n, peers)),
	sourceReference: idOf('REQ', n),
	content: {
		'@type': 'IdentityAttribute',
		owner: addressOf(shuffled(n, peers)),
		value: { '@type': n % 6007 === 0 ? 'BirthDate' : 'EMailAddress', value: `someone${n}@example.org` }
	}
});

export const template = (n: number): TemplateRow => ({
	id: idOf('RLT', n),
	isOwn: true,
	createdBy: ME,
	createdByDevice: DEVICE,
	createdAt: iso(n),
	content: { '@type': 'ArbitraryRelationshipTemplateContent', value: { n } },
	expiresAt: iso(n + 10_000_000),
	reference: { truncated: hex(n, 40), url: `http://localhost/r/${hex(n, 40)}` }
});
