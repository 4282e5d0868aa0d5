// The editor is a part of its own.
export const load = async () => ({ ValueEditor: (await import('$lib/cards/values/ValueEditor.svelte')).default });
