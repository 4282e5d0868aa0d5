/** Refusals of messages, the operator's texts and challenges, as real Connectors answer them. */
import { afterAll, beforeAll, describe } from 'vitest';
import { arrived, connect, consent, must, sync, type Shape } from '../testing/party.ts';
import { endAll, startRelay } from '../testing/processes.ts';
import { messageRows, type MessageWorld } from './testing/messages.ts';
import { refusals } from './testing/rows.ts';
import { asked, later, mail, member, uploaded } from './testing/town.ts';

const HOUR = 3_600_000;
let world: MessageWorld;
beforeAll(async () => {
	const relay = await startRelay();
	const [early, person, office] = await Promise.all([member(relay.url), member(relay.url), member(relay.url)]);
	await connect(early, person, [consent('ok')], [{ accept: true }]);
	const { relationshipId: endedId } = await connect(early, office, [consent('ok')], [{ accept: true }]);
	await must(early.call('PUT', `/Relationships/${endedId}/Terminate`));
	await sync(office);
	const pendingId = await asked(person, office, [consent('ok')], [{ accept: true }]);

	const drafted = async (more: object = {}) => {
		const content = { items: [consent('?')], ...more };
		return must<Shape & { content: object }>(
			early.call('POST', '/Requests/Outgoing', { content, peer: person.address }),
			201
		);
	};
	const send = (content: object, attachments: readonly string[] = []) =>
		must(early.call('POST', '/Messages', { recipients: [person.address], content, attachments }), 201);
	const [draft, sent, expired, attached, other] = [
		await drafted(),
		await drafted(),
		await drafted({ expiresAt: new Date(Date.now() + HOUR).toISOString() }),
		await uploaded(early),
		await uploaded(early)
	];
	await send(sent.content);
	const message = await send(mail([person.address]), [attached.id]);
	await arrived(person, `/Messages?id=${message.id}`);
	early.child.kill('SIGTERM');
	await early.ended;
	const city = await member(relay.url, later(2 * HOUR), early.folder);
	world = {
		city,
		person,
		office,
		pendingId,
		endedId,
		message: message.id,
		other: other.id,
		draft: draft.content,
		sent: sent.content,
		expired: expired.content
	};
}, 60_000);
afterAll(endAll);

describe('refused of messages', () => {
	refusals(
		messageRows,
		() => world,
		({ city, person, office }) => [city, person, office]
	);
});
