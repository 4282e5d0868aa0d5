/** Changes on top of views that are kept all together or not at all. */
import { memoryViews } from './memory-views.ts';
import type { Views } from './views.ts';

export function tryOut(below: Views): { readonly views: Views; keep(): void } {
	const trial = memoryViews(below);
	const changes: (() => void)[] = [];
	return {
		views: {
			...trial,
			put(table, row) {
				trial.put(table, row);
				changes.push(() => below.put(table, row));
			},
			delete(table, id) {
				trial.delete(table, id);
				changes.push(() => below.delete(table, id));
			}
		},
		keep() {
			for (const change of changes) change();
		}
	};
}
