/** Refusals of loading by reference (connector-api.md §2.6, §2.10, §2.12, §4.2): files, templates and tokens alike. */
import { createTemplate, must } from '../../testing/party.ts';
import { ARBITRARY, invalid, protection, refused, row, type ObjectRow, type ObjectWorld } from './objects.ts';
import { raw, token, uploaded, type Referenced } from './town.ts';

type Refusal = Pick<ObjectRow, 'code' | 'status' | 'says'>;
type Make = (world: ObjectWorld) => Promise<string>;

/** The person loads what `given` prepared; what is given is its reference. */
const loaded = (path: string, name: string, refusal: Refusal, given: Make, password?: string): ObjectRow => ({
	name: `${path}: ${name}`,
	...refusal,
	given,
	call: ({ person }, reference) =>
		person.call('POST', `/${path}/Peer`, { reference, ...(password === undefined ? {} : { password }) })
});

const template = ({ city }: ObjectWorld, more: object = {}) =>
	createTemplate(city, [], { content: ARBITRARY, ...more });
const url = (made: Promise<Referenced>) => made.then(({ reference }) => reference.url);

/** The same object under another secret: `change` of its `alg|key|for|password`. */
const changed = (change: (parts: string[]) => string[]) => (reference: string) => {
	const [place = '', secret = ''] = reference.split('#');
	const parts = Buffer.from(secret, 'base64url').toString().split('|');
	return `${place}#${Buffer.from(change(parts).join('|')).toString('base64url')}`;
};
const anotherKey = changed(([alg = '', , ...rest]) => [alg, Buffer.alloc(32, 7).toString('base64url'), ...rest]);
const original = changed(([, ...rest]) => ['3', ...rest]);
const elsewhere = (reference: string) => reference.replace(/^https?:\/\/[^/]+/, 'https://relay.example');
const gone = (reference: string) => reference.replace(/\/r\/(...).{17}/, (_, kind) => `/r/${kind}${'0'.repeat(17)}`);

/** What can be loaded, where, what is said of a reference that is none, and how one is made. */
const KINDS: readonly {
	readonly path: string;
	readonly entity: string;
	readonly none: string;
	readonly make: (world: ObjectWorld, more?: object) => Promise<Referenced>;
}[] = [
	{ path: 'Files', entity: 'File', none: 'token / file reference invalid', make: ({ city }) => uploaded(city) },
	{
		path: 'RelationshipTemplates',
		entity: 'RelationshipTemplate',
		none: 'token / relationship template reference invalid',
		make: template
	},
	{ path: 'Tokens', entity: 'Token', none: 'token reference invalid', make: ({ city }, more) => token(city, more) }
];

const NO_REFERENCES: readonly (readonly [string, object])[] = [
	['nothing', {}],
	['null', { reference: null }],
	['a number', { reference: 7 }],
	['nonsense', { reference: 'nonsense' }],
	['what begins well', { reference: `VE9L${'A'.repeat(100)}` }]
];

const common = KINDS.flatMap(({ path, entity, none, make }): ObjectRow[] => [
	...NO_REFERENCES.map(([name, body]) =>
		row(`${path}: ${name}`, invalid(none), 'POST', `/${path}/Peer`, body, 'person')
	),
	row(`${path}: an empty password`, invalid(/^password /), 'POST', `/${path}/Peer`, ({ token: { reference } }) => ({
		reference: reference.url,
		password: ''
	})),
	loaded(path, 'what was never there', refused(entity), async (world) => gone(await url(make(world)))),
	loaded(path, 'what lies at another relay', { code: 'error.runtime.recordNotFound', status: 404 }, async (world) =>
		elsewhere(gone(await url(make(world))))
	),
	loaded(path, 'what the original’s Backbone has', { code: 'error.runtime.invalidReference' }, async (world) =>
		original(await url(make(world)))
	),
	loaded(path, 'with the key of another', { code: 'error.transport.signatureNotValid' }, async (world) =>
		anotherKey(await url(make(world)))
	),
	loaded(path, 'what was deleted', refused(entity), async (world) => {
		const { id, reference } = await make(world);
		await must(world.city.call('DELETE', `/${path}/${id}`), 204);
		return reference.url;
	})
]);

