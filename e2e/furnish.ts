/** A profile that has been lived in: everything a screen can show, made through the App and the Connector. */
import { createTemplate, expect, inDays, mailTo, pendingFrom, type Device, type Row, type World } from './fixtures.ts';
import { answerInline, expectScreen, expectUpToDate, firstStart } from './screens.ts';

/** What the person and the organisation wrote; none of it may lie anywhere in clear. */
export const WORDS = {
	profile: 'Mirela Brandstetter',
	givenName: 'Mirela-Antonia',
	surname: 'Brandstetter',
	organisation: 'Demo City',
	subject: 'Ihr Ausweis liegt bereit',
	body: 'Bitte bringen Sie das alte Dokument mit.',
	answer: 'Ich komme am Montag.',
	draft: 'Noch eine Frage zum Parkausweis',
	contactName: 'Rathaus Demostadt',
	note: 'Frau Celik am Schalter fragen',
	file: 'Mietvertrag Hafenweg 12.pdf',
	inFile: 'Die Kaution ist hinterlegt.'
} as const;

export interface Furnished {
	/** `/p/<id>` */
	readonly base: string;
	readonly address: string;
	readonly peer: string;
	readonly relationshipId: string;
	readonly mailId: string;
	readonly answeredId: string;
	readonly openId: string;
	readonly attributeId: string;
	readonly fileId: string;
	readonly fileEntryId: string;
	/** The last path part of a link to a template of somebody else. */
	readonly link: string;
}

export async function furnish(device: Device, { city }: World): Promise<Furnished> {
	const { page } = device;
	await firstStart(page, WORDS.profile);
	const base = /\/p\/[a-z0-9]{12}/.exec(page.url())![0];
	const template = await createTemplate(city);
	device.guard.keepSecret(template.reference.url.split('#')[1]!);

	// Pasted as it came: it names the relay as the organisation knows it, not as this device does.
	await page.goto(`${base}/scan`);
	await page.getByTestId('field-reference').fill(template.reference.url);
	await page.getByTestId('btn-open-reference').click();
	await expectScreen(page, 'request');
	await answerInline(page, '1.1', 'GivenName', WORDS.givenName);
	await answerInline(page, '1.2', 'Surname', WORDS.surname);
	await page.getByTestId('item-2-accept').check();
	await page.getByTestId('btn-review').click();
	await page.getByTestId('btn-share').click();
	await expectScreen(page, 'request');
	await expectUpToDate(page);
	const answeredId = page.url().split('/').at(-1)!;

	const { id: relationshipId, peer: address } = await pendingFrom(city, template);
	await city.call('PUT', `/Relationships/${relationshipId}/Accept`);
	const mail = await city.call<Row>('POST', '/Messages', mailTo(address, WORDS.subject, WORDS.body));
	const asked = await city.call<Row>('POST', '/Requests/Outgoing', {
		peer: address,
		content: {
			'@type': 'Request',
			title: 'Resident parking permit',
			expiresAt: inDays(2),
			items: [
				{
					'@type': 'ReadAttributeRequestItem',
					mustBeAccepted: true,
					query: { '@type': 'IdentityAttributeQuery', valueType: 'StreetAddress' }
				},
				{
					'@type': 'ReadAttributeRequestItem',
					mustBeAccepted: false,
					query: { '@type': 'IdentityAttributeQuery', valueType: 'GivenName' }
				},
				{ '@type': 'ConsentRequestItem', mustBeAccepted: false, consent: 'You may send me the bill by mail.' }
			]
		}
	});
	await city.call('POST', '/Messages', { recipients: [address], content: asked.content });

	await page.goto(`${base}/mail/${mail.id}`);
	await expect(page.getByTestId('mail-body')).toContainText(WORDS.body);
	await page.getByTestId('btn-reply').click();
	await page.getByTestId('field-body').fill(WORDS.answer);
	await page.getByTestId('btn-send').click();
	await expectScreen(page, 'mail-detail');
	await page.goto(`${base}/mail/new?to=${relationshipId}`);
	await page.getByTestId('field-subject').fill(WORDS.draft);
	await expect(page.getByTestId('screen-compose').locator('time, [role="status"]').first()).toBeVisible();
	await page.goto(`${base}/contacts/${relationshipId}`);
	await page.getByTestId('field-note').fill(WORDS.note);
	await page.getByTestId('btn-rename').click();
	await page.getByTestId('field-contactName').fill(WORDS.contactName);
	await page.getByTestId('btn-save').click();
	await expect(page.getByRole('heading', { level: 1, name: WORDS.contactName })).toBeVisible();
	await expectUpToDate(page);

	await page.goto(`${base}/data`);
	await page.getByTestId('screen-data').getByText(WORDS.givenName).click();
	await expectScreen(page, 'attribute');
	const attributeId = /ATT[A-Za-z0-9]{17}/.exec(page.url())![0];
	await page.goto(`${base}/data/type/IdentityFileReference`);
	const buffer = Buffer.from(WORDS.inFile);
	const field = page.getByTestId('field-IdentityFileReference');
	await page
		.getByTestId('field-IdentityFileReference-input')
		.setInputFiles({ name: WORDS.file, mimeType: 'application/pdf', buffer });
	await expect(field.getByTestId('file-name')).toHaveText(WORDS.file);
	const fileId = (await field.getByTestId('file').getAttribute('data-file'))!;
	await page.getByTestId('btn-save').click();
	await expectScreen(page, 'attribute');
	const fileEntryId = /ATT[A-Za-z0-9]{17}/.exec(page.url())![0];
	await expectUpToDate(page);

	await page.goto(`${base}/requests`);
	await expect(page.getByTestId(`row-request-${asked.id}`)).toBeVisible();
	const peer = (await city.call<{ address: string }>('GET', '/Account/IdentityInfo')).address;
	const other = await createTemplate(city, { maxNumberOfAllocations: 5 });
	device.guard.keepSecret(other.reference.url.split('#')[1]!);
	return {
		base,
		address,
		peer,
		relationshipId,
		mailId: mail.id,
		answeredId,
		openId: asked.id,
		attributeId,
		fileId,
		fileEntryId,
		link: other.reference.url
	};
}
