/**
 * The invariants of a world (trials.md B.2), checked from outside: what devices keep on disk, what crosses the line, what their
 * views say, and what the model was told. Nothing here asks the engine how it did it.
 */
import { exchangeFault } from './exchange.ts';
import { toHex, type Bytes } from '../codec/bytes.ts';
import { fromCbor } from '../codec/cbor.ts';
import { decodeChainRecord } from '../codec/chain.ts';
import { decodeEntry, entryHeaderLength } from '../codec/entry.ts';
import { chainHash, deviceIdOf } from '../codec/membership.ts';
import { sha256 } from '../crypto/hash.ts';
import { open } from '../crypto/seal.ts';
import { fillEpochs, openChainRecord, type IdentityKeys } from '../identity/chain.ts';
import { foldEvents } from '../relationship/fold.ts';
import { decodeOps, type Op } from '../sync/record.ts';
import { decodeMail, getMeta, numberKey } from '../sync/rows.ts';
import { sessionKey } from '../sync/seal-entry.ts';
import type { StoreWrite } from '../ports.ts';
import type { RelationshipRow, TableName } from '../views.ts';
import type { Device, Disk, Watch } from './device.ts';
import { createMemoryStore } from './memory-store.ts';
import { CANARY, canonicalJson, MARKER } from './model.ts';
import type { World } from './world.ts';

export interface Invariants {
	readonly watch: Watch;
	/** A process is up: what it was told before must still be there. */
	opened(device: Device): void;
	/** Identities are as they will be. */
	begin(): Promise<void>;
	afterStep(): Promise<void>;
	final(): Promise<void>;
	/** Secrets of an identity, to search for and to attack with. */
	secretsOf(owner: number): Promise<Secrets>;
	/** The log of an identity, opened. */
	logOf(owner: number): Promise<readonly OpenedByAll[]>;
}
export interface Secrets {
	readonly tag: Bytes;
	readonly keys: IdentityKeys;
	readonly device: Bytes;
}
export interface OpenedByAll {
	readonly seq: number;
	readonly device: string;
	readonly ops: readonly Op[];
}

const TABLES: readonly TableName[] = [
	'relationships',
	'templates',
	'tokens',
	'messages',
	'requests',
	'attributes',
	'forwardings',
	'notifications',
	'metadata',
	'files',
	'attention',
	'channels',
	'templateKeys',
	'aliases',
	'waiting',
	'held',
	'deletions',
	'paused',
	'chores'
];
/** Comparing everything is dear; it is done this often, and at the end. */
const COMPARE_EVERY = 10;
const rowsOf = (disk: Disk, table: string) => disk.rows.get(table) ?? new Map<string, Bytes>();

/** Everything the log's fold made, in one canonical text. */
export function canonical(device: Device): string {
	return canonicalJson(
		TABLES.map((table) => [table, [...device.views.list(table)].sort((a, b) => (a.id < b.id ? -1 : 1))])
	);
}
const SHARDS = ['core', 'rel', 'drafts', 'req'];
const documentsOf = (device: Device) =>
	canonicalJson(
		SHARDS.map((shard) => [device.engine!.documents.fields(shard), device.engine!.documents.otherVersions(shard)])
	);