/** Only templates and tokens are for somebody or behind a password; a token may hold a file as well. */
const guarded = KINDS.flatMap(({ path, entity, make }): ObjectRow[] => {
	const isFile = path === 'Files';
	const guard = async (world: ObjectWorld, more: object): Promise<string> => {
		if (!isFile) return url(make(world, more));
		const { id } = await make(world);
		return url(must<Referenced>(world.city.call('POST', `/Files/${id}/Token`, more), 201));
	};
	const there = isFile ? 'Token' : entity;
	return [
		loaded(path, 'for somebody else', { code: 'error.transport.general.notIntendedForYou' }, (world) =>
			guard(world, { forIdentity: world.pauper.address })
		),
		...[
			{ name: 'a password', given: { password: 'Sesame' } },
			{ name: 'a PIN', given: { password: '1234', passwordIsPin: true } }
		].flatMap(({ name, given }) => [
			loaded(path, `behind ${name}, without it`, { code: 'error.transport.noPasswordProvided' }, (world) =>
				guard(world, protection(given))
			),
			loaded(
				path,
				`behind ${name}, with another`,
				refused(there),
				(world) => guard(world, protection(given)),
				'4321'
			)
		])
	];
});

const INVALID_TOKEN = { code: 'error.runtime.invalidTokenContent' } as const;
const OTHER_KIND = { code: 'error.runtime.invalidReference' } as const;
const tokenFor = async (world: ObjectWorld, path: 'Files' | 'RelationshipTemplates/Own', id: string) =>
	url(must<Referenced>(world.city.call('POST', `/${path}/${id}/Token`), 201));
const misplaced = [
	loaded('Files', 'a token that holds something else', INVALID_TOKEN, ({ city }) => url(token(city))),
	loaded('Files', 'a token that holds a template', INVALID_TOKEN, (world) =>
		tokenFor(world, 'RelationshipTemplates/Own', world.template.id)
	),
	loaded('RelationshipTemplates', 'a token that holds something else', INVALID_TOKEN, ({ city }) => url(token(city))),
	loaded('RelationshipTemplates', 'a token that holds a file', INVALID_TOKEN, (world) =>
		tokenFor(world, 'Files', world.file.id)
	),
	loaded('Files', 'a template', OTHER_KIND, async ({ template: { reference } }) => reference.url),
	loaded('RelationshipTemplates', 'a file', OTHER_KIND, async ({ file: { reference } }) => reference.url),
	loaded(
		'Files',
		'a template, in short',
		invalid('token / file reference invalid'),
		async (world) => world.template.reference.truncated
	),
	...[({ file }: ObjectWorld) => file, (world: ObjectWorld) => world.template].map((of, i) =>
		loaded(
			'Tokens',
			i === 0 ? 'a file' : 'a template',
			invalid('token reference invalid'),
			async (world) => of(world).reference.url
		)
	)
];

/** As many wrong passwords as the relay of these tests bears. */
export const WRONG_PASSWORDS = 3;
const exhausted: readonly ObjectRow[] = [
	loaded(
		'RelationshipTemplates',
		'one that was used up',
		{ code: 'error.platform.validation.relationshipTemplate.maxNumberOfAllocationsExhausted', status: 500 },
		async (world) => {
			const { reference } = await template(world, { maxNumberOfAllocations: 1 });
			await must(world.guest.call('POST', '/RelationshipTemplates/Peer', { reference: reference.url }), 201);
			return reference.url;
		}
	),
	loaded(
		'Tokens',
		'one at which too many passwords were tried',
		{ code: 'error.platform.token.tooManyFailedPasswordAttempts', status: 500 },
		async ({ city, guest }) => {
			const { reference } = await token(city, protection({ password: 'Sesame' }));
			for (let tried = 0; tried < WRONG_PASSWORDS; tried++)
				await raw(guest, 'POST', '/Tokens/Peer', {
					body: JSON.stringify({ reference: reference.url, password: `wrong ${tried}` }),
					headers: { 'content-type': 'application/json' }
				});
			return reference.url;
		},
		'Sesame'
	)
];

export const loadingRows: readonly ObjectRow[] = [...common, ...guarded, ...misplaced, ...exhausted];
