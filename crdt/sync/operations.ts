/**
 * The Engine as callers see it (api.ts): each operation checks against the views, writes an intent or commits, and answers
 * with the row that shows the result. One file per group in operations/.
 */
import type { Engine } from '../api.ts';
import { publicKeyText } from '../relationship/apply.ts';
import { ok } from '../result.ts';
import type { Core } from './core.ts';
import { attributeOperations } from './operations/attributes.ts';
import { makeBase, type EngineOptions } from './operations/base.ts';
import { deviceOperations } from './operations/devices.ts';
import { documentOperations } from './operations/documents.ts';
import { messageOperations } from './operations/messages.ts';
import { metadataOperations } from './operations/metadata.ts';
import { passOverGoneMailboxes } from './operations/notify.ts';
import { challengeOperations } from './operations/challenges.ts';
import { claimEvent } from './operations/claims.ts';
import { createChores, type Chores } from './operations/chores.ts';
import { deletionOperations } from './operations/deletion.ts';
import { failedSuccessions } from './operations/failed.ts';
import { fileOperations } from './operations/files.ts';
import { createObjectStore } from './operations/object-store.ts';
import { publishedOperations } from './operations/published.ts';
import { relationshipOperations } from './operations/relationships.ts';
import { requestOperations } from './operations/requests.ts';
import { draftOperations, settingOperations } from './operations/settings.ts';
import { templateOperations } from './operations/templates.ts';
import { tokenOperations } from './operations/tokens.ts';
import { todo } from './operations/todo.ts';
import { ensurePrekey } from './prekeys.ts';

const DAY_MS = 86_400_000;

export function createEngine(core: Core, options: EngineOptions = {}): Engine {
	const base = makeBase(core, options);
	const documents = documentOperations(base);
	const { requests, events, ...seen } = requestOperations(base);
	const messages = messageOperations(base, documents);
	const objects = createObjectStore(base);
	const tokens = tokenOperations(base, objects);
	const published = publishedOperations(base);
	const files = fileOperations(base, objects, tokens);
	const chores = createChores(base, files.load, () => settle());
	const { settle, ...deletion } = deletionOperations(base, chores.tell);
	doWhenLive(core, chores);
	publishPrekey(core);
	passOverGoneMailboxes(core);
	const unsent = () => [...seen.attention(), ...failedSuccessions(core)];
	return {
		account: {
			identityInfo: () => ({ address: core.self.address, publicKey: publicKeyText(core.self.ik) }),
			async sync() {
				const outcome = await core.sync();
				if (outcome.ok) {
					await chores.run();
					await published.refreshTags();
				}
				seen.lookForExpired();
				await events.settled();
				return outcome.ok ? ok(undefined) : outcome;
			},
			attempted: core.attempted,
			syncInfo() {
				const { lastSyncAt } = core.status();
				return lastSyncAt ? { lastSyncRun: { completedAt: lastSyncAt } } : {};
			},
			status: core.status,
			relayIsHealthy: core.relayIsHealthy,
			goLive: () => core.goLive(true),
			stopLive: () => core.goLive(false),
			claimEvent: (eventId) => claimEvent(base, eventId)
		},
		attributes: attributeOperations(base, { requests, messages }),
		metadata: metadataOperations(base),
		settings: settingOperations(base, documents),
		drafts: draftOperations(base, documents),
		notifications: {
			list: () => core.top().list('notifications'),
			get: (id) => core.top().get('notifications', id)
		},
		templates: templateOperations(base, objects, tokens),
		tokens: tokens.operations,
		files,
		challenges: challengeOperations(base),
		published: published.operations,
		deletion,
		relationships: relationshipOperations(base),
		messages,
		requests,
		documents,
		devices: deviceOperations(base, documents),
		attention: () => [...core.top().list('attention'), ...unsent()],
		todo: () => todo(base, requests, unsent()),
		onEvent: events.onEvent,
		onChange: core.onChange,
		async close() {
			await events.settled();
			await chores.settled();
			await core.close();
		}
	};
}

/** Nobody calls sync where wake-ups are followed: what they bring to be done is done then. */
function doWhenLive(core: Core, chores: Chores): void {
	let done: string | undefined;
	core.onEvent(({ name }) => {
		if (name === 'consumption.incomingRequestReceived') void chores.run();
	});
	core.onChange(() => {
		if (core.status().state !== 'upToDate') return;
		const due = core.base().list('chores').filter(chores.isDue);
		const waiting = due.map(({ id }) => id).join(' ');
		if (waiting === done) return;
		const isFirst = done === undefined;
		done = waiting;
		if (waiting || isFirst) void chores.run();
	});
}

/** As soon as everything is sent, and daily from then on: a fresh key for senders, when it is time. */
function publishPrekey(core: Core): void {
	const { clock } = core.ports;
	let next = 0;
	core.onChange(() => {
		if (clock.now() < next || core.status().state !== 'upToDate') return;
		next = clock.now() + DAY_MS;
		ensurePrekey(core).catch(() => (next = 0));
	});
}
