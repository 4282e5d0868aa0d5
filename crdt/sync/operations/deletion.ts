/**
 * The end of this identity (connector-api.md §2.15, transport-backbone.md §1.16): begun with a grace period, called off, told
 * to every peer. The relay keeps the date and erases; the log says what was decided and who was told.
 */
import type { Engine } from '../../api.ts';
import { isTime } from '../../codec/time.ts';
import { ok, refuse, type Result } from '../../result.ts';
import type { DeletionRow } from '../../views.ts';
import { activeDeletion } from '../apply-deletion.ts';
import { createLock } from '../lock.ts';
import { getMeta, putMeta } from '../rows.ts';
import { INVALID, refusedByRelay, shown, type Base } from './base.ts';

const CODE = 'error.runtime.identityDeletionProcess';
const NONE = refuse(`${CODE}.noActiveIdentityDeletionProcess`, 'No active identity deletion process found.');
/** What the relay counts with. */
const MAX_DAYS = 3650;

interface Settling {
	/** What a call that was cut off left undecided. Throws RelayUnreachable. */
	settle(): Promise<void>;
}

/** `tell` reaches the peers as far as they can be reached now; the rest is a chore. */
export function deletionOperations(base: Base, tell: () => Promise<void>): Engine['deletion'] & Settling {
	const { core, clock, newId, reaching } = base;
	const { store } = core.ports;
	const asking = createLock();
	const active = (): DeletionRow | undefined => activeDeletion({ views: core.top() });

	const relayDate = async (days: number | undefined): Promise<Result<number | undefined>> => {
		const answer = await core.call('accountDelete', days === undefined ? {} : { days });
		if (!answer.ok) return refusedByRelay(answer);
		const deletion = answer.body['deletion'] as { readonly at?: unknown } | undefined;
		const at = deletion?.at;
		return ok(typeof at === 'number' && isTime(at) ? at : undefined);
	};

	/** The relay's word and the record of it belong together: a call that ends in between leaves a mark. */
	const whole = <T>(work: () => Promise<Result<T>>): Promise<Result<T>> =>
		asking.run(async () => {
			await store.write([putMeta('leaving', { at: clock.now() })]);
			const outcome = await work();
			await store.write([putMeta('leaving', null)]);
			return outcome;
		});

	/**
	 * Who was not answered was not promised anything. An end that began at the relay alone is called off there, or it would come
	 * without anybody knowing; one that was called off there alone is written down.
	 */
	async function settle(): Promise<void> {
		await asking.run(async () => {
			if (!(await getMeta(store, 'leaving'))) return;
			const answer = await core.call('account', {});
			if (!answer.ok) return;
			const row = active();
			if (answer.body['deletion'] && !row) await core.call('accountDelete', { days: 0 });
			if (!answer.body['deletion'] && row)
				await core.intend({
					kind: 'plain',
					shown: [core.rec('deletion.cancelled', { id: row.id, at: clock.now() })]
				});
			await store.write([putMeta('leaving', null)]);
		});
	}

	async function initiate(days?: number): Promise<Result<DeletionRow>> {
		if (days !== undefined && !(days >= 1)) return refuse(INVALID, 'lengthOfGracePeriodInDays must be >= 1');
		if (days !== undefined && !Number.isInteger(days))
			return refuse(INVALID, 'lengthOfGracePeriodInDays must be integer');
		if (days !== undefined && days > MAX_DAYS)
			return refuse(INVALID, `lengthOfGracePeriodInDays must be <= ${MAX_DAYS}`);
		if (active())
			return refuse(
				`${CODE}.activeIdentityDeletionProcessAlreadyExists`,
				'There is already an active identity deletion process.'
			);
		return reaching(async () => {
			const { id } = newId('IDP');
			const begun = await whole(async () => {
				const date = await relayDate(days);
				if (!date.ok) return date;
				if (date.value === undefined) return refuse('error.platform.unexpected', 'The relay names no date.');
				const started = core.rec('deletion.started', { id, endsAt: date.value, at: clock.now() });
				await core.intend({ kind: 'plain', shown: [started] });
				return ok(undefined);
			});
			if (!begun.ok) return begun;
			await tell();
			return shown('IdentityDeletionProcess', core.top().get('deletions', id));
		});
	}

	async function cancel(): Promise<Result<DeletionRow>> {
		const row = active();
		if (!row) return NONE;
		if (Date.parse(row.gracePeriodEndsAt) <= clock.now())
			return refuse(
				'error.platform.validation.device.gracePeriodHasAlreadyExpired',
				'The grace period has already expired.'
			);
		return reaching(async () => {
			const stays = await whole(async () => {
				const date = await relayDate(0);
				if (!date.ok) return date;
				const cancelled = core.rec('deletion.cancelled', { id: row.id, at: clock.now() });
				await core.intend({ kind: 'plain', shown: [cancelled] });
				return ok(undefined);
			});
			if (!stays.ok) return stays;
			await tell();
			return shown('IdentityDeletionProcess', core.top().get('deletions', row.id));
		});
	}

	return {
		settle,
		initiate,
		cancel,
		active() {
			const row = active();
			return row ? ok(row) : NONE;
		},
		get: (id) => core.top().get('deletions', id),
		list: () => core.top().list('deletions')
	};
}
