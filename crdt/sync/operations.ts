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
import { objectOperations } from './operations/objects.ts';
import { relationshipOperations } from './operations/relationships.ts';
import { requestOperations } from './operations/requests.ts';
import { draftOperations, settingOperations } from './operations/settings.ts';
import { todo } from './operations/todo.ts';
import { ensurePrekey } from './prekeys.ts';

export function createEngine(core: Core, options: EngineOptions = {}): Engine {
	const base = makeBase(core, options);
	const documents = documentOperations(base);
	const { requests, events, ...seen } = requestOperations(base);
	const messages = messageOperations(base, documents);
	publishPrekey(core);
	passOverGoneMailboxes(core);
	return {
		account: {
			identityInfo: () => ({ address: core.self.address, publicKey: publicKeyText(core.self.ik) }),
			async sync() {
				const outcome = await core.sync();
				seen.lookForExpired();
				await events.settled();
				return outcome.ok ? ok(undefined) : outcome;
			},
			syncInfo() {
				const { lastSyncAt } = core.status();
				return lastSyncAt ? { lastSyncRun: { completedAt: lastSyncAt } } : {};
			},
			status: core.status,
			relayIsHealthy: core.relayIsHealthy,
			goLive: () => core.goLive(true),
			stopLive: () => core.goLive(false)
		},
		attributes: attributeOperations(base, { requests, messages }),
		metadata: metadataOperations(base),
		settings: settingOperations(base, documents),
		drafts: draftOperations(base, documents),
		notifications: {
			list: () => core.top().list('notifications'),
			get: (id) => core.top().get('notifications', id)
		},
		...objectOperations(base),
		relationships: relationshipOperations(base),
		messages,
		requests,
		documents,
		devices: deviceOperations(base, documents),
		attention: () => [...core.top().list('attention'), ...seen.attention()],
		todo: () => todo(base, requests, seen.attention()),
		onEvent: events.onEvent,
		onChange: core.onChange,
		async close() {
			await events.settled();
			await core.close();
		}
	};
}

/** Once per process, as soon as everything is sent: a fresh key for senders, when it is time. */
function publishPrekey(core: Core): void {
	let checked = false;
	core.onChange(() => {
		if (checked || core.status().state !== 'upToDate') return;
		checked = true;
		ensurePrekey(core).catch(() => (checked = false));
	});
}
