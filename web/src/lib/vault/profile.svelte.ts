/**
 * One open profile as a tab sees it: everything the vault mirrors, live. Screens read it synchronously (nothing waits for a
 * network, nothing spins) and call `engine` to act; the change comes back through here, in every tab.
 */
import { getContext, setContext } from 'svelte';
import type {
	AttributeRow,
	DeviceView,
	Json,
	MessageRow,
	RelationshipRow,
	RequestRow,
	SyncStatus,
	TodoItem
} from '@enmeshed/crdt';
import { contactsByAddress, type Contact } from '$lib/cards/names.ts';
import { reactivationBy } from '$lib/cards/relationship.ts';
import { filterOf, isOpen } from '$lib/cards/requests.ts';
import { holdersOf, versionsOf, type Holder } from '$lib/cards/sharing.ts';
import { now } from '$lib/now.svelte.ts';
import type { Delta, FileView, ProfileEntry, Shard, Values } from './api.ts';
import { engineOf, onNews, vault, type RemoteEngine } from './client.ts';
import { fileIdIn } from './reference.ts';
import { createRowCopy, noRows, type Rows } from './rows.ts';

const newestFirst = <T extends { createdAt: string }>(rows: readonly T[]): T[] =>
	[...rows].sort((a, b) => b.createdAt.localeCompare(a.createdAt));

export class ProfileView {
	readonly id: string;
	readonly base: string;
	readonly engine: RemoteEngine;
	entry: ProfileEntry = $state.raw() as ProfileEntry;

	#known: { instance: string; rev: number } | undefined;
	readonly #copy = createRowCopy();
	#rows = $state.raw<Rows>(noRows);
	#values = $state.raw<Partial<Values>>({});
	#reading: Promise<void> | undefined;
	#again = false;

	constructor(entry: ProfileEntry) {
		this.id = entry.id;
		this.base = `/p/${entry.id}`;
		this.entry = entry;
		this.engine = engineOf(entry.id);
	}

	// -------------------------------------------------------------------------------------------- what there is

