/**
 * What happens with a code somebody scanned, pasted or opened, from text to screen: recognise, check, redeem, find the place to go.
 * Every failure is told apart (app-spec §3.3): what it is, what it means, what to do.
 */
import type { Result, TemplateRow } from '@enmeshed/crdt';
import { m } from '$lib/paraglide/messages.js';
import { filterOf } from '$lib/cards/requests.ts';
import type { FileView, ParsedReference, PasswordHint } from './vault/api.ts';
import { vault } from './vault/client.ts';
import type { ProfileView } from './vault/profile.svelte.ts';
import { recognise } from './vault/reference.ts';

export interface ReferenceProblem {
	/** E-number of app-spec §3.3: for the details, and for tests. */
	readonly code: string;
	readonly title: string;
	readonly text: string;
	/** What can be done about it. */
	readonly next?: 'retry' | 'device' | 'contact';
	readonly href?: string;
}
export type Opened =
	| { readonly ok: true; readonly href: string; readonly note?: string }
	| { readonly ok: false; readonly problem: ReferenceProblem }
	/** Its password is needed; `wrong`: another than the one given, or the code is no longer valid. */
	| { readonly ok: false; readonly ask: PasswordHint; readonly wrong: boolean };

const fail = (
	code: string,
	title: string,
	text: string,
	more: Partial<ReferenceProblem> = {}
): { ok: false; problem: ReferenceProblem } => ({
	ok: false,
	problem: { code, title, text, ...more }
});

/** Checks a text without asking the relay; the parsed reference, or why it is none of ours. */
export async function checkReference(
	text: string
): Promise<
	{ readonly ok: true; readonly value: ParsedReference } | { readonly ok: false; readonly problem: ReferenceProblem }
> {
	const what = recognise(text, location.origin);
	switch (what.kind) {
		case 'empty':
			return fail('E01', m.ref_empty(), m.ref_empty_text());
		case 'device':
			return fail('E20', m.ref_device(), m.ref_device_text(), { next: 'device' });
		case 'legacy':
			return fail('E02', m.ref_legacy(), m.ref_legacy_text());
		case 'cut':
			return fail('E03', m.ref_cut(), m.ref_cut_text());
		case 'web':
			return fail('E01', m.ref_web(), m.ref_web_text({ host: what.host }));
		case 'other':
			return fail('E01', m.ref_other(), otherText(what.what));
		case 'reference':
			return checkOurs(what.text);
	}
}

function otherText(what: 'wifi' | 'contactCard' | 'email' | 'phone' | 'text'): string {
	const texts = {
		wifi: m.ref_other_wifi,
		contactCard: m.ref_other_card,
		email: m.ref_other_email,
		phone: m.ref_other_phone,
		text: m.ref_other_text
	};
	return texts[what]();
}

async function checkOurs(text: string): ReturnType<typeof checkReference> {
	const parsed = await vault().parse(text);
	if (!parsed.ok)
		return parsed.error.code === 'error.app.foreignBackbone'
			? fail('E02', m.ref_legacy(), m.ref_legacy_text())
			: fail('E03', m.ref_damaged(), m.ref_damaged_text());
	return parsed;
}

/** Redeems a code for an open profile and says where to go. Offline the code is kept and continued later. */
export async function openReference(profile: ProfileView, text: string, password?: string): Promise<Opened> {
	const checked = await checkReference(text);
	if (!checked.ok) return checked;
	const tail = checked.value.forIdentityTail;
	if (tail && !profile.address.endsWith(tail)) return fail('E05', m.ref_notYou(), m.ref_notYou_text({ tail }));

	const known = profile.templates.find((t) => t.id === checked.value.id);
	if (known?.isOwn) return fail('E18', m.ref_own(), m.ref_own_text());
	const ask = checked.value.password;
	const given = password ?? known?.passwordProtection?.password;
	if (ask && given === undefined) return { ok: false, ask, wrong: false };
	const loaded = await load(profile, checked.value.kind, text, given);
	if (!loaded.ok) {
		// The relay does not tell a wrong password from a code that is gone, or was never there.
		if (ask && /(recordNotFound|foreignRelay)$/.test(loaded.error.code)) return { ok: false, ask, wrong: true };
		const problem = refused(loaded.error.code, checked.value.relayUrl);
		if (problem.code === 'E12') await vault().keepLink(text);
		return { ok: false, problem };
	}
	await vault().forgetLink();
	await profile.refresh();
	if ('size' in loaded.value) return { ok: true, href: `${profile.base}/files/${loaded.value.id}` };
	return whereTo(profile, loaded.value.id, loaded.value.createdBy);
}

