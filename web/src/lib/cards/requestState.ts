/** Where a request stands, in a word and an icon. */
import type { Component } from 'svelte';
import type { RequestRow } from '@enmeshed/crdt';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleSlash from '@lucide/svelte/icons/circle-slash';
import Clock from '@lucide/svelte/icons/clock';
import PencilLine from '@lucide/svelte/icons/pencil-line';
import TimerOff from '@lucide/svelte/icons/timer-off';
import { m } from '$lib/paraglide/messages.js';
import { isOpen, wasAccepted } from './requests.ts';

type Icon = Component<{ size?: number; strokeWidth?: number; 'aria-hidden'?: 'true' }>;
export interface RequestState {
	readonly label: string;
	readonly tone: 'neutral' | 'accent' | 'attention' | 'success';
	readonly icon: Icon;
}

export function requestState(request: RequestRow): RequestState {
	if (request.status === 'Expired') return { label: m.request_expired(), tone: 'neutral', icon: TimerOff };
	if (request.isOwn && request.status !== 'Completed')
		return { label: m.request_waiting(), tone: 'accent', icon: Clock };
	if (isOpen(request)) return { label: m.request_todo(), tone: 'accent', icon: PencilLine };
	if (request._pending && (wasAccepted(request) || request.source?.type === 'Message'))
		return { label: m.request_queued(), tone: 'attention', icon: Clock };
	return wasAccepted(request)
		? { label: m.request_accepted(), tone: 'success', icon: CircleCheck }
		: { label: m.request_declined(), tone: 'neutral', icon: CircleSlash };
}
