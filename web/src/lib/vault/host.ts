/**
 * The vault itself, as it runs in the worker: opens profiles, one engine each, and answers pages. A profile is open in one place
 * only (Web Lock); an older App still running in another tab keeps it until that tab is closed, and the page says so.
 */
import {
	createIdentity,
	hasIdentity,
	joinIdentity,
	openEngine,
	parseReference,
	previewReference,
	type Engine,
	type EnginePorts,
	type LinkSession,
	type LinkStep,
	type Reference,
	type Result
} from '@enmeshed/crdt';
import { NEVER_ONLINE } from './api.ts';
import type {
	LinkView,
	Outcome,
	ParsedReference,
	PasswordHint,
	Problem,
	ProblemCause,
	ProfileEntry,
	Vault,
	VaultNews
} from './api.ts';
import { addFile, fileBytes, loadFile } from './files.ts';
import { createMirror, type Mirror } from './mirror.ts';
import { clock, random } from './platform.ts';
import { newProfileId, openProfiles, type Profiles } from './profiles.ts';
import { createRelay } from './relay.ts';
import { deleteStore, openStore, type SealedStore } from './store.ts';
import { relayVersion } from './version.ts';

/** How long to wait for a profile another worker still holds: a reloading tab lets go within this. */
const LOCK_PATIENCE_MS = 4_000;
const NAME_MAX = 40;
/** Where the engine keeps the name of the profile, shard `core`. */
const PROFILE_NAME = 'profile/name';

interface Opened {
	readonly entry: ProfileEntry;
	readonly engine: Engine;
	readonly mirror: Mirror;
	readonly release: () => void;
}

