/** What a relationship's status means to a person: words, tone, what may be done (app-spec §1.3, table of states). */
import type { Component } from 'svelte';
import type { RelationshipAction, RelationshipRow, RequestRow } from '@enmeshed/crdt';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleSlash from '@lucide/svelte/icons/circle-slash';
import Clock from '@lucide/svelte/icons/clock';
import Hourglass from '@lucide/svelte/icons/hourglass';
import PencilLine from '@lucide/svelte/icons/pencil-line';
import UserPlus from '@lucide/svelte/icons/user-plus';
import { m } from '$lib/paraglide/messages.js';
import { dayDate } from './dates.ts';

type Icon = Component<{ size?: number; strokeWidth?: number; 'aria-hidden'?: 'true' }>;
export interface StatusView {
	readonly key: string;
	readonly label: string;
	/** One sentence: what it means, what happens next. */
	readonly text: string;
	readonly tone: 'neutral' | 'accent' | 'attention' | 'danger' | 'success';
	readonly icon: Icon;
}

const last = (row: RelationshipRow) => row.auditLog.at(-1);
/** A reactivation that was asked for and not answered: who asked. */
export function reactivationBy(row: RelationshipRow): string | undefined {
	const entry = last(row);
	return row.status === 'Terminated' && entry?.reason === 'ReactivationRequested' ? entry.createdBy : undefined;
}

export function statusOf(row: RelationshipRow | undefined, name: string, open?: RequestRow): StatusView {
	if (!row) return open ? asks(name) : gone(name);
	if (row.peerDeletionInfo?.deletionStatus === 'Deleted')
		return view('peerDeleted', m.status_peerDeleted(), m.status_peerDeleted_text({ name }), 'danger', CircleSlash);
	if (row.peerDeletionInfo)
		return view(
			'peerLeaving',
			m.status_peerLeaving(),
			m.status_peerLeaving_text({ name, date: dayDate(row.peerDeletionInfo.deletionDate) }),
			'attention',
			Hourglass
		);
	const date = last(row) ? dayDate(last(row)!.createdAt) : '';
	switch (row.status) {
		case 'Pending':
			return row._own
				? view('waiting', m.status_waiting(), m.status_waiting_text({ name }), 'accent', Clock)
				: view('wantsToConnect', m.status_wants(), m.status_wants_text({ name }), 'accent', UserPlus);
		case 'Active':
			return view(
				'active',
				m.status_active(),
				m.status_active_text({ date: dayDate(since(row)) }),
				'success',
				CircleCheck
			);
		case 'Terminated': {
			const by = reactivationBy(row);
			if (by === row.peer)
				return view(
					'reactivationAsked',
					m.status_reactivation_asked(),
					m.status_reactivation_asked_text({ name }),
					'accent',
					UserPlus
				);
			if (by)
				return view(
					'reactivationWaiting',
					m.status_reactivation_waiting(),
					m.status_reactivation_waiting_text({ name }),
					'accent',
					Clock
				);
			return view('ended', m.status_ended(), endedText(row, name, date), 'neutral', CircleSlash);
		}
		case 'DeletionProposed':
			return view(
				'deletedByPeer',
				m.status_deletedByPeer(),
				m.status_deletedByPeer_text({ name }),
				'attention',
				CircleSlash
			);
		case 'Rejected':
			return view(
				'rejected',
				m.status_rejected(),
				row._own ? m.status_rejected_text({ name }) : m.status_rejected_mine_text({ name }),
				'neutral',
				CircleSlash
			);
		case 'Revoked':
			return view(
				'revoked',
				m.status_revoked(),
				row._own ? m.status_revoked_mine_text({ name }) : m.status_revoked_text({ name }),
				'neutral',
				CircleSlash
			);
	}
}

const view = (key: string, label: string, text: string, tone: StatusView['tone'], icon: Icon): StatusView => ({
	key,
	label,
	text,
	tone,
	icon
});
const asks = (name: string) => view('asks', m.status_asks(), m.status_asks_text({ name }), 'accent', PencilLine);
const gone = (name: string) => view('none', m.status_none(), m.status_none_text({ name }), 'neutral', CircleSlash);

/** Since when the two are connected: the acceptance, not the asking. */
const since = (row: RelationshipRow): string =>
	row.auditLog.findLast(
		(entry) => entry.reason === 'AcceptanceOfCreation' || entry.reason === 'AcceptanceOfReactivation'
	)?.createdAt ?? row._createdAt;

function endedText(row: RelationshipRow, name: string, date: string): string {
	const termination = row.auditLog.findLast((entry) => entry.reason === 'Termination');
	return termination?.createdBy === row.peer
		? m.status_ended_by_peer_text({ name, date })
		: m.status_ended_by_me_text({ date });
}

/** An action as a button: its words, and whether it is asked about first. */
export interface ActionView {
	readonly action: Exclude<RelationshipAction, 'create'>;
	readonly verb: string;
	readonly variant: 'primary' | 'secondary' | 'danger' | 'danger-quiet';
	readonly testid: string;
	/** Title and consequence of the question; undefined: done at once. */
	readonly ask?: { readonly title: string; readonly text: string; readonly told: string };
}

/** The actions of the engine's table, in the order and the words a person gets them. */
export function actionsOf(possible: readonly string[], name: string): ActionView[] {
	const all: ActionView[] = [
		{ action: 'accept', verb: m.act_accept(), variant: 'primary', testid: 'btn-accept' },
		{
			action: 'reject',
			verb: m.act_reject(),
			variant: 'secondary',
			testid: 'btn-reject',
			ask: { title: m.ask_reject({ name }), text: m.ask_reject_text(), told: m.told_yes({ name }) }
		},
		{
			action: 'revoke',
			verb: m.act_revoke(),
			variant: 'secondary',
			testid: 'btn-revoke',
			ask: { title: m.ask_revoke({ name }), text: m.ask_revoke_text({ name }), told: m.told_yes({ name }) }
		},
		{
			action: 'acceptReactivation',
			verb: m.act_acceptReactivation(),
			variant: 'primary',
			testid: 'btn-acceptReactivation'
		},
		{
			action: 'rejectReactivation',
			verb: m.act_rejectReactivation(),
			variant: 'secondary',
			testid: 'btn-rejectReactivation'
		},
		{
			action: 'revokeReactivation',
			verb: m.act_revokeReactivation(),
			variant: 'secondary',
			testid: 'btn-revokeReactivation'
		},
		{ action: 'reactivate', verb: m.act_reactivate(), variant: 'secondary', testid: 'btn-reactivate' },
		{
			action: 'terminate',
			verb: m.act_terminate(),
			variant: 'danger-quiet',
			testid: 'btn-terminate',
			ask: { title: m.ask_terminate({ name }), text: m.ask_terminate_text({ name }), told: m.told_yes({ name }) }
		},
		{
			action: 'decompose',
			verb: m.act_decompose(),
			variant: 'danger-quiet',
			testid: 'btn-decompose',
			ask: { title: m.ask_decompose({ name }), text: m.ask_decompose_text({ name }), told: m.told_yes({ name }) }
		}
	];
	return all.filter((a) => possible.includes(a.action));
}
