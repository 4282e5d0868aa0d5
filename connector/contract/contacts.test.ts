/** Messages and requests between contacts: two Connectors, known by their REST APIs only. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
	addressOf,
	arrived,
	connect,
	consent,
	identityAttribute,
	must,
	read,
	sync,
	until,
	type Party,
	type Shape
} from '../testing/party.ts';
import { twoConnectors } from '../testing/world.ts';

describe('messages and requests between contacts', () => {
	let city: Party;
	let person: Party;
	let cityAddress = '';
	let personAddress = '';
	beforeAll(async () => {
		({ city, person } = await twoConnectors());
		[cityAddress, personAddress] = [await addressOf(city), await addressOf(person)];
		await connect(city, person, [consent('ok')], [{ accept: true }]);
	});
	const mail = (to: string, subject: string) => ({
		'@type': 'Mail',
		to: [to],
		subject: subject,
		body: 'Hello',
		bodyFormat: 'PlainText'
	});

	test('a mail is there for both, as both know it', async () => {
		const sent = await must(
			city.call('POST', '/Messages', { recipients: [personAddress], content: mail(personAddress, 'First') }),
			201
		);
		expect(sent).toMatchObject({
			isOwn: true,
			content: { cc: [], subject: 'First' },
			recipients: [{ address: personAddress }],
			attachments: []
		});
		const [received] = await arrived(person, '/Messages?content.subject=First');
		expect(received).toMatchObject({ id: sent.id, isOwn: false, createdBy: cityAddress, content: sent['content'] });
		expect(await must(person.call('GET', `/Messages/${sent.id}`))).toEqual(received);
		expect(
			await must<Shape[]>(person.call('GET', `/Messages?participant=${cityAddress}&isOwn=!true`))
		).toHaveLength(1);
		expect(await must<Shape[]>(person.call('GET', '/Messages?isOwn=true'))).toHaveLength(0);
	});

	test.each<[string, (address: string) => object, number, string]>([
		[
			'to a stranger',
			() => ({
				recipients: ['did:e:localhost:dids:00000000000000000000ff'],
				content: mail('did:e:localhost:dids:00000000000000000000ff', 'x')
			}),
			400,
			'error.runtime.messages.hasNoActiveRelationship'
		],
		[
			'a mail to others than its recipients',
			(to) => ({ recipients: [to], content: mail('did:e:localhost:dids:00000000000000000000ff', 'x') }),
			400,
			'error.runtime.validation.invalidPropertyValue'
		],
		[
			'an unknown type',
			(to) => ({ recipients: [to], content: { '@type': 'Nothing' } }),
			400,
			'error.runtime.unknownType'
		],
		[
			'a mail without to',
			(to) => ({ recipients: [to], content: { '@type': 'Mail', subject: 's', body: 'b' } }),
			400,
			'error.runtime.requestDeserialization'
		],
		[
			'an attachment nobody knows',
			(to) => ({ recipients: [to], content: mail(to, 'x'), attachments: ['FIL00000000000000001'] }),
			404,
			'error.runtime.recordNotFound'
		],
		[
			'a request nobody made',
			(to) => ({
				recipients: [to],
				content: { '@type': 'Request', id: 'REQ00000000000000001', items: [consent('x')] }
			}),
			404,
			'error.runtime.recordNotFound'
		]
	])('a message is refused: %s', async (_, message, status, code) => {
		const before = await must<Shape[]>(city.call('GET', '/Messages'));
		const { status: got, error } = await city.call('POST', '/Messages', message(personAddress));
		expect([got, error?.code]).toEqual([status, code]);
		expect(await must<Shape[]>(city.call('GET', '/Messages'))).toEqual(before);
	});

	test('a request travels in a message and its answer comes back in one', async () => {
		const draft = await must<Shape & { content: object }>(
			city.call('POST', '/Requests/Outgoing', {
				peer: personAddress,
				content: { items: [read('Surname'), consent('yes?', false)] }
			}),
			201
		);
		expect(draft).toMatchObject({ isOwn: true, status: 'Draft', content: { id: draft.id } });
		const sent = await must(
			city.call('POST', '/Messages', { recipients: [personAddress], content: draft.content }),
			201
		);
		expect(await must(city.call('GET', `/Requests/Outgoing/${draft.id}`))).toMatchObject({
			status: 'Open',
			source: { type: 'Message', reference: sent.id }
		});
		const twice = await city.call('POST', '/Messages', { recipients: [personAddress], content: draft.content });
		expect([twice.status, twice.error?.code]).toEqual([
			400,
			'error.runtime.messages.cannotSendRequestThatWasAlreadySent'
		]);

		expect(await arrived(person, `/Requests/Incoming?id=${draft.id}`)).toMatchObject([
			{ status: 'ManualDecisionRequired', source: { type: 'Message', reference: sent.id } }
		]);
		const answer = {
			items: [
				{ accept: true, newAttribute: identityAttribute('Surname', 'Lovelace') },
				{ accept: false, code: 'mine', message: 'no' }
			]
		};
		expect(await must(person.call('PUT', `/Requests/Incoming/${draft.id}/Accept`, answer))).toMatchObject({
			status: 'Decided'
		});
		const completed = await until(
			() =>
				must<Shape & { response: { source: { reference: string } } }>(
					person.call('GET', `/Requests/Incoming/${draft.id}`)
				),
			({ status }) => status === 'Completed',
			'Completed'
		);

		expect(await must(city.call('GET', `/Requests/Outgoing/${draft.id}`))).toMatchObject({ status: 'Open' });
		await sync(city);
		expect(await must(city.call('GET', `/Requests/Outgoing/${draft.id}`))).toMatchObject({
			status: 'Completed',
			response: {
				source: { type: 'Message', reference: completed.response.source.reference },
				content: {
					result: 'Accepted',
					items: [
						{ '@type': 'ReadAttributeAcceptResponseItem' },
						{ result: 'Rejected', code: 'mine', message: 'no' }
					]
				}
			}
		});
		const surname = await must<Shape[]>(
			city.call('GET', `/Attributes/Peer/${personAddress}?content.value.@type=Surname`)
		);
		expect(surname).toMatchObject([{ sourceReference: draft.id, content: { value: { value: 'Lovelace' } } }]);
		expect(await must<Shape[]>(city.call('GET', '/Messages?content.@type=ResponseWrapper'))).toHaveLength(1);
	});

	test('a rejected request comes back rejected', async () => {
		const draft = await must<Shape & { content: object }>(
			city.call('POST', '/Requests/Outgoing', { peer: personAddress, content: { items: [consent('again?')] } }),
			201
		);
		await must(city.call('POST', '/Messages', { recipients: [personAddress], content: draft.content }), 201);
		await arrived(person, `/Requests/Incoming?id=${draft.id}`);
		expect(
			await must(person.call('PUT', `/Requests/Incoming/${draft.id}/CanReject`, { items: [{ accept: false }] }))
		).toMatchObject({ isSuccess: true });
		expect(
			await must(person.call('PUT', `/Requests/Incoming/${draft.id}/Reject`, { items: [{ accept: false }] }))
		).toMatchObject({ status: 'Decided' });
		await until(
			() => must(person.call('GET', `/Requests/Incoming/${draft.id}`)),
			({ status }) => status === 'Completed',
			'Completed'
		);
		await sync(city);
		expect(await must(city.call('GET', `/Requests/Outgoing/${draft.id}`))).toMatchObject({
			status: 'Completed',
			response: { content: { result: 'Rejected' } }
		});
	});

	test('a request is judged without being made', async () => {
		const validate = (body: object) => must(city.call('POST', '/Requests/Outgoing/Validate', body), 201);
		expect(await validate({ content: { items: [consent('x')] }, peer: personAddress })).toMatchObject({
			isSuccess: true,
			items: [{ isSuccess: true }]
		});
		expect(await validate({ content: { items: [consent('x')] } })).toMatchObject({ isSuccess: true });
		expect(await validate({ content: { items: [consent('x')] }, peer: cityAddress })).toMatchObject({
			isSuccess: false,
			code: 'error.consumption.requests.cannotShareRequestWithYourself'
		});
		expect(
			await validate({
				content: { items: [consent('x')], expiresAt: '2020-01-01T00:00:00.000Z' },
				peer: personAddress
			})
		).toMatchObject({
			isSuccess: false,
			code: 'error.consumption.requests.cannotCreateRequestWithExpirationDateInPast'
		});
		const stranger = 'did:e:localhost:dids:00000000000000000000ff';
		expect(await validate({ content: { items: [consent('x')] }, peer: stranger })).toMatchObject({
			isSuccess: false,
			code: 'error.consumption.requests.missingRelationship'
		});
		for (const [content, status, code] of [
			[{ items: [] }, 400, 'error.runtime.requestDeserialization'],
			[{ items: [{ '@type': 'Nothing' }] }, 400, 'error.runtime.requestDeserialization'],
			[
				{
					items: [
						{
							'@type': 'TransferFileOwnershipRequestItem',
							mustBeAccepted: true,
							fileReference: 'r',
							ownershipToken: 't'
						}
					]
				},
				400,
				'error.consumption.requests.validation.inheritedFromItem'
			]
		] as const) {
			const refused = await city.call('POST', '/Requests/Outgoing', { content, peer: personAddress });
			expect([refused.status, refused.error?.code]).toEqual([status, code]);
		}
	});
});
