/**
 * A module of one's own (docs/modules.md): greets everybody the organisation is newly connected with, and tells at
 * `GET /welcome/greeted` how many that were since the start.
 *
 *   "modules": { "welcome": { "enabled": true, "location": "./connector/examples/welcome.ts", "text": "Good to have you." } }
 */
import type { ModuleContext, OwnModule } from '@enmeshed/connector/module';

/** What is used of the DTO that comes with `transport.relationshipChanged`. */
interface Relationship {
	readonly peer: string;
	readonly status: string;
	readonly auditLog: readonly { readonly reason: string }[];
}

const isNew = ({ status, auditLog }: Relationship) =>
	status === 'Active' && auditLog.at(-1)?.reason === 'AcceptanceOfCreation';

async function greet({ services, config, logger }: ModuleContext, peer: string): Promise<boolean> {
	const body = typeof config['text'] === 'string' ? config['text'] : 'Welcome!';
	const content = { '@type': 'Mail', to: [peer], subject: 'Welcome', body, bodyFormat: 'PlainText' };
	const sent = await services.call<{ id: string }>('POST', '/Messages', { recipients: [peer], content });
	// A refusal is a value with the code REST would have shown; who was greeted stays out of the log.
	if (sent.ok) logger.info({ message: sent.value.id }, 'greeted');
	else logger.warn({ code: sent.error.code }, 'not greeted');
	return sent.ok;
}

let greeted = 0;

export default {
	init(context) {
		context.on('transport.relationshipChanged', async ({ data }) => {
			const relationship = data as Relationship;
			if (isNew(relationship) && (await greet(context, relationship.peer))) greeted += 1;
		});
		context.http.addEndpoint({
			method: 'GET',
			path: '/welcome/greeted',
			roles: ['welcome:read'],
			handle: () => Response.json({ greeted })
		});
	},
	start({ logger, mode }) {
		logger.info({ mode }, 'ready to greet');
	}
} satisfies OwnModule;