/** A template or a file; what a token holds is seen when it is opened. */
async function load(
	profile: ProfileView,
	kind: ParsedReference['kind'],
	text: string,
	password: string | undefined
): Promise<Result<TemplateRow | FileView>> {
	const file = () => vault().loadFile(profile.id, text, password);
	if (kind === 'file') return file();
	const loaded = await profile.engine.templates.load(text, password === undefined ? {} : { password });
	const isOther = kind === 'token' && !loaded.ok && loaded.error.code.endsWith('invalidTokenContent');
	return isOther ? file() : loaded;
}

/** Codes of connector-api.md §6.3 a redeem may be refused with. */
function refused(code: string, relayUrl: string | undefined): ReferenceProblem {
	const is = (...parts: string[]) => parts.some((part) => code.toLowerCase().includes(part.toLowerCase()));
	const problem = (
		id: string,
		title: string,
		text: string,
		more: Partial<ReferenceProblem> = {}
	): ReferenceProblem => ({
		code: id,
		title,
		text,
		...more
	});
	if (is('request.unknown', 'unreachable', 'offline'))
		return problem('E12', m.ref_offline(), m.ref_offline_text(), { next: 'retry' });
	if (is('maxNumberOfAllocations', 'exhausted')) return problem('E10', m.ref_used(), m.ref_used_text());
	if (is('notIntendedForYou')) return problem('E06', m.ref_notYou(), m.ref_notYou_plain());
	if (is('foreignRelay'))
		return problem('E33', m.ref_relay(), m.ref_relay_text({ host: URL.parse(relayUrl ?? '')?.host ?? '' }));
	if (is('recordNotFound', 'expired')) return problem('E07', m.ref_gone(), m.ref_gone_text());
	if (is('tooManyFailedPassword', 'locked')) return problem('E09', m.ref_locked(), m.ref_locked_text());
	if (is('invalidTokenContent', 'notSupportedTokenContent'))
		return problem('E04', m.ref_unknown(), m.ref_unknown_text());
	if (is('foreignBackbone')) return problem('E02', m.ref_legacy(), m.ref_legacy_text());
	if (is('rate')) return problem('E29', m.ref_busy(), m.ref_busy_text(), { next: 'retry' });
	if (is('decrypt', 'signature', 'hash')) return problem('E24', m.ref_changed(), m.ref_changed_text());
	return problem('E03', m.ref_damaged(), m.ref_damaged_text());
}

/** The request the template asks, the contact it belongs to, or why there is nothing to do. */
function whereTo(profile: ProfileView, templateId: string, createdBy: string): Opened {
	const contact = profile.contact(createdBy);
	const requests = profile.incoming.filter((r) => r.source?.reference === templateId);
	const open = requests.find((r) => filterOf(r) === 'todo');
	if (open) return { ok: true, href: `${profile.base}/requests/${open.id}` };
	const other = profile.incoming.find((r) => r.peer === createdBy && filterOf(r) === 'todo');
	if (other)
		return {
			ok: true,
			href: `${profile.base}/requests/${other.id}`,
			note: m.ref_other_open({ name: contact.name })
		};
	const relationship = contact.relationship;
	if (relationship && ['Active', 'Pending', 'Terminated', 'DeletionProposed'].includes(relationship.status))
		return {
			ok: true,
			href: `${profile.base}/contacts/${relationship.id}`,
			note: m.ref_known({ name: contact.name })
		};
	const done = requests[0];
	if (done) return { ok: true, href: `${profile.base}/requests/${done.id}`, note: m.ref_done() };
	return fail('E19', m.ref_nothing(), m.ref_nothing_text());
}
