/** Short reports of results, at the bottom, gone by themselves. Never the only place where something important is said. */
interface Toast {
	readonly id: number;
	readonly text: string;
	readonly tone: 'neutral' | 'danger';
	readonly action?: { readonly label: string; readonly run: () => void };
}

let next = 0;
export const toasts = $state<{ list: Toast[] }>({ list: [] });

export function toast(
	text: string,
	options: { tone?: Toast['tone']; action?: NonNullable<Toast['action']>; ms?: number } = {}
): void {
	const id = next++;
	const { tone = 'neutral', action, ms = action ? 12_000 : 6_000 } = options;
	toasts.list = [...toasts.list.slice(-2), { id, text, tone, ...(action ? { action } : {}) }];
	if (ms !== Infinity) setTimeout(() => dismiss(id), ms);
}

export function dismiss(id: number): void {
	toasts.list = toasts.list.filter((t) => t.id !== id);
}
