// The composer is a part of its own: who only reads does not load it.
export const load = async () => ({ Compose: (await import('./Compose.svelte')).default });
