/**
 * What the Connector tells the outside: webhooks, brokers and own modules all listen here. One table says which events there
 * are and what they carry (connector-api.md §9): the DTO REST would have returned at that moment. A name that is not in the
 * table leaves nobody.
 */
import type { EngineEvent } from '../../crdt/index.ts';
import { toDto } from '../dto.ts';
import { placeOf, type Log } from '../log.ts';

/** One thing that became visible, as the outside reads it. */
export interface Told {
	/** Equal on all devices of the identity; of events without a change (start-up, end of a sync) it is made here. */
	readonly id: string;
	readonly name: string;
	/** Absent for events that carry nothing. */
	readonly data?: unknown;
}

interface Payload {
	/** What the data is: a DTO of connector-api.md §3, or an object of these members. */
	readonly of?: string;
	readonly members?: readonly string[];
}
const row = (of: string): Payload => ({ of });
const members = (...names: readonly string[]): Payload => ({ members: names });
const NOTHING: Payload = {};

const MESSAGE = row('Message');
const TEMPLATE = row('RelationshipTemplate');
const RELATIONSHIP = row('Relationship');
const FILE = row('File');
const ATTRIBUTE = row('LocalAttribute');
const REQUEST = row('LocalRequest');
const STATUS = members('request', 'oldStatus', 'newStatus');

/** Name → payload. */
export const PAYLOADS: Readonly<Record<string, Payload>> = {
	'transport.messageReceived': MESSAGE,
	'transport.messageSent': MESSAGE,
	'transport.messageWasReadAtChanged': MESSAGE,
	'transport.messageDelivered': MESSAGE,
	'transport.peerRelationshipTemplateLoaded': TEMPLATE,
	'transport.relationshipTemplateAllocationsExhausted': TEMPLATE,
	'transport.relationshipChanged': RELATIONSHIP,
	'transport.relationshipReactivationRequested': RELATIONSHIP,
	'transport.relationshipReactivationCompleted': RELATIONSHIP,
	'transport.peerToBeDeleted': RELATIONSHIP,
	'transport.peerDeleted': RELATIONSHIP,
	'transport.peerDeletionCancelled': RELATIONSHIP,
	'transport.relationshipDecomposedBySelf': members('relationshipId'),
	'transport.identityDeletionProcessStatusChanged': row('IdentityDeletionProcess'),
	'transport.datawalletSynchronized': NOTHING,
	'transport.fileOwnershipClaimed': FILE,
	'transport.fileOwnershipLocked': FILE,
	'consumption.attributeCreated': ATTRIBUTE,
	'consumption.attributeDeleted': ATTRIBUTE,
	'consumption.attributeWasViewedAtChanged': ATTRIBUTE,
	'consumption.attributeForwardingDetailsChanged': ATTRIBUTE,
	'consumption.ownAttributeDeletedByOwner': ATTRIBUTE,
	'consumption.peerRelationshipAttributeDeletedByPeer': ATTRIBUTE,
	'consumption.forwardedAttributeDeletedByPeer': ATTRIBUTE,
	'consumption.attributeSucceeded': members('predecessor', 'successor'),
	'consumption.incomingRequestReceived': REQUEST,
	'consumption.outgoingRequestCreated': REQUEST,
	'consumption.outgoingRequestCreatedAndCompleted': REQUEST,
	'consumption.outgoingRequestFromRelationshipCreationCreatedAndCompleted': REQUEST,
	'consumption.incomingRequestStatusChanged': STATUS,
	'consumption.outgoingRequestStatusChanged': STATUS,
	'consumption.messageProcessed': members('message', 'result'),
	'consumption.relationshipTemplateProcessed': members('template', 'result', 'requestId', 'relationshipId'),
	'consumption.shareCredentialOfferRequestItemProcessedByRecipient': members(
		'credentialOfferUrl',
		'accepted',
		'peer'
	),
	'consumption.mailReceived': MESSAGE,
	'consumption.relationshipEvent': RELATIONSHIP,
	'runtime.initializing': NOTHING,
	'runtime.initialized': NOTHING,
	'runtime.modulesLoaded': NOTHING,
	'runtime.modulesInitialized': NOTHING,
	'runtime.modulesStarted': NOTHING
};

const NAMED_BY_ID = 'consumption.relationshipEvent';
const payloadOf = (name: string): Payload | undefined => {
	const key = name.startsWith(`${NAMED_BY_ID}.`) ? NAMED_BY_ID : name;
	return Object.hasOwn(PAYLOADS, key) ? PAYLOADS[key] : undefined;
};

const picked = (data: unknown, names: readonly string[]): unknown => {
	const given = data as Readonly<Record<string, unknown>>;
	return Object.fromEntries(names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
};

/** An event as it leaves, or undefined when there is none of that name. */
export function toldOf({ id, name, data }: EngineEvent): Told | undefined {
	const payload = payloadOf(name);
	if (!payload) return undefined;
	if (payload.members) return { id, name, data: toDto(picked(data, payload.members)) };
	return payload.of === undefined || data === undefined ? { id, name } : { id, name, data: toDto(data) };
}

/** Events of this process alone: each device of an identity has its own. */
export const isLocal = (name: string): boolean =>
	name.startsWith('runtime.') || name === 'transport.datawalletSynchronized';

/** `*` one segment, `**` any number (none too), segments separated by dots. */
export function triggerMatches(trigger: string, event: string): boolean {
	const name = event.split('.');
	/** Where the parts of the trigger read so far may end in the name: each part is looked at once, however many wildcards there are. */
	let ends = [0];
	for (const part of trigger.split('.')) {
		const [first = Infinity] = ends;
		ends =
			part === '**'
				? Array.from({ length: Math.max(0, name.length + 1 - first) }, (_, i) => first + i)
				: ends.filter((at) => at < name.length && (part === '*' || part === name[at])).map((at) => at + 1);
	}
	return ends.at(-1) === name.length;
}

export interface Events {
	/** Called for every event, in order. Returns the way to stop. */
	on(listener: (event: Told) => void): () => void;
	/** Tells an event that does not come from the engine. */
	tell(event: EngineEvent): void;
	close(): void;
}

/** What the engine tells and what the Connector adds, in one order. A listener that throws disturbs nobody else. */
export function createEvents(
	source: { onEvent(listener: (event: EngineEvent) => void): () => void },
	log: Log
): Events {
	const listeners = new Set<(event: Told) => void>();
	const waiting: EngineEvent[] = [];
	let isTelling = false;
	const tellOne = (event: EngineEvent) => {
		const told = toldOf(event);
		if (!told) return log.error({ event: event.name }, 'an event that the table does not know stays here');
		for (const listener of [...listeners])
			try {
				listener(told);
			} catch (error) {
				log.error({ trigger: told.name, ...placeOf(error) }, 'an event was not taken');
			}
	};
	/** What a listener tells comes after what it was told: everybody hears both in this order. */
	const tell = (event: EngineEvent) => {
		waiting.push(event);
		if (isTelling) return;
		isTelling = true;
		for (let next = waiting.shift(); next; next = waiting.shift()) tellOne(next);
		isTelling = false;
	};
	const close = source.onEvent(tell);
	return {
		on(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		tell,
		close
	};
}
