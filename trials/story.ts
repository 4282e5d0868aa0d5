/**
 * The whole story once, without a browser: an organisation behind a Connector process, a person with two devices (engines in this
 * process), a relay process between them. Every place where a human's word can stand is filled by `word(place)`, so that a trial
 * may look for those words afterwards.
 *
 *   template ▶ preview ▶ profile ▶ accept with new values ▶ sync, accept ▶ mail ▶ answer ▶ second device ▶ offline edits ▶ agree
 *   then what else carries words: request by message, refusal, custom content, token, succession, drafts, notes, end and return
 */
import { isDeepStrictEqual } from 'node:util';
import { relayLine } from '../connector/relay-line.ts';
import {
	createIdentity,
	joinIdentity,
	previewReference,
	type Engine,
	type EnginePorts,
	type JsonObject,
	type LinkSession,
	type LinkStep,
	type Result
} from '../crdt/index.ts';
import { createMemoryStore } from '../crdt/sim/memory-store.ts';
import { systemClock, systemRandom } from './in-process.ts';
import { until, type Connector } from './processes.ts';

export function must<T>(result: Result<T>): T {
	if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
	return result.value;
}

/** What a device runs on; every device has a store of its own. */
export const devicePorts = (relayUrl: string): EnginePorts => ({
	clock: systemClock,
	random: systemRandom,
	store: createMemoryStore(),
	relay: relayLine({ baseUrl: relayUrl, timeoutMs: 20_000 })
});

export const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

export const readItem = (valueType: string, mustBeAccepted: boolean, more: JsonObject = {}): JsonObject => ({
	'@type': 'ReadAttributeRequestItem',
	mustBeAccepted,
	query: { '@type': 'IdentityAttributeQuery', valueType },
	...more
});

/** What the organisation asks: two names, if liked an e-mail address, and consent. */
export const storyTemplate = (word: (place: string) => string): JsonObject => ({
	'@type': 'RelationshipTemplateContent',
	title: word('template title'),
	metadata: { note: word('template metadata') },
	onNewRelationship: {
		'@type': 'Request',
		title: word('request title'),
		description: word('request description'),
		metadata: { note: word('request metadata') },
		items: [
			{
				'@type': 'RequestItemGroup',
				title: word('group title'),
				description: word('group description'),
				items: [
					readItem('GivenName', true, { description: word('item description') }),
					readItem('Surname', true),
					readItem('EMailAddress', false)
				]
			},
			{ '@type': 'ConsentRequestItem', mustBeAccepted: true, consent: word('consent text') }
		]
	}
});

const mail = (to: string, subject: string, body: string): JsonObject => ({
	'@type': 'Mail',
	to: [to],
	cc: [],
	subject,
	body,
	bodyFormat: 'PlainText'
});
const newValue = (type: string, value: string, owner: string) => ({
	accept: true,
	newAttribute: { '@type': 'IdentityAttribute', owner, value: { '@type': type, value } }
});

interface Row {
	readonly id: string;
	readonly status?: string;
	readonly content: JsonObject;
	readonly reference: { readonly url: string; readonly truncated: string };
}

export interface Told {
	/** Words nobody but the two may read although no human wrote them: keys in links and codes. */
	readonly secrets: readonly string[];
	readonly phone: Engine;
	readonly laptop: Engine;
	readonly relationshipId: string;
}

/** Words of restricted alphabets. */
export interface Words {
	text(place: string): string;
	mailAddress(place: string): string;
	phoneNumber(place: string): string;
}

