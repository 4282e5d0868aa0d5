// S01: decides which screen comes first. The profile used last, or the beginning.
import { redirect } from '@sveltejs/kit';
import { hello, vault } from '$lib/vault/client.ts';

export async function load() {
	const alive = await hello();
	if (!alive.ok) redirect(307, `/problem?cause=${alive.error.cause}`);
	const profiles = await vault().profiles();
	if (!profiles.ok) redirect(307, `/problem?cause=${profiles.error.cause}`);
	const last = profiles.value[0];
	redirect(307, last ? `/p/${last.id}/home` : '/welcome');
}
