// Opens the profile and reads it once; from then on everything on screen is local and live.
import { redirect } from '@sveltejs/kit';
import { hello, vault } from '$lib/vault/client.ts';
import { ProfileView } from '$lib/vault/profile.svelte.ts';

export async function load({ params }) {
	const alive = await hello();
	if (!alive.ok) redirect(307, `/problem?cause=${alive.error.cause}`);
	const opened = await vault().open(params.profile);
	if (!opened.ok) redirect(307, `/problem?cause=${opened.error.cause}`);
	const view = new ProfileView(opened.value);
	await view.refresh();
	return { view };
}
