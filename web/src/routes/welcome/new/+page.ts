// Terms come first; asked here, so that the form never shows for a moment.
import { redirect } from '@sveltejs/kit';
import { prefs } from '$lib/prefs.svelte.ts';

export function load() {
	if (!prefs.termsAccepted) redirect(307, '/welcome/terms?then=%2Fwelcome%2Fnew');
}
