/**
 * A new version of the App: found by the service worker when the App is opened, put in place when the person says so. Nothing
 * reloads by surprise; drafts are saved anyway.
 */
import { m } from '$lib/paraglide/messages.js';
import { toast } from '$lib/ui/toasts.svelte.ts';

export function watchForUpdate(): () => void {
	if (!('serviceWorker' in navigator)) return () => {};
	const offer = (worker: ServiceWorker) =>
		toast(m.update_ready(), {
			ms: Infinity,
			action: {
				label: m.update_now(),
				run: () => worker.postMessage('take-over')
			}
		});
	// Every tab moves together, hidden ones too: an old one would keep the old vault, and with it the profile, to itself.
	const reload = () => location.reload();
	let controlled = Boolean(navigator.serviceWorker.controller);
	const onChange = () => {
		if (controlled) reload();
		controlled = true;
	};
	navigator.serviceWorker.addEventListener('controllerchange', onChange);
	void navigator.serviceWorker.ready.then((registration) => {
		if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
		registration.addEventListener('updatefound', () => {
			const fresh = registration.installing;
			fresh?.addEventListener('statechange', () => {
				if (fresh.state === 'installed' && navigator.serviceWorker.controller) offer(fresh);
			});
		});
	});
	return () => navigator.serviceWorker.removeEventListener('controllerchange', onChange);
}