export function createVault(tell: (news: VaultNews) => void): Vault {
	const instance = crypto.randomUUID();
	const relay = createRelay(self.location.origin);
	const opened = new Map<string, Promise<Outcome<Opened>>>();
	const links = new Map<string, { session: LinkSession; view: LinkView }>();
	let profilesOnce: Promise<Profiles> | undefined;
	const profiles = () =>
		(profilesOnce ??= openProfiles().catch((error: unknown) => {
			profilesOnce = undefined;
			throw error;
		}));

	const ports = (store: SealedStore): EnginePorts => ({ clock, random, relay, store });

	function run(entry: ProfileEntry, engine: Engine, store: SealedStore, release: () => void): Opened {
		const mirror = createMirror(engine, instance, () => Date.now());
		engine.onChange(() => {
			mirror.touch();
			tell({ kind: 'changed', profile: entry.id });
		});
		store.onTakenAway(() => {
			opened.delete(entry.id);
			release();
			tell({ kind: 'closed', profile: entry.id, problem: { cause: 'locked' } });
		});
		engine.account.goLive();
		return { entry, engine, mirror, release };
	}

	async function openProfile(id: string): Promise<Outcome<Opened>> {
		const entry = await (await profiles()).get(id);
		if (!entry) return problem('missing');
		const release = await holdProfile(id);
		if (!release) return problem('locked');
		try {
			const store = await openStore(databaseOf(id));
			if (!(await hasIdentity(store))) {
				await store.close();
				release();
				return problem('damaged', 'no identity in the store');
			}
			const engine = await openEngine(ports(store), { defaults: true });
			if (!engine.ok) {
				await store.close();
				release();
				return problem('damaged', engine.error.code);
			}
			const used: ProfileEntry = { ...entry, lastUsedAt: nowIso() };
			await (await profiles()).put(used);
			return { ok: true, value: run(used, engine.value, store, release) };
		} catch (error) {
			release();
			throw error;
		}
	}

	function openOnce(id: string): Promise<Outcome<Opened>> {
		const running = opened.get(id);
		if (running) return running;
		const opening = guarded(() => openProfile(id));
		opened.set(id, opening);
		void opening.then((outcome) => {
			if (!outcome.ok) opened.delete(id);
		});
		return opening;
	}

	async function theOpened(id: string): Promise<Opened> {
		const outcome = await openOnce(id);
		if (!outcome.ok) throw new Error(`profile is not open: ${outcome.error.cause}`);
		return outcome.value;
	}

	/** Something is done; whatever it changed is seen by who reads next. */
	async function acting<T>(id: string, run: (engine: Engine) => Promise<T>): Promise<T> {
		const { engine, mirror } = await theOpened(id);
		const result = await run(engine);
		mirror.touch();
		return result;
	}

	/** A new database for a new identity; gone again when nothing came of it. */
	async function inNewProfile(
		name: string,
		make: (ports: EnginePorts) => Promise<Result<Engine>>
	): Promise<Outcome<ProfileEntry>> {
		const id = newProfileId();
		const release = await holdProfile(id);
		const store = await openStore(databaseOf(id));
		const discard = async () => {
			await store.close();
			await deleteStore(databaseOf(id));
			release?.();
		};
		try {
			const engine = await make(ports(store));
			if (!engine.ok) {
				await discard();
				return problem('unknown', engine.error.code);
			}
			const { address } = engine.value.account.identityInfo();
			const known = (await (await profiles()).list()).find((p) => p.address === address);
			if (known) {
				await engine.value.close();
				await discard();
				return { ok: true, value: known };
			}
			const own = engine.value.documents.read('core', PROFILE_NAME);
			const entry: ProfileEntry = {
				id,
				name: name || (typeof own === 'string' ? own : ''),
				address,
				createdAt: nowIso(),
				lastUsedAt: nowIso()
			};
			await (await profiles()).put(entry);
			opened.set(
				id,
				Promise.resolve({ ok: true, value: run(entry, engine.value, store, release ?? (() => {})) })
			);
			tell({ kind: 'profiles' });
			return { ok: true, value: entry };
		} catch (error) {
			await discard();
			throw error;
		}
	}

	async function follow(id: string, session: LinkSession, finish?: () => Promise<Partial<LinkView>>): Promise<void> {
		const show = (step: LinkStep, more: Partial<LinkView> = {}) => {
			const view: LinkView = { id, step, ...more };
			links.set(id, { session, view });
			tell({ kind: 'link', view });
		};
		try {
			for await (const step of session.steps) {
				if (step.step === 'done' && finish) {
					show({ step: 'joining' });
					show(step, await finish());
				} else show(step);
			}
		} catch {
			show({ step: 'failed', reason: 'unreachable' });
		}
	}

	return {
		async hello() {
			const cause = await unsupported();
			return cause ? problem(cause) : { ok: true, value: { instance } };
		},
		profiles: () => guarded(async () => ({ ok: true, value: await (await profiles()).list() })),

		createProfile: ({ name, deviceName }) =>
			guarded(async () => {
				const profileName = name.trim().slice(0, NAME_MAX);
				const version = await relayVersion();
				if (!version) return problem('unknown', NEVER_ONLINE);
				return inNewProfile(profileName, (on) =>
					createIdentity(on, { addressHost: version.addressHost, deviceName, profileName, defaults: true })
				);
			}),
		async renameProfile(id, name) {
			const list = await profiles();
			const entry = await list.get(id);
			if (entry) await list.put({ ...entry, name: name.trim().slice(0, NAME_MAX) });
			const { engine } = await theOpened(id);
			await engine.documents.write('core', PROFILE_NAME, name.trim().slice(0, NAME_MAX));
			tell({ kind: 'profiles' });
		},
		async removeProfile(id) {
			const running = await opened.get(id);
			if (running?.ok) {
				await running.value.engine.close();
				running.value.release();
			}
			opened.delete(id);
			await (await profiles()).remove(id);
			await deleteStore(databaseOf(id));
			tell({ kind: 'profiles' });
		},

		keepLink: async (text) => (await profiles()).keepLink({ text, keptAt: nowIso() }),
		keptLink: async () => (await profiles()).keptLink(Date.now()),
		forgetLink: async () => (await profiles()).keepLink(null),

		parse: (reference) => Promise.resolve(parse(reference)),
		preview: (reference) => previewReference(relay, reference, { random }),

		async open(id) {
			const outcome = await openOnce(id);
			return outcome.ok ? { ok: true, value: outcome.value.entry } : outcome;
		},
		read: async (id, since) => (await theOpened(id)).mirror.since(since),
		call: (id, path, args) => acting(id, (engine) => Promise.resolve(callPath(engine, path, args))),
		addFile: (id, file) => acting(id, (engine) => addFile(engine, file)),
		loadFile: (id, reference, password) => acting(id, (engine) => loadFile(engine, reference, password)),
		fileBytes: (id, file) => acting(id, (engine) => fileBytes(engine, file)),
		async wake(id) {
			const { engine } = await theOpened(id);
			void engine.account.sync();
		},

		join: ({ deviceName, link }) =>
			guarded(async () => {
				const id = crypto.randomUUID();
				return new Promise<Outcome<string>>((resolve) => {
					const joined = guarded(() =>
						inNewProfile('', async (on) => {
							const { session, engine } = joinIdentity(on, {
								deviceName,
								defaults: true,
								...(link ? { link } : {})
							});
							const started = await session;
							if (!started.ok) return started;
							links.set(id, { session: started.value, view: { id, step: { step: 'joining' } } });
							void follow(id, started.value, async () => {
								const outcome = await joined;
								return outcome.ok ? { profile: outcome.value } : { problem: outcome.error };
							});
							resolve({ ok: true, value: id });
							return engine;
						})
					);
					void joined.then((outcome) => {
						if (!outcome.ok) resolve(outcome);
					});
				});
			}),
		async admit(profile, link) {
			const { engine } = await theOpened(profile);
			const session = await (link ? engine.devices.admit(link) : engine.devices.invite());
			if (!session.ok) return session;
			const id = crypto.randomUUID();
			links.set(id, { session: session.value, view: { id, step: { step: 'joining' } } });
			void follow(id, session.value);
			return { ok: true, value: id };
		},
		link: (id) => Promise.resolve(links.get(id)?.view),
		confirmLink: (id) => Promise.resolve(links.get(id)?.session.confirm()),
		cancelLink: (id) => Promise.resolve(links.get(id)?.session.cancel())
	};
}

