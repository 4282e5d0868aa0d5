/**
 * The answer to one request while it is being given: what stands in each field, which own entries would fit, what is wrong.
 * Half-filled answers are kept in the profile's documents (shard `req`), hence on every device.
 */
import type { AttributeRow, Json, RequestRow } from '@enmeshed/crdt';
import { groupsOf, itemsOf, queryOf, type Item } from '$lib/cards/requestItems.ts';
import {
	bothProblems,
	decisionOf,
	firstAnswers,
	leavingValues,
	mergeDraft,
	noProblems,
	problemsFrom,
	problemsOf,
	withoutProblem,
	type Answer,
	type Answers
} from '$lib/cards/requests.ts';
import type { ProfileView } from '$lib/vault/profile.svelte.ts';

/** After the last key: long enough not to write letter by letter, short enough to lose nothing. */
const SAVE_MS = 400;

/** Where an answer stands that was looked at by the engine. */
export type Verdict = 'ready' | 'wrong' | { readonly refused: 'status' | 'other' };

export function createAnswering(profile: ProfileView, { id, content }: RequestRow) {
	const groups = groupsOf(content);
	const items = itemsOf(content);
	let answers = $state.raw<Answers>({});
	let candidates = $state.raw<{ readonly [path: string]: readonly AttributeRow[] }>({});
	let ready = $state(false);
	/** Errors are shown after the first try, and then follow every change. */
	let tried = $state(false);
	let verdict = $state.raw(noProblems);
	const problems = $derived(bothProblems(verdict, problemsOf(content, answers)));
	const shown = $derived(tried ? problems : noProblems);
	const leaving = $derived(leavingValues(content, answers, profile.attribute));
	const left = $derived(
		items.filter((i) => !i.mandatory && i.kind !== 'unsupported' && !answers[i.path]?.accept).length
	);
	let saveTimer: ReturnType<typeof setTimeout> | undefined;
	let unsaved = false;

	async function save(): Promise<void> {
		unsaved = false;
		await profile.engine.documents.write('req', id, answers as unknown as Json);
	}
	const decision = () => decisionOf(content, answers, profile.address);

	return {
		groups,
		items,
		get ready() {
			return ready;
		},
		get leaving() {
			return leaving;
		},
		/** Optional fields that are left out. */
		get left() {
			return left;
		},
		get shown() {
			return shown;
		},
		decision,
		of: (item: Item): Answer => answers[item.path] ?? { accept: false },
		candidates: (item: Item): readonly AttributeRow[] => candidates[item.path] ?? [],

		/** Looks which entries would fit and takes up what was begun earlier. */
		async prepare(): Promise<void> {
			const lists = items.map(async (item): Promise<[string, readonly AttributeRow[]]> => [
				item.path,
				item.canChoose
					? (await profile.engine.attributes.candidates(queryOf(item))).filter((a) => !a.succeededBy)
					: []
			]);
			candidates = Object.fromEntries(await Promise.all(lists));
			const first = firstAnswers(content, (item) => candidates[item.path] ?? []);
			answers = mergeDraft(first, profile.field('req', id), (a) => Boolean(profile.attribute(a)));
			ready = true;
		},
		answer(item: Item, given: Answer): void {
			answers = { ...answers, [item.path]: given };
			verdict = withoutProblem(verdict, item.path);
			unsaved = true;
			clearTimeout(saveTimer);
			saveTimer = setTimeout(() => void save(), SAVE_MS);
		},
		/** Whether it can go out as it is: by what a form sees, then by the engine. */
		async judge(): Promise<Verdict> {
			tried = true;
			verdict = noProblems;
			if (problems.size) return 'wrong';
			const check = await profile.engine.requests.canAccept(id, decision());
			if (!check.ok) return { refused: /expired|status/i.test(check.error.code) ? 'status' : 'other' };
			if (check.value.isSuccess) return 'ready';
			verdict = problemsFrom(check.value);
			return verdict.size ? 'wrong' : { refused: 'other' };
		},
		/** The page is left: what is not written yet is written now. */
		leave(): void {
			clearTimeout(saveTimer);
			if (unsaved) void save();
		},
		/** It was answered: nothing of the draft stays. */
		finish(): void {
			clearTimeout(saveTimer);
			unsaved = false;
			void profile.engine.documents.write('req', id, null);
		}
	};
}
