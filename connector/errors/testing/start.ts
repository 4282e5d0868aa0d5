/**
 * What ends a process before it serves (connector-api.md §7.3, §7.4, §8.1, §8.2, §8.4): one line `code: message` on stderr and
 * exit code 1.
 */
import type { Code } from './catalogue.ts';

export interface StartWorld {
	readonly relay: string;
	/** A relay that knows its clients. */
	readonly strict: string;
	/** A port somebody listens on. */
	readonly takenPort: number;
	/** A folder with an identity in it, and one a Connector runs in. */
	readonly inhabited: string;
	readonly inUse: string;
}
export interface StartRow {
	readonly name: string;
	readonly code: Code;
	/** What is done; default `start`. */
	readonly words?: readonly string[];
	/** Default the relay. */
	readonly relay?: (world: StartWorld) => string;
	/** Default a new one. */
	readonly folder?: (world: StartWorld) => string;
	readonly env: (world: StartWorld) => Readonly<Record<string, string>>;
	/** What the line says, where it says what to do. */
	readonly says?: RegExp;
}

const startedWith = (name: string, code: Code, env: StartRow['env'], says?: RegExp): StartRow => ({
	name,
	code,
	env,
	...(says && { says })
});
const module = (name: string, settings: Readonly<Record<string, unknown>>) => () => ({
	[`modules__${name}__enabled`]: 'true',
	...Object.fromEntries(
		Object.entries(settings).map(([key, value]) => [`modules__${name}__${key}`, JSON.stringify(value)])
	)
});

const HOOKS = 'error.runtime.modules.webhooks.';
const target = (url: string, authentication?: unknown) => ({
	targets: { office: { url, ...(authentication === undefined ? {} : { authentication }) } },
	webhooks: [{ triggers: ['**'], target: 'office' }]
});
const rule = (request: object, response: object) => ({
	automationConfig: [{ requestConfig: request, responseConfig: response }]
});
const item = (type: string) => ({ 'content.item.@type': `${type}RequestItem` });
const UNFIT: Code = 'error.runtime.decide.requestConfigDoesNotMatchResponseConfig';

export const startRows: readonly StartRow[] = [
	startedWith('a relay that cannot be reached', 'error.transport.request.unknown', () => ({
		transportLibrary__baseUrl: 'http://localhost:1'
	})),
	startedWith('without identity, where none may be made', 'error.transport.general.noIdentityFound', () => ({
		transportLibrary__allowIdentityCreation: 'false'
	})),
	{
		name: 'as a client the relay does not know',
		code: 'error.transport.general.platformClientInvalid',
		relay: ({ strict }) => strict,
		env: () => ({ PLATFORM_CLIENT_ID: 'office', PLATFORM_CLIENT_SECRET: 'wrong' })
	},
	{
		name: 'as nobody, at a relay that knows its clients',
		code: 'error.transport.general.platformClientInvalid',
		relay: ({ strict }) => strict,
		env: () => ({})
	},
	startedWith(
		'on a port that is taken',
		'error.connector.startup',
		({ takenPort }) => ({ infrastructure__httpServer__port: String(takenPort) }),
		/port \d+ is taken, choose another with infrastructure\.httpServer\.port/
	),
	{
		name: 'in a folder another process uses',
		code: 'error.connector.database',
		folder: ({ inUse }) => inUse,
		env: () => ({}),
		says: /is used by another process/
	},
	{
		name: 'a device joins where somebody lives',
		code: 'error.runtime.alreadyInitialized',
		words: ['device', 'join', 'nonsense'],
		folder: ({ inhabited }) => inhabited,
		env: () => ({})
	},
	startedWith(
		'a webhook to nobody',
		`${HOOKS}invalidTargetReference`,
		module('webhooks', { webhooks: [{ triggers: ['**'], target: 'nobody' }] })
	),
	startedWith('a webhook to no address', `${HOOKS}invalidUrlFormat`, module('webhooks', target('nowhere'))),
	startedWith('a webhook by post', `${HOOKS}invalidUrlFormat`, module('webhooks', target('ftp://office.example/'))),
	startedWith(
		'a webhook that shows a card',
		`${HOOKS}invalidAuthenticationConfig`,
		module('webhooks', target('http://office.example/', { type: 'Card' }))
	),
	startedWith(
		'a webhook with a key that is none',
		`${HOOKS}invalidAuthenticationConfig`,
		module('webhooks', target('http://office.example/', { type: 'ApiKey' }))
	),
	startedWith(
		'a webhook of another form',
		`${HOOKS}invalidConfiguration`,
		module('webhooks', { webhooks: [{ triggers: 'all', target: 'office' }] })
	),
	...(
		[
			['a deletion without its day', item('DeleteAttribute'), { accept: true }],
			['an answer to a question without it', item('ReadAttribute'), { accept: true }],
			['a proposal without attribute', item('ProposeAttribute'), { accept: true }],
			['a day for a consent', item('Consent'), { accept: true, deletionDate: '2030-01-01T00:00:00.000Z' }],
			['a day for any request', { peer: 'x' }, { accept: true, deletionDate: '2030-01-01T00:00:00.000Z' }]
		] as const
	).map(([name, request, response]) =>
		startedWith(`decided by rule: ${name}`, UNFIT, module('decider', rule(request, response)))
	),
	startedWith(
		'a publisher without broker',
		'error.runtime.modules.messageBrokerPublisher.invalidConfiguration',
		module('messageBrokerPublisher', { brokers: [] })
	),
	startedWith(
		'a sync every zero seconds',
		'error.connector.modules.sync.invalidInterval',
		module('sync', { interval: 0 })
	),
	startedWith(
		'a module whose file is not there',
		'error.connector.modules.invalid',
		module('mine', { location: './no-such-module.ts' }),
		/modules\.mine: /
	)
];