/** What a page may know of a reference: everything but its key. */
function parse(text: string): Result<ParsedReference> {
	const parsed = parseReference(text);
	if (!parsed.ok) return parsed;
	const { kind, id, baseUrl, forIdentityTail, password } = parsed.value;
	return {
		ok: true,
		value: {
			kind,
			id,
			...(forIdentityTail ? { forIdentityTail } : {}),
			...(baseUrl ? { relayUrl: baseUrl } : {}),
			...(password ? { password: passwordHint(password) } : {})
		}
	};
}

const passwordHint = ({ pinLength, locationIndicator }: NonNullable<Reference['password']>): PasswordHint => ({
	...(pinLength === undefined ? {} : { pinLength }),
	...(locationIndicator === undefined ? {} : { where: locationIndicator })
});

const databaseOf = (profile: string): string => `vault-${profile}`;
const nowIso = (): string => new Date().toISOString();
const problem = (cause: ProblemCause, detail?: string): { readonly ok: false; readonly error: Problem } => ({
	ok: false,
	error: { cause, ...(detail ? { detail } : {}) }
});

/** The one boundary: what the browser throws becomes a cause a page can explain. */
async function guarded<T>(run: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
	try {
		return await run();
	} catch (error) {
		const name = error instanceof Error ? error.name : 'unknown';
		return problem(CAUSES[name] ?? 'unknown', `${name}: ${error instanceof Error ? error.message : ''}`);
	}
}
const CAUSES: { readonly [name: string]: ProblemCause } = {
	VersionError: 'newer',
	QuotaExceededError: 'storageFull',
	InvalidStateError: 'storageBlocked',
	SecurityError: 'storageBlocked',
	UnknownError: 'storageBlocked',
	OperationError: 'damaged'
};

async function unsupported(): Promise<ProblemCause | undefined> {
	if (!self.isSecureContext) return 'insecure';
	if (!crypto.subtle || !('indexedDB' in self) || !navigator.locks) return 'unsupported';
	try {
		await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
		await crypto.subtle.generateKey('X25519', false, ['deriveBits']);
		return undefined;
	} catch {
		return 'unsupported';
	}
}

/** Takes the profile for this worker; undefined when somebody else keeps it. The returned function lets go. */
async function holdProfile(id: string): Promise<(() => void) | undefined> {
	let release: (() => void) | undefined;
	const held = new Promise<boolean>((resolve) => {
		navigator.locks
			.request(databaseOf(id), { signal: AbortSignal.timeout(LOCK_PATIENCE_MS) }, () => {
				resolve(true);
				return new Promise<void>((free) => (release = free));
			})
			.catch(() => resolve(false));
	});
	return (await held) ? () => release?.() : undefined;
}

const CALLABLE = [
	'account',
	'attributes',
	'templates',
	'tokens',
	'relationships',
	'messages',
	'requests',
	'documents',
	'devices'
];

/** `requests.accept` → engine.requests.accept(…args); nothing outside the engine's own groups can be named. */
function callPath(engine: Engine, path: string, args: readonly unknown[]): unknown {
	const [group = '', name = ''] = path.split('.');
	const functions = CALLABLE.includes(group)
		? (engine as unknown as Record<string, Record<string, unknown>>)[group]
		: undefined;
	const run = functions && Object.hasOwn(functions, name) ? functions[name] : undefined;
	if (typeof run !== 'function') throw new Error(`the engine has no ${path}`);
	return Reflect.apply(run, functions, args);
}
