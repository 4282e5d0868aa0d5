/**
 * The Engine as callers see it (api.ts): each operation checks against the views, writes an intent or commits, and answers
 * with the row that shows the result. One file per group in operations/.
 */
import type { Engine } from '../api.ts';
import { publicKeyText } from '../relationship/apply.ts';
import { ok } from '../result.ts';
import type { Core } from './core.ts';
import { attributeOperations } from './operations/attributes.ts';
import { makeBase } from './operations/base.ts';
import { deviceOperations } from './operations/devices.ts';
import { documentOperations } from './operations/documents.ts';
import { messageOperations } from './operations/messages.ts';
import { objectOperations } from './operations/objects.ts';
import { relationshipOperations } from './operations/relationships.ts';
import { requestOperations } from './operations/requests.ts';
import { todo } from './operations/todo.ts';
import { ensurePrekey } from './prekeys.ts';

export function createEngine(core: Core): Engine {
	const base = makeBase(core);
	const documents = documentOperations(base);
	const { requests, events, ...seen } = requestOperations(base);
	publishPrekey(core);
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
		attributes: attributeOperations(base),
		...objectOperations(base),
		relationships: relationshipOperations(base),
		messages: messageOperations(base, documents),
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