export async function tellStory(relayUrl: string, city: Connector, words: Words): Promise<Told> {
	const { text } = words;
	const secrets: string[] = [];
	const list = (path: string) => city.call<Row[]>('GET', path);
	const sync = () => city.call('POST', '/Account/Sync');

	// The organisation says who it is and asks.
	await city.call('POST', '/Attributes', {
		content: { value: { '@type': 'DisplayName', value: text('organisation name') }, tags: [`x:${text('tag')}`] }
	});
	const template = await city.call<Row>('POST', '/RelationshipTemplates/Own', {
		content: storyTemplate(text),
		expiresAt: inDays(3)
	});
	secrets.push(keyOf(template.reference.url));

	// The person looks before there is a profile, then makes one, adds what is missing and shares.
	const phonePorts = devicePorts(relayUrl);
	must(await previewReference(phonePorts.relay, template.reference.url, { random: systemRandom }));
	const phone = must(
		await createIdentity(phonePorts, {
			addressHost: 'localhost',
			deviceName: text('first device').slice(0, 20),
			profileName: text('profile name')
		})
	);
	const me = phone.account.identityInfo().address;
	must(
		await phone.attributes.create({
			value: { '@type': 'DisplayName', value: text('display name') },
			tags: [`x:${text('own tag')}`]
		})
	);
	must(await phone.templates.load(template.reference.url));
	const [asked] = phone.requests.incoming();
	const answer = {
		items: [
			{
				items: [
					newValue('GivenName', text('given name'), me),
					newValue('Surname', text('surname'), me),
					newValue('EMailAddress', words.mailAddress('e-mail'), me)
				]
			},
			{ accept: true }
		]
	};
	must(await phone.requests.accept(asked!.id, answer));
	must(await phone.account.sync());

	// The organisation fetches, accepts, writes; the person answers.
	await sync();
	const pending = await list('/Relationships?status=Pending');
	const relationshipId = pending[0]!.id;
	await city.call('PUT', `/Relationships/${relationshipId}/Accept`);
	await city.call('POST', '/Messages', {
		recipients: [me],
		content: mail(me, text('mail subject'), text('mail body'))
	});
	await until(
		'the mail at the person',
		async () => (must(await phone.account.sync()), phone.messages.list()),
		(rows) => rows.length === 1
	);
	const org = phone.relationships.get(relationshipId)!.peer;
	must(
		await phone.messages.send({
			recipients: [org],
			content: mail(org, text('answer subject'), text('answer body'))
		})
	);
	must(await phone.account.sync());
	await until(
		'the answer at the organisation',
		async () => (await sync(), list('/Messages')),
		(rows) => rows.length === 2
	);

	// A second device; both go on alone, then agree.
	const { laptop, link } = await linkSecond(phone, relayUrl, text('second device').slice(0, 20));
	secrets.push(keyOf(link));
	must(await phone.documents.write('rel', `${relationshipId}/name`, text('contact name')));
	must(await laptop.documents.write('rel', `${relationshipId}/note`, text('contact note')));
	must(await phone.documents.write('drafts', 'new/body', text('mail draft')));
	must(await laptop.documents.write('core', 'settings/hint', text('setting')));
	const given = phone.attributes.ownIdentity().find(({ content }) => typeOf(content) === 'GivenName')!;
	must(
		await phone.attributes.succeed(given.id, {
			value: { '@type': 'GivenName', value: text('given name of the phone') }
		})
	);
	must(
		await laptop.attributes.succeed(given.id, {
			value: { '@type': 'GivenName', value: text('given name of the laptop') }
		})
	);
	must(
		await laptop.attributes.create({ value: { '@type': 'PhoneNumber', value: words.phoneNumber('phone number') } })
	);
	await agree(phone, laptop);

	// What else carries words.
	await city.call('POST', '/Messages', {
		recipients: [me],
		content: { '@type': 'ArbitraryMessageContent', value: { note: text('custom message') } }
	});
	const asking = {
		'@type': 'Request',
		title: text('second request title'),
		items: [
			{
				'@type': 'CreateAttributeRequestItem',
				mustBeAccepted: true,
				attribute: {
					'@type': 'IdentityAttribute',
					owner: me,
					value: { '@type': 'DisplayName', value: text('given display name') }
				}
			}
		]
	};
	const draft = await city.call<Row>('POST', '/Requests/Outgoing', { content: asking, peer: me });
	await city.call('POST', '/Messages', { recipients: [me], content: draft.content });
	await until(
		'the second request',
		async () => (must(await laptop.account.sync()), laptop.requests.get(draft.id, 'incoming')),
		Boolean
	);
	must(await laptop.requests.reject(draft.id, { items: [{ accept: false, message: text('refusal') }] }));
	must(await laptop.account.sync());
	await until(
		'the refusal',
		async () => (await sync(), list('/Requests/Outgoing')),
		(rows) => rows.some(({ id, status }) => id === draft.id && status === 'Completed')
	);
	const token = await city.call<Row>('POST', '/Tokens/Own', {
		content: { note: text('token content') },
		expiresAt: inDays(1)
	});
	secrets.push(keyOf(token.reference.url));
	must(await phone.tokens.load(token.reference.url));
	await city.call('PUT', `/Relationships/${relationshipId}/Terminate`);
	must(await phone.account.sync());
	must(await phone.relationships.act(relationshipId, 'reactivate'));
	await sync();
	await city.call('PUT', `/Relationships/${relationshipId}/Reactivate/Accept`);
	await agree(phone, laptop);
	return { secrets, phone, laptop, relationshipId };
}

/** The secret part of a link or code. */
const keyOf = (link: string): string => link.slice(link.indexOf('#') + 1);
const typeOf = (content: JsonObject): unknown => (content['value'] as JsonObject)['@type'];

async function linkSecond(
	phone: Engine,
	relayUrl: string,
	deviceName: string
): Promise<{ laptop: Engine; link: string }> {
	const joining = joinIdentity(devicePorts(relayUrl), { deviceName });
	const newSide = must(await joining.session);
	const { link } = await step(newSide, 'waiting');
	const oldSide = must(await phone.devices.admit(link));
	const [old, fresh] = await Promise.all([step(oldSide, 'compare'), step(newSide, 'compare')]);
	if (old.code !== fresh.code) throw new Error('the six digits differ');
	oldSide.confirm();
	newSide.confirm();
	return { laptop: must(await joining.engine), link };
}

async function step<S extends LinkStep['step']>(
	session: LinkSession,
	wanted: S
): Promise<Extract<LinkStep, { step: S }>> {
	for await (const told of session.steps) {
		if (told.step === wanted) return told as Extract<LinkStep, { step: S }>;
		if (told.step === 'failed') throw new Error(`linking failed: ${told.reason}`);
	}
	throw new Error(`linking ended before ${wanted}`);
}

const seen = (engine: Engine) => [
	engine.attributes.list(),
	engine.relationships.list(),
	engine.messages.list(),
	...['core', 'rel', 'drafts'].map((shard) => engine.documents.fields(shard))
];

async function agree(a: Engine, b: Engine): Promise<void> {
	await until(
		'both devices agree',
		async () => {
			for (const engine of [a, b, a]) must(await engine.account.sync());
			return isDeepStrictEqual(seen(a), seen(b)) && a.account.status().waiting + b.account.status().waiting === 0;
		},
		Boolean
	);
}