export function createInvariants(world: World): Invariants {
	const { model } = world;
	const cursors = new Map<string, number>();
	/** What a device's log is up to its cursor: a relay that drops an entry shows two logs of one length. */
	const roots = new Map<string, string>();
	const sealed = new Map<string, string>();
	const needles: { name: string; bytes: Buffer }[] = [{ name: 'plaintext', bytes: Buffer.from(CANARY) }];
	const events = new Map<string, Set<string>>();
	const secrets = new Map<number, Secrets>();
	const opened = new Map<number, OpenedByAll[]>();

	// --- what passes by -------------------------------------------------------------------------------------------------

	/** I3: what a device has applied only grows, and what it has written of the log stays as it is. */
	function checkWrite(device: Device, batch: readonly StoreWrite[]): void {
		for (const write of batch) {
			if (!('table' in write)) continue;
			if (write.table === 'log') {
				const known = rowsOf(device.disk, 'log').get(write.key);
				if (!write.value) world.fail('I3 grows', `${device.name} removed entry ${write.key} from its log`);
				else if (known && !Buffer.from(known).equals(write.value))
					world.fail('I3 grows', `${device.name} rewrote entry ${write.key}`);
				noteEntry(write.value ?? undefined, device.name);
			}
			if (write.table === 'meta' && write.key === 'frame' && write.value) noteFrame(write.value, device);
		}
	}

	/** The log's half of nonce uniqueness: one (session, counter) names one byte string, ever. */
	function noteEntry(bytes: Uint8Array | undefined, by: string): void {
		const decoded = bytes && decodeEntry(bytes as Bytes);
		if (!decoded?.ok) return;
		const name = `${toHex(decoded.entry.session)}/${decoded.entry.sseq}`;
		const hash = toHex(sha256(decoded.entry.signed));
		const known = sealed.get(name);
		if (known && known !== hash) world.fail('nonce', `${by} sealed two things under session ${name}`);
		sealed.set(name, hash);
	}

	function noteFrame(bytes: Uint8Array, device: Device): void {
		const frame = fromCbor(bytes) as { entry?: Uint8Array } | undefined;
		noteEntry(frame?.entry, device.name);
	}

	/** I5: neither a marked text nor a key crosses the line. */
	function search(bytes: Uint8Array, where: string): void {
		const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
		for (const { name, bytes: needle } of needles)
			if (view.includes(needle)) world.fail('I5 secret', `${name} ${where}`);
	}

	const watch: Watch = {
		write: checkWrite,
		request(device, frame) {
			search(frame, `in a frame of ${device.name}`);
		},
		answer() {},
		afterClose: (device) => world.fail('closed', `${device.name} wrote after it was closed`)
	};

	// --- disks ----------------------------------------------------------------------------------------------------------

	/** I2, I3 on what would be there after a power cut now. */
	async function checkDisk(device: Device): Promise<void> {
		const log = rowsOf(device.disk, 'log');
		const store = createMemoryStore(device.disk);
		const { seq: cursor, root } = (await getMeta(store, 'cursor')) ?? { seq: 0, root: new Uint8Array(0) };
		const before = cursors.get(device.name) ?? 0;
		if (cursor < before || log.size < before)
			world.fail('I3 grows', `${device.name} went back from ${before} to ${Math.min(cursor, log.size)}`);
		cursors.set(device.name, cursor);
		roots.set(device.name, toHex(root));
		for (let seq = before + 1; seq <= cursor; seq++)
			if (!log.has(numberKey(seq)))
				world.fail('I2 raw first', `${device.name} stands at ${cursor} without entry ${seq}`);
		if (log.size > cursor)
			world.fail('I2 raw first', `${device.name} holds ${log.size} entries and says ${cursor}`);
	}

	async function checkMail(device: Device): Promise<void> {
		const person = model.identities[device.owner];
		const store = createMemoryStore(device.disk);
		const mailCursor = (await getMeta(store, 'mailCursor'))?.mseq ?? 0;
		const held = new Set([...rowsOf(device.disk, 'mail').values()].map((bytes) => decodeMail(bytes).mseq));
		const folded = (await logOf(device.owner)).filter(({ seq }) => seq <= (cursors.get(device.name) ?? 0));
		const copied = Math.max(
			0,
			...folded.flatMap(({ ops }) => ops.flatMap((op) => (op.o === 'rec' && op.k === 'mail' ? [op.v.mseq] : [])))
		);
		for (let mseq = copied + 1; person && mseq <= mailCursor; mseq++)
			if (!held.has(mseq))
				world.fail('I2 raw first', `${device.name} has passed mail ${mseq} without keeping it`);
	}

	// --- what people were told --------------------------------------------------------------------------------------------

	/** I1 on the device that said it. */
	function checkKept(device: Device): void {
		for (const kept of model.kept)
			if (kept.device === device.name && !kept.holds(device))
				world.fail(
					'I1 kept',
					`${device.name} no longer has: ${kept.what}; intents ${rowsOf(device.disk, 'intents').size}`
				);
	}

	function checkWrites(device: Device): void {
		for (const [key, writes] of model.writes) {
			const [owner, shard, field, name] = splitKey(key);
			if (name !== device.name || Number(owner) !== device.owner) continue;
			const last = writes.findLastIndex(({ acknowledged }) => acknowledged);
			if (last < 0) continue;
			const possible = new Set(writes.slice(last).map(({ value }) => value));
			for (const [other, theirs] of model.writes) {
				const [o, s, f, n] = splitKey(other);
				if (o === owner && s === shard && f === field && n !== name)
					for (const { value } of theirs) possible.add(value);
			}
			const shown = device.engine!.documents.read(shard, field);
			if (typeof shown !== 'string' || !possible.has(shown))
				world.fail('I1 kept', `${device.name} ${shard}/${field} shows ${String(shown)}`);
		}
	}
	const splitKey = (key: string): [string, string, string, string] => {
		const parts = key.split('/');
		return [parts[0]!, parts[1]!, parts.slice(2, -1).join('/'), parts.at(-1)!];
	};

	/** An honest relay is never suspected. */
	function checkTrust(): void {
		if (world.options.hostile) return;
		for (const device of world.running()) {
			const { state, reason } = device.engine!.account.status();
			if (state === 'frozen') world.fail('trust', `${device.name} froze: ${reason}`);
		}
	}

	// --- devices against each other ---------------------------------------------------------------------------------------

	/** I4: equal applied sets, equal state. */
	function compareSiblings(): void {
		const groups = new Map<string, Device[]>();
		for (const device of world.running()) {
			if (device.engine!.account.status().state === 'frozen') continue;
			const key = `${device.owner}@${cursors.get(device.name)} ${roots.get(device.name)}`;
			groups.set(key, [...(groups.get(key) ?? []), device]);
		}
		for (const [at, group] of groups) {
			if (group.length < 2) continue;
			const states = group.map((device) => canonical(device));
			const odd = states.findIndex((state) => state !== states[0]);
			if (odd > 0)
				world.fail(
					'I4 equal',
					`${group[0]!.name} and ${group[odd]!.name} differ at ${at}: ${difference(states[0]!, states[odd]!)}`
				);
			const calm = group.filter((device) => rowsOf(device.disk, 'intents').size === 0 && device.busy === 0);
			const texts = calm.map(documentsOf);
			const other = texts.findIndex((text) => text !== texts[0]);
			if (other > 0)
				world.fail(
					'I4 equal',
					`documents of ${calm[0]!.name} and ${calm[other]!.name} differ at ${at}: ${difference(texts[0]!, texts[other]!)}`
				);
		}
	}

	// --- both sides of a relationship ---------------------------------------------------------------------------------------

	const hashes = (row: RelationshipRow) =>
		row._events
			.map(({ hash }) => hash)
			.sort()
			.join(' ');

	/** I6: a status is the fold of its signed events, and both sides hold the same. */
	function compareSides(): void {
		for (const device of firstDevices()) {
			const me = model.identities[device.owner]!.address;
			for (const row of device.views.list('relationships')) {
				const [requestor, templator] = row._own ? [me, row.peer] : [row.peer, me];
				const folded = foldEvents(row._events, requestor, templator);
				if (folded.status !== row.status)
					world.fail(
						'I6 status',
						`${device.name} shows ${row.status} for ${row.id}, its events say ${folded.status}`
					);
				if (folded.refused.length + folded.waiting.length > 0)
					world.fail(
						'I6 status',
						`${device.name} ${row.id} refused ${JSON.stringify(folded.refused)} waiting ${JSON.stringify(folded.waiting)}`
					);
				const peer = firstDevices().find(({ owner }) => owner === model.ownerOf(row.peer));
				if (peer) compareRow(device, row, peer);
			}
		}
	}

	function compareRow(device: Device, row: RelationshipRow, peer: Device): void {
		const theirs = peer.views.get('relationships', row.id);
		if (!theirs) {
			const why = peer.views.list('attention').find(({ id }) => id.includes(row.id));
			world.fail(
				'I6 status',
				`${device.name} has ${row.status} ${row.id}, ${peer.name} has nothing${why ? ` (${why.kind})` : ''}`
			);
			return;
		}
		if (hashes(theirs) !== hashes(row)) {
			const list = (other: RelationshipRow) =>
				other._events.map(({ author, n, action }) => `${model.ownerOf(author)}:${n} ${action}`).join(', ');
			return world.fail(
				'I6 status',
				`${row.id}: ${device.name} has [${list(row)}], ${peer.name} has [${list(theirs)}]`
			);
		}
		if (theirs.status !== row.status)
			world.fail('I6 status', `${row.id}: ${device.name} ${row.status}, ${peer.name} ${theirs.status}`);
		if ((theirs._hidden === 'crossed') !== (row._hidden === 'crossed'))
			world.fail('I6 status', `${row.id}: ${device.name} ${row._hidden}, ${peer.name} ${theirs._hidden}`);
	}

	/** One running device of each identity: after healing they are equal. */
	const firstDevices = () =>
		model.identities.flatMap(({ owner }) => world.running(owner).find((device) => !isFrozen(device)) ?? []);
	const isFrozen = (device: Device) => device.engine?.account.status().state === 'frozen';

	// --- messages and requests ------------------------------------------------------------------------------------------------

	/** Nothing sent is lost, nothing comes twice. */
	function checkDelivery(): void {
		for (const device of firstDevices())
			for (const message of device.views.list('messages')) {
				if (!message.isOwn) continue;
				for (const { address, relationshipId } of message.recipients) {
					const peer = firstDevices().find(({ owner }) => owner === model.ownerOf(address));
					const row =
						relationshipId === undefined ? undefined : peer?.views.get('relationships', relationshipId);
					if (!peer || !row || row.status !== 'Active' || row._hidden) continue;
					const there = peer.views.list('messages').filter(({ id }) => id === message.id).length;
					if (there !== 1)
						world.fail(
							'delivery',
							`${message.id} of ${device.name} is there ${there} times at ${peer.name}`
						);
				}
			}
	}

	/** I7: the asker sees one answer, and it is the one that was given. */
	function checkAnswers(): void {
		for (const device of firstDevices()) {
			const answers = new Map<string, number>();
			for (const message of device.views.list('messages')) {
				if (message.isOwn || message.content['@type'] !== 'ResponseWrapper') continue;
				const key = `${message.createdBy} ${String(message.content['requestId'])}`;
				answers.set(key, (answers.get(key) ?? 0) + 1);
			}
			for (const row of device.views.list('relationships')) {
				const response = row.creationContent['response'] as { requestId?: string } | undefined;
				if (row._own || !response?.requestId) continue;
				const key = `${row.peer} ${response.requestId}`;
				answers.set(key, (answers.get(key) ?? 0) + 1);
			}
			for (const [key, count] of answers)
				if (count > 1) world.fail('I7 one answer', `${device.name} got ${count} answers: ${key}`);
			for (const request of device.views.list('requests')) if (!request.isOwn) checkAnswered(device, request.id);
		}
		for (const { device, request, response, owner } of model.decisions) {
			if (!device.engine || device.engine.account.status().state === 'frozen') continue;
			const row = device.engine.requests.get(request, 'incoming');
			if (!row) continue;
			// Two devices that decided alike decided the same: ids of what they made on the way apart.
			const alike = (text: string) => text.replaceAll(/"ATT\w{17}"/g, '""');
			const mine = row.response !== undefined && alike(canonicalJson(row.response.content)) === alike(response);
			if (!mine && !row._superseded && !row._failed)
				world.fail(
					'I7 one answer',
					`${device.name} of ${owner} was not told that its decision on ${request} lost: ${JSON.stringify(row)} not ${response}`
				);
			if (row._superseded && row._superseded.byDevice === '')
				world.fail('I7 one answer', `${device.name} does not say who decided ${request}`);
		}
	}

	function checkAnswered(device: Device, id: string): void {
		const row = device.views.get('requests', id)!;
		const peer = firstDevices().find(({ owner }) => owner === model.ownerOf(row.peer));
		if (!peer || row.status !== 'Completed' || !row.response?.source) return;
		const relationship =
			row.response.source.type === 'Relationship'
				? device.views.get('relationships', row.response.source.reference)
				: undefined;
		if (relationship?._hidden || model.purged.size > 0) return;
		const asked = peer.views.get('requests', id);
		const held = peer.views.list('held').some(({ message }) => message.id === row.response!.source!.reference);
		if (held || relationship?.status === 'Rejected' || relationship?.status === 'Revoked') return;
		if (asked?.response && asked.response.content['result'] === row.response.content['result']) return;
		const active = peer.views
			.list('relationships')
			.some((other) => other.status === 'Active' && other.peer === model.identities[device.owner]!.address);
		if (active)
			world.fail(
				'I7 one answer',
				`${device.name} answered ${id}, ${peer.name} shows ${asked?.status ?? 'nothing'} ${JSON.stringify(peer.views.list('attention').map(({ kind }) => kind))}`
			);
	}

	/** I8: what two of them hold of each other mirrors. */
	function checkExchange(): void {
		if (world.options.hostile || model.discarded.size > 0) return;
		for (const device of firstDevices())
			for (const row of device.views.list('relationships')) {
				const peer = firstDevices().find(({ owner }) => owner === model.ownerOf(row.peer));
				const theirs = peer?.views.get('relationships', row.id);
				if (!peer || row.status !== 'Active' || row._hidden || theirs?.status !== 'Active') continue;
				if (device.views.list('attention').length + peer.views.list('attention').length > 0) continue;
				const fault = exchangeFault(device.views, peer.views, row, model.identities[device.owner]!.address);
				if (fault) world.fail('I8 exchange', `${device.name} and ${peer.name}: ${fault}`);
			}
	}

	/** A file has one owner, and everybody who knows it and was told knows who; who stays is not said to leave. */
	function checkOwners(): void {
		if (world.options.hostile) return;
		const owners = new Map<string, string>();
		for (const device of firstDevices()) {
			for (const { id, isOwn } of device.views.list('files')) {
				if (!isOwn) continue;
				const other = owners.get(id);
				if (other !== undefined) world.fail('I11 owner', `${other} and ${device.name} both own ${id}`);
				owners.set(id, device.name);
			}
			if (device.views.list('deletions').some(({ status }) => status === 'Active'))
				world.fail('I11 owner', `${device.name} is leaving still`);
			checkStaying(device);
		}
	}

	function checkStaying(device: Device): void {
		if (device.views.list('chores').some(({ kind }) => kind === 'tell')) return;
		for (const row of device.views.list('relationships')) {
			const peer = firstDevices().find(({ owner }) => owner === model.ownerOf(row.peer));
			const theirs = peer?.views.get('relationships', row.id);
			if (row.status === 'Active' && theirs?.status === 'Active' && theirs.peerDeletionInfo)
				world.fail('I11 owner', `${peer!.name} believes that ${device.name} is leaving`);
		}
	}

	/** I8, and every message read by its recipients only. */
	function checkReaders(): void {
		for (const device of world.running()) {
			const held = new Set(canonical(device).match(MARKER) ?? []);
			for (const text of held) {
				const marker = model.markers.get(text);
				if (!marker || marker.owner === device.owner || !marker.readers || marker.readers.has(device.owner))
					continue;
				world.fail('I8 readers', `${device.name} holds ${text} of identity ${marker.owner}`);
			}
		}
	}

	function countEnd(device: Device): void {
		if (!world.options.hostile || device.owner !== 0) return;
		const { state, reason } = device.engine!.account.status();
		const name = state === 'frozen' ? `end frozen (${reason})` : 'end safe';
		world.counts.set(name, (world.counts.get(name) ?? 0) + 1);
	}

	// --- the relay ------------------------------------------------------------------------------------------------------------

	function checkRelay(): void {
		const { most, bound } = world.relay().pendingMail();
		if (most > bound) world.fail('I10 bounds', `${most} mail items wait under one alias, ${bound} may`);
	}

	async function logOf(owner: number): Promise<OpenedByAll[]> {
		const { tag, keys } = await secretsOf(owner);
		const entries = world.relay().account(tag)?.entries ?? [];
		const known = opened.get(owner) ?? [];
		opened.set(owner, known);
		for (let seq = known.length + 1; seq <= entries.length; seq++) {
			const next = await openForAll(tag, keys, entries, seq);
			if (!next) {
				// A newer epoch: some device's disk holds its key.
				secrets.delete(owner);
				return (await secretsOf(owner)).keys.epochs.size > keys.epochs.size ? logOf(owner) : known;
			}
			known.push(next);
		}
		return known;
	}

	const sessionDevices = new Map<string, Bytes>();
	async function openForAll(
		tag: Bytes,
		keys: IdentityKeys,
		entries: readonly Bytes[],
		seq: number
	): Promise<OpenedByAll | undefined> {
		const decoded = decodeEntry(entries[seq - 1]!);
		if (!decoded.ok) return { seq, device: '', ops: [] };
		const { entry } = decoded;
		const name = toHex(entry.session);
		if (entry.first) sessionDevices.set(name, entry.first.deviceId);
		const device = sessionDevices.get(name);
		const e = keys.epochs.get(entry.epoch);
		if (!device || !e) return undefined;
		const nonce = new Uint8Array(12);
		new DataView(nonce.buffer).setUint32(8, entry.sseq);
		const plain = await open(
			sessionKey(e, entry.session, tag, device),
			nonce,
			entry.bytes.slice(0, entryHeaderLength(entry.sseq)),
			entry.ciphertext
		);
		return { seq, device: toHex(device), ops: (plain && decodeOps(plain)) ?? [] };
	}

	async function secretsOf(owner: number): Promise<Secrets> {
		const known = secrets.get(owner);
		if (known) return known;
		const length = (device: Device) => rowsOf(device.disk, 'chain').size;
		const device = world.devices
			.filter((other) => other.owner === owner)
			.reduce((a, b) => (length(b) > length(a) ? b : a));
		const own = (await getMeta(createMemoryStore(device.disk), 'keys'))!;
		const records = [...rowsOf(device.disk, 'chain')]
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([, bytes]) => decodeChainRecord(bytes)!);
		const tag = chainHash(records[0]!.publicBytes).slice(0, 16);
		let keys: IdentityKeys | undefined;
		const id = deviceIdOf(own.ds);
		for (const record of records) keys = await openChainRecord(keys, record, { id, seed: own.dkSeed });
		keys = await fillEpochs(keys!, records);
		const found: Secrets = { tag, keys, device: id };
		secrets.set(owner, found);
		const person = model.identities[owner];
		if (person) person.tag = tag;
		for (const [name, bytes] of [
			['blinding key', keys.b],
			['device seed', own.dkSeed],
			['root seed', own.rootSeed],
			...[...keys.epochs].map(([epoch, e]) => [`epoch ${epoch}`, e] as const)
		] as const)
			if (bytes) needles.push({ name: `${name} of ${owner}`, bytes: Buffer.from(bytes) });
		return found;
	}

	return {
		watch,
		secretsOf,
		logOf,
		opened(device) {
			const seen = events.get(device.name) ?? new Set();
			events.set(device.name, seen);
			const here = new Set<string>();
			device.engine!.onEvent(({ id, name }) => {
				if (here.has(id)) world.fail('event once', `${device.name} told ${name} twice`);
				here.add(id);
				const all = model.events.get(device.owner) ?? new Set();
				model.events.set(device.owner, all.add(id));
			});
			checkKept(device);
			checkWrites(device);
		},
		async begin() {
			for (const { owner } of model.identities) await secretsOf(owner);
		},
		async afterStep() {
			checkTrust();
			for (const device of world.devices) await checkDisk(device);
			if (world.step % COMPARE_EVERY !== 0) return;
			if (!world.options.hostile) for (const device of world.devices) await checkMail(device);
			for (const device of world.running()) checkKept(device);
			for (const device of world.running()) if (device.busy === 0) checkWrites(device);
			compareSiblings();
			checkRelay();
		},
		async final() {
			checkTrust();
			for (const device of world.devices) await checkDisk(device);
			for (const device of world.devices) if (!isFrozen(device)) await checkMail(device);
			compareSiblings();
			for (const device of world.running()) {
				// A frozen device keeps what it said itself; it neither takes nor gives.
				const frozen = new Set(world.devices.filter(isFrozen).map(({ name }) => name));
				const binds = (by: string) => by === device.name || !(frozen.has(device.name) || frozen.has(by));
				for (const kept of model.kept)
					if (kept.owner === device.owner && binds(kept.device) && !kept.holds(device))
						world.fail('I1 kept', `${device.name} lacks what ${kept.device} said: ${kept.what}`);
				checkWrites(device);
			}
			for (const { owner } of model.identities) for (const device of world.running(owner)) countEnd(device);
			compareSides();
			checkDelivery();
			checkAnswers();
			checkReaders();
			checkExchange();
			checkOwners();
			checkRelay();
			for (const bytes of world.relay().memory()) search(bytes, 'in the relay’s memory');
		}
	};
}

/** Where two long texts part. */
function difference(a: string, b: string): string {
	let at = 0;
	while (at < a.length && a[at] === b[at]) at++;
	return `…${a.slice(Math.max(0, at - 160), at + 80)} ≠ …${b.slice(at, at + 80)}`;
}
