/** One linking of two devices as a page follows it; the work is done in the vault and goes on whatever tab looks. */
import type { LinkView } from './vault/api.ts';
import { onNews, vault } from './vault/client.ts';

export function followLink() {
	let view = $state.raw<LinkView | undefined>();
	let confirmed = $state(false);
	let id: string | undefined;
	let stop: (() => void) | undefined;

	return {
		get view() {
			return view;
		},
		get confirmed() {
			return confirmed;
		},
		async take(link: string) {
			id = link;
			confirmed = false;
			stop?.();
			stop = onNews((news) => {
				if (news.kind === 'link' && news.view.id === id) view = news.view;
			});
			const current = await vault().link(link);
			if (current && id === link && !view) view = current;
		},
		confirm() {
			confirmed = true;
			if (id) void vault().confirmLink(id);
		},
		cancel() {
			if (id) void vault().cancelLink(id);
		},
		/** Leaves the page: an unfinished linking is called off, a finished one stands. */
		leave() {
			stop?.();
			if (id && view && view.step.step !== 'done' && view.step.step !== 'failed') void vault().cancelLink(id);
			id = undefined;
			view = undefined;
			confirmed = false;
		}
	};
}
