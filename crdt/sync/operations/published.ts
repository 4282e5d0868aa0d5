/**
 * What the operator publishes: announcements, the tag collection, texts to show to peers (connector-api.md §2.2, §2.4;
 * PROTOCOL.md §4.2). The tags that were fetched last are a row of the views, for the checks that need them at once.
 */
import type { Announcement, Engine } from '../../api.ts';
import type { Cbor } from '../../codec/cbor.ts';
import { languages } from '../../content/codes.ts';
import { emptyTagCollection, parseTagCollection, type AttributeTagCollection } from '../../content/tags.ts';
import { newestRelationship } from '../../relationship/newest.ts';
import { RelayUnreachable } from '../../ports.ts';
import { ok, refuse, type Result } from '../../result.ts';
import type { ChannelRow, Json, PublishedRow } from '../../views.ts';
import { INVALID, refusedByRelay, type Base } from './base.ts';

/** How old the tags may be while the relay can be reached (connector-api.md §7.2). */
const TAGS_FRESH_MS = 5 * 60_000;
const CODE = 'error.transport.backboneNotifications';

export interface Published {
	readonly operations: Engine['published'];
	/** The tags again when they are older than five minutes. Unreachable: they stay as they are. */
	refreshTags(): Promise<void>;
}

export function publishedOperations({ core, clock, tags, reaching }: Base): Published {
	let freshUntil = 0;
	let fetching: Promise<void> | undefined;

	/** The value as it is now; what is kept already is not sent again. */
	async function fetch(name: PublishedRow['id']): Promise<Result<Json>> {
		const kept = core.base().get('published', name);
		const answer = await core.call('published', { name, ...(kept ? { etag: kept.etag } : {}) });
		if (!answer.ok) return refusedByRelay(answer);
		const { etag, value } = answer.body;
		if (value === undefined && kept) return ok(kept.value);
		if (typeof etag === 'string') core.base().put('published', { id: name, etag, value: value as Json });
		return ok(value as Json);
	}

	async function fetchTags(): Promise<void> {
		try {
			const fetched = await fetch('tags');
			// What is no collection is none: nothing but the tags that need none is valid then.
			if (fetched.ok && !parseTagCollection(fetched.value).ok)
				core.base().put('published', { id: 'tags', etag: '', value: emptyTagCollection as unknown as Json });
			if (fetched.ok) freshUntil = clock.now() + TAGS_FRESH_MS;
		} catch (error) {
			if (!(error instanceof RelayUnreachable)) throw error;
		} finally {
			fetching = undefined;
		}
	}

	async function refreshTags(): Promise<void> {
		const left = freshUntil - clock.now();
		// A clock that jumped back does not prolong it.
		if (left > 0 && left <= TAGS_FRESH_MS) return;
		await (fetching ??= fetchTags());
	}

	async function announcements(language: string): Promise<Result<Announcement[]>> {
		if (!languages.includes(language))
			return refuse(INVALID, 'language must be equal to one of the allowed values');
		const fetched = await reaching(() => fetch('announcements'));
		const kept = core.base().get('published', 'announcements');
		if (!fetched.ok && !kept) return fetched;
		const value = (fetched.ok ? fetched.value : kept?.value) ?? [];
		return ok(Array.isArray(value) ? (value as Json[]).flatMap((each) => inLanguage(each, language) ?? []) : []);
	}

	/** Each recipient needs an active relationship, or nobody is told. */
	async function notify(recipients: readonly string[], code: string): Promise<Result<void>> {
		if (recipients.length === 0) return refuse(`${CODE}.atLeastOneRecipientRequired`, 'There is no recipient.');
		if (code === '') return refuse(`${CODE}.codeMustNotBeEmpty`, 'The code must not be empty.');
		const channels = recipients.map((peer) => channelTo(peer));
		const missing = recipients.filter((_, i) => !channels[i]);
		if (missing.length > 0)
			return refuse(
				`${CODE}.noActiveRelationshipFoundForRecipients`,
				`There is no active relationship with: ${missing.join(', ')}.`
			);
		return reaching(async () => {
			for (const channel of channels as ChannelRow[]) {
				const { alias, token } = channel.mailbox;
				const answer = await core.call('notify', { alias, token, code });
				if (!answer.ok && answer.type === 'code-unknown')
					return refuse(
						'error.platform.validation.notification.codeDoesNotExist',
						'The notification code does not exist.'
					);
				if (!answer.ok && answer.type !== 'mailbox-refused') return refusedByRelay(answer);
			}
			return ok(undefined);
		});
	}

	function channelTo(peer: string): ChannelRow | undefined {
		const row = newestRelationship(core.top(), peer);
		return row?.status === 'Active' ? core.top().get('channels', row.id) : undefined;
	}

	return {
		refreshTags,
		operations: {
			announcements,
			async tagCollection(): Promise<Result<AttributeTagCollection>> {
				await refreshTags();
				return ok(tags());
			},
			notify
		}
	};
}

type Members = { readonly [member: string]: Cbor | undefined };
const isObject = (value: unknown): value is Members =>
	typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
const isText = (value: unknown): value is string => typeof value === 'string';
const SEVERITIES = ['Low', 'Medium', 'High'] as const;

/** As REST shows it: texts in one language, English where that one is missing. Undefined when it is no announcement. */
function inLanguage(value: Json, language: string): Announcement | undefined {
	if (!isObject(value) || !isObject(value['texts'])) return undefined;
	const { id, createdAt, expiresAt, severity, texts, actions } = value;
	const text = (texts as Members)[language] ?? (texts as Members)['en'];
	const known = SEVERITIES.find((name) => name === severity);
	if (!isText(id) || !isText(createdAt) || !known || !isObject(text)) return undefined;
	const { title, body } = text;
	if (!isText(title) || !isText(body)) return undefined;
	return {
		id,
		createdAt,
		...(isText(expiresAt) ? { expiresAt } : {}),
		severity: known,
		title,
		body,
		actions: (Array.isArray(actions) ? (actions as Cbor[]) : []).flatMap(
			(action) => actionIn(action, language) ?? []
		)
	};
}

function actionIn(action: Cbor, language: string): Announcement['actions'][number] | undefined {
	if (!isObject(action) || !isObject(action['displayName']) || !isText(action['link'])) return undefined;
	const name = (action['displayName'] as Members)[language] ?? (action['displayName'] as Members)['en'];
	return isText(name) ? { displayName: name, link: action['link'] } : undefined;
}
