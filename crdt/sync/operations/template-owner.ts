/** Whether whoever made a template is still there to answer: only the relay knows, by the mailbox of the template. */
import { ok, refuse, type Result } from '../../result.ts';
import type { Core } from '../core.ts';

const CODE = 'error.transport.relationships';

/** ok also when nothing can be said: an unknown template, a mailbox that is closed. Throws RelayUnreachable. */
export async function checkTemplateOwner(core: Core, templateId: string): Promise<Result<void>> {
	const keys = core.top().get('templateKeys', templateId);
	if (!keys) return ok(undefined);
	const { alias, token } = keys.mailbox;
	const answer = await core.call('mailboxState', { alias, token });
	const state = answer.ok ? answer.body['state'] : undefined;
	if (state === 'gone')
		return refuse(
			`${CODE}.deletedOwnerOfRelationshipTemplate`,
			'The identity that made the template was deleted in the meantime.'
		);
	return state === 'leaving'
		? refuse(
				`${CODE}.activeIdentityDeletionProcessOfOwnerOfRelationshipTemplate`,
				'The identity that made the template is being deleted.'
			)
		: ok(undefined);
}