	readonly relationships = $derived(this.#rows.relationships.filter((r) => !r._hidden));
	readonly messages = $derived(newestFirst(this.#rows.messages));
	readonly incoming = $derived(newestFirst(this.#rows.incoming));
	readonly outgoing = $derived(newestFirst(this.#rows.outgoing));
	readonly attributes = $derived(this.#rows.attributes);
	readonly forwardings = $derived(this.#rows.forwardings);
	readonly templates = $derived(this.#rows.templates);
	readonly files = $derived(newestFirst(this.#rows.files));
	readonly attention = $derived(newestAttention(this.#rows.attention));

	readonly address = $derived(this.#values.identity?.address ?? this.entry.address);
	readonly publicKey = $derived(this.#values.identity?.publicKey ?? '');
	readonly status = $derived<SyncStatus>(this.#values.status ?? { state: 'working', waiting: 0 });
	readonly devices = $derived<readonly DeviceView[]>(this.#values.devices ?? []);
	readonly otherVersions = $derived(this.#values.otherVersions ?? []);

	readonly name = $derived.by(() => {
		const own = this.field('core', 'profile/name');
		return typeof own === 'string' && own ? own : this.entry.name;
	});
	readonly contacts = $derived(
		contactsByAddress({
			relationships: this.relationships,
			attributes: this.attributes,
			templates: this.templates,
			requests: this.#rows.incoming,
			fields: this.#values.documents?.rel ?? {}
		})
	);
	/** Own entries as they are now: newest version, aliases hidden. */
	readonly own = $derived(
		this.attributes.filter((a) => a['@type'] === 'OwnIdentityAttribute' && !a.succeededBy && !a._aliasOf)
	);
	/** What needs the person: the engine's list, with contacts that ask to be resumed, without what was put aside. */
	readonly todo = $derived.by((): TodoItem[] => {
		const resume = this.relationships.filter((r) => reactivationBy(r) === r.peer).map(resumeItem);
		return [...(this.#values.todo ?? []), ...resume].filter(
			(item) => this.field('core', seenField(item.id)) !== true
		);
	});
	readonly mails = $derived(this.messages.filter((m) => m.content['@type'] === 'Mail'));
	readonly unread = $derived(this.mails.filter((m) => !m.isOwn && !m.wasReadAt));
	readonly openRequests = $derived.by(() => {
		void now();
		return this.incoming.filter(isOpen);
	});
	readonly failed = $derived(this.messages.filter((m) => m._delivery === 'failed'));

	// -------------------------------------------------------------------------------------------- finding things

	contact(address: string): Contact {
		return (
			this.contacts.get(address) ??
			contactsByAddress({
				relationships: [],
				attributes: this.attributes,
				templates: this.templates,
				requests: [{ peer: address } as RequestRow],
				fields: {}
			}).get(address)!
		);
	}
	contactOf(relationshipId: string): Contact | undefined {
		const row = this.relationship(relationshipId);
		return row && this.contact(row.peer);
	}
	relationship = (id: string): RelationshipRow | undefined => this.relationships.find((r) => r.id === id);
	attribute = (id: string): AttributeRow | undefined => this.attributes.find((a) => a.id === id);
	message = (id: string): MessageRow | undefined => this.#rows.messages.find((m) => m.id === id);
	request = (id: string): RequestRow | undefined =>
		this.#rows.incoming.find((r) => r.id === id) ?? this.#rows.outgoing.find((r) => r.id === id);
	requests(filter: ReturnType<typeof filterOf>): RequestRow[] {
		void now();
		return newestFirst([...this.#rows.incoming, ...this.#rows.outgoing]).filter((r) => filterOf(r) === filter);
	}
	/** The file a reference names, once it was looked at. */
	file = (reference: string): FileView | undefined => {
		const id = fileIdIn(reference);
		return id === undefined ? undefined : this.#rows.files.find((f) => f.id === id);
	};
	possible = (relationshipId: string): readonly string[] => this.#values.possible?.[relationshipId] ?? [];
	versions = (id: string): AttributeRow[] => versionsOf(id, this.attribute);
	holders = (id: string): Holder[] => holdersOf(this.versions(id), this.forwardings);
	fields = (shard: Shard): { readonly [field: string]: Json } => this.#values.documents?.[shard] ?? {};
	field = (shard: Shard, field: string): Json | undefined => this.fields(shard)[field];

	/** Puts something of the to-do list aside, on every device. */
	putAside = (todoId: string) => this.engine.documents.write('core', seenField(todoId), true);

	// -------------------------------------------------------------------------------------------- staying current

	/** Reads what changed; calls while one runs end in one more run. */
	refresh(): Promise<void> {
		if (this.#reading) {
			this.#again = true;
			return this.#reading;
		}
		this.#reading = (async () => {
			do {
				this.#again = false;
				this.#take(await vault().read(this.id, this.#known));
			} while (this.#again);
		})().finally(() => (this.#reading = undefined));
		return this.#reading;
	}

	/** Follows the vault until the returned function is called. */
	follow(): () => void {
		const refresh = () => void this.refresh().catch(() => undefined);
		const wake = () => {
			if (document.visibilityState === 'visible')
				void vault()
					.wake(this.id)
					.catch(() => undefined);
		};
		const stop = onNews((news) => {
			if (news.kind === 'changed' && news.profile === this.id) refresh();
		});
		// Requests expire without anybody saying so.
		const timer = setInterval(refresh, 30_000);
		document.addEventListener('visibilitychange', wake);
		addEventListener('online', wake);
		return () => {
			stop();
			clearInterval(timer);
			document.removeEventListener('visibilitychange', wake);
			removeEventListener('online', wake);
		};
	}

	#take(delta: Delta): void {
		this.#known = { instance: delta.instance, rev: delta.rev };
		const changed = this.#copy.take(delta);
		if (changed) this.#rows = { ...this.#rows, ...changed };
		if (Object.keys(delta.values).length) this.#values = { ...this.#values, ...delta.values };
	}
}

const seenField = (todoId: string): string => `seen/${todoId}`;
const resumeItem = (row: RelationshipRow): TodoItem => ({
	id: `resume:${row.id}`,
	kind: 'relationship',
	reference: row.id,
	peer: row.peer
});
const newestAttention = <T extends { at: string }>(rows: readonly T[]): T[] =>
	[...rows].sort((a, b) => b.at.localeCompare(a.at));

const KEY = Symbol('profile');
/** The open profile of the page; a function, because switching profiles replaces it. */
export const provideProfile = (view: () => ProfileView): void => void setContext(KEY, view);
export const useProfile = (): ProfileView => getContext<() => ProfileView>(KEY)();
