/**
 * What is removed when its time has come (limits.ts says when and why): expired objects, acknowledged mail, linking slots,
 * closed aliases, and accounts whose grace period is over. Small transactions between which requests run; each step may be
 * repeated or interrupted. An account's own row goes last, so an interrupted erasure is found again.
 */
import type { Bytes } from '@enmeshed/crdt/wire';
import { DAY_MS, dayOf, erasedName, type Ground } from './operations/operation.ts';

export interface Tidied {
	readonly accounts: number;
	readonly files: number;
}

/** One step; with the last one the account is remembered as erased, under a name that tells nobody whose it was. */
function eraseStep(ground: Ground, tag: Bytes, now: number): { more: boolean; blobs: string[] } {
	const at = ground.store.account(tag)?.deletionAt ?? now;
	const step = ground.store.eraseAccount(tag, ground.limits.housekeepingRows, now);
	if (!step.more) ground.store.putErased(erasedName(ground.salt, tag), at);
	return step;
}

const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

/** `isStopped` ends it after the step that runs: the relay is closing, and what is left is found again by the next run. */
export async function housekeep(
	ground: Ground,
	onErased: (tag: Bytes) => void,
	isStopped: () => boolean = () => false
): Promise<Tidied> {
	const { store, limits } = ground;
	const now = ground.now();
	const rows = limits.housekeepingRows;
	const days = (count: number) => now - count * DAY_MS;

	/** Repeats one small step until it says there is no more. */
	async function until(step: () => boolean): Promise<void> {
		while (!isStopped() && store.transaction(step)) await breathe();
	}

	const files: string[] = [];
	const collect = ({ more, blobs }: { more: boolean; blobs: string[] }) => {
		files.push(...blobs);
		return more;
	};

	const due = store.accountsDue(now, rows);
	for (const tag of due) {
		onErased(tag);
		await until(() => collect(eraseStep(ground, tag, now)));
	}
	await until(() => collect(store.expireObjects(days(limits.objectGraceDays), rows)));
	await until(() => store.expireMail(dayOf(days(limits.mailDays)), rows));
	await until(() => store.expireAliases(days(limits.closedAliasDays), days(limits.goneAliasDays), rows));
	if (isStopped()) return { accounts: due.length, files: 0 };
	store.transaction(() => {
		store.expireRendezvous(now);
		store.expireErased(days(limits.goneAliasDays));
	});
	await ground.uploads.sweep();
	for (const name of files) await store.dropBlob(name);
	return { accounts: due.length, files: files.length + (await store.sweepBlobs()) };
}
