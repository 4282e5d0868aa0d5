/**
 * Values that are more than a line: JSON and XML that a person types in, files they choose, are given, take over or find behind a
 * link. The organisation gets exactly what was typed and chosen; what does not work says why and loses nothing.
 */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { until, type Connector } from '../trials/processes.ts';
import { expect, test, type Row } from './fixtures.ts';
import { furnish, WORDS } from './furnish.ts';
import { look } from './looks.ts';
import { expectScreen, expectUpToDate } from './screens.ts';

const CONTRACT = {
	name: 'Mietvertrag Hafenweg 12.pdf',
	mimeType: 'application/pdf',
	buffer: Buffer.from('%PDF-1.7 …')
};
const LETTER = 'Dear Mirela, this is your notice.';
const DEED = 'The deed itself.';

interface FileRow extends Row {
	readonly ownershipToken: string;
	readonly owner: string;
	readonly reference: { readonly url: string; readonly truncated: string };
}

const files = (city: Connector, path: string, init?: RequestInit) =>
	fetch(`${city.url}/api/core/v1/Files${path}`, { ...init, headers: { 'x-api-key': city.key, ...init?.headers } });

async function uploaded(city: Connector, title: string, filename: string, content: string): Promise<FileRow> {
	const body = new FormData();
	body.set('title', title);
	body.set('expiresAt', new Date(Date.now() + 86_400_000).toISOString());
	body.set('file', new Blob([content], { type: 'text/plain' }), filename);
	const answer = await files(city, '/Own', { method: 'POST', body });
	expect(answer.status).toBe(201);
	return ((await answer.json()) as { result: FileRow }).result;
}

const asked = (key: string, title: string, valueType: string) => ({
	'@type': 'ReadAttributeRequestItem',
	mustBeAccepted: true,
	query: {
		'@type': 'RelationshipAttributeQuery',
		key,
		owner: '',
		attributeCreationHints: {
			'@type': 'RelationshipAttributeCreationHints',
			title,
			valueType,
			confidentiality: 'public'
		}
	}
});

/** Presses it and takes what the browser was given to keep. */
async function saved(page: Page, press: () => Promise<void>): Promise<{ name: string; content: string }> {
	const [download] = await Promise.all([page.waitForEvent('download'), press()]);
	return { name: download.suggestedFilename(), content: readFileSync(await download.path(), 'utf8') };
}

test('JSON, XML and files are filled in, given, taken over and opened', async ({ world, device }) => {
	test.setTimeout(300_000);
	const { city } = world;
	const { step } = test;
	const phone = await device({ locale: 'en-GB', viewport: { width: 390, height: 844 } });
	const { page } = phone;
	const { base, address, relationshipId } = await furnish(phone, world);
	const letter = await uploaded(city, 'Notice', 'notice.txt', LETTER);
	const deed = await uploaded(city, 'Deed of Hafenweg 12', 'deed.txt', DEED);
	for (const { reference } of [letter, deed]) {
		phone.guard.keepSecret(reference.url.split('#')[1]!);
		phone.guard.keepSecret(reference.truncated);
	}
	let requestId = '';

	await step('JSON and XML are typed; what is wrong is said in words, at the field, with its line', async () => {
		const sent = await city.call<Row>('POST', '/Requests/Outgoing', {
			peer: address,
			content: {
				'@type': 'Request',
				title: 'Your lease',
				items: [
					asked('order', 'Meter readings', 'ProprietaryJSON'),
					asked('form', 'Form 12', 'ProprietaryXML'),
					asked('lease', 'Signed lease', 'ProprietaryFileReference'),
					{
						'@type': 'CreateAttributeRequestItem',
						mustBeAccepted: true,
						attribute: {
							'@type': 'RelationshipAttribute',
							owner: letter.owner,
							key: 'notice',
							confidentiality: 'public',
							value: {
								'@type': 'ProprietaryFileReference',
								title: 'Notice',
								value: letter.reference.truncated
							}
						}
					},
					{
						'@type': 'TransferFileOwnershipRequestItem',
						mustBeAccepted: true,
						fileReference: deed.reference.truncated,
						ownershipToken: deed.ownershipToken
					}
				]
			}
		});
		requestId = sent.id;
		await city.call('POST', '/Messages', { recipients: [address], content: sent.content });
		await page.goto(`${base}/requests`);
		await page.getByTestId(`row-request-${requestId}`).click();
		await expectScreen(page, 'request');

		await page.getByTestId('item-1-add').click();
		const json = page.getByTestId('field-ProprietaryJSON');
		await json.fill('{\n  "cold": 41.5\n  "warm": 12\n}');
		await page.getByTestId('item-1-save').click();
		await expect(json).toBeFocused();
		await expect(json).toHaveAttribute('aria-invalid', 'true');
		await expect(page.getByTestId('item-1')).toContainText('Line 3: A comma or a closing bracket is missing here.');
		await look(page, 'value-json-wrong');
		await json.fill('{\n  "cold": 41.5,\n  "warm": 12\n}');
		await page.getByTestId('item-1-save').click();
		await expect(page.getByTestId('item-1').getByTestId('value-code')).toContainText('"warm": 12');

		await page.getByTestId('item-2-add').click();
		await page.getByTestId('field-ProprietaryXML-value').fill('<form>\n  <tenant>Mirela</form>');
		await page.getByTestId('item-2-save').click();
		await expect(page.getByTestId('item-2')).toContainText('Line 2: </form> closes what is not open here.');
		await page.getByTestId('field-ProprietaryXML-value').fill('<form>\n  <tenant>Mirela</tenant>\n</form>');
		await page.getByTestId('item-2-save').click();
		await expect(page.getByTestId('item-2-accept')).toBeChecked();
	});

	await step('a file that is too large, or sent without a connection, says so and is not lost', async () => {
		await page.getByTestId('item-3-add').click();
		const field = page.getByTestId('field-ProprietaryFileReference');
		const input = page.getByTestId('field-ProprietaryFileReference-input');
		await page.getByTestId('item-3-save').click();
		await expect(field).toContainText('File is missing.');
		await input.setInputFiles({ ...CONTRACT, buffer: Buffer.alloc(11 * 1024 * 1024) });
		await expect(field.getByRole('alert')).toContainText('11.5 MB. Up to 10 MB fit');
		await phone.cut();
		await input.setInputFiles(CONTRACT);
		await expect(field.getByRole('alert')).toContainText('No connection to the relay. Nothing is lost.');
		await look(page, 'value-file-offline');
		await phone.restore();
		await expectUpToDate(page);
	});

	await step('a file is chosen, sealed and taken to the relay; its name and size are shown', async () => {
		await page.getByTestId('field-ProprietaryFileReference-input').setInputFiles(CONTRACT);
		await expect(page.getByTestId('item-3').getByTestId('file-name')).toHaveText(CONTRACT.name);
		await expect(page.getByTestId('item-3').getByTestId('file-about')).toHaveText('PDF · 12 bytes');
		await look(page, 'value-file-chosen');
		await page.getByTestId('item-3-save').click();
		await expect(page.getByTestId('item-3-accept')).toBeChecked();
	});

	await step('a file that is offered is looked at when asked for, and saved as it was sent', async () => {
		const offered = page.getByTestId('item-4').getByTestId('file');
		await expect(offered).toContainText('has not looked at yet');
		await offered.getByTestId('btn-look').click();
		await expect(offered.getByTestId('file-name')).toHaveText('Notice');
		const copy = await saved(page, () => offered.getByTestId('btn-save-file').click());
		expect(copy).toEqual({ name: 'notice.txt', content: LETTER });
		await expect(page.getByTestId('item-4-accept')).toBeChecked();
		await expect(page.getByTestId('item-5').getByTestId('file-name')).toHaveText('Deed of Hafenweg 12');
		await expect(page.getByTestId('item-5-accept')).not.toBeChecked();
		await page.getByTestId('item-5-accept').check();
		await look(page, 'value-request-filled');
	});

	await step(
		'the organisation gets what was typed and chosen, and nothing else; the deed is the person’s',
		async () => {
			await page.getByTestId('btn-review').click();
			await expect(page.getByTestId('list-leaving')).toContainText(CONTRACT.name);
			await expect(page.getByTestId('list-leaving')).toContainText('"cold": 41.5');
			await expect(page.getByTestId('screen-review')).toContainText(
				'This file becomes yours: Deed of Hafenweg 12'
			);
			await look(page, 'value-review');
			await page.getByTestId('btn-share').click();
			await expect(page.getByTestId('request-state')).toBeVisible();
			await expectUpToDate(page);
			await look(page, 'value-answered');

			type Answered = Row & {
				readonly response?: {
					readonly content: { readonly items: readonly { attribute?: { value: { value: unknown } } }[] };
				};
			};
			const { response } = await until(
				'the answer',
				async () => {
					await city.call('POST', '/Account/Sync');
					return city.call<Answered>('GET', `/Requests/Outgoing/${requestId}`);
				},
				({ status }) => status === 'Completed'
			);
			const [readings, form, lease] = response!.content.items.map((item) => item.attribute?.value.value);
			expect(readings).toEqual({ cold: 41.5, warm: 12 });
			expect(form).toBe('<form>\n  <tenant>Mirela</tenant>\n</form>');
			const theirs = await city.call<FileRow>('POST', '/Files/Peer', { reference: lease });
			const bytes = await files(city, `/${theirs.id}/Download`);
			expect(Buffer.from(await bytes.arrayBuffer())).toEqual(CONTRACT.buffer);

			await page.goto(`${base}/data`);
			await page.getByTestId('list-data-more').getByText('Deed of Hafenweg 12').click();
			await expectScreen(page, 'attribute');
			await look(page, 'value-entry-file');
			const copy = await saved(page, () => page.getByTestId('btn-save-file').click());
			expect(copy.content).toBe(DEED);
		}
	);

	await step('an entry somebody holds can be deleted: who holds it is told, and keeps what they have', async () => {
		await page.goto(`${base}/data`);
		await page.getByTestId('list-data-person').getByText(WORDS.surname).click();
		await page.getByTestId('btn-delete').click();
		await expect(page.getByTestId('dialog-confirm')).toContainText('1 contact has this entry and is told');
		await look(page, 'value-delete-held');
		await page.getByTestId('btn-confirm').click();
		await expectScreen(page, 'data');
		await expect(page.getByTestId('list-data-person')).not.toContainText(WORDS.surname);
		await expectUpToDate(page);
		type Held = Row & { readonly deletionInfo?: { readonly deletionStatus: string } };
		await until(
			'the deletion at the organisation',
			async () => {
				await city.call('POST', '/Account/Sync');
				return city.call<Held[]>('GET', `/Attributes?content.owner=${address}&content.value.@type=Surname`);
			},
			([held]) => held?.deletionInfo?.deletionStatus === 'DeletedByEmitter'
		);
	});

	await step('what two have between them is shown in a line, and in full behind it', async () => {
		await page.goto(`${base}/contacts/${relationshipId}/data`);
		const between = page.getByTestId('list-between');
		await expect(between).toContainText(CONTRACT.name);
		await look(page, 'value-contact-data');
		await between.getByText('Notice').first().click();
		await expectScreen(page, 'file');
		await page.goBack();
		await between.getByText('Meter readings').click();
		await expectScreen(page, 'attribute');
		await expect(page.getByTestId('value-code')).toContainText('"cold": 41.5');
		await look(page, 'value-entry-json');
	});

	await step('a link to a file opens it: what it is, whose, and the way to have it', async () => {
		const flyer = await uploaded(city, 'Opening hours', 'hours.txt', 'Always.');
		phone.guard.keepSecret(flyer.reference.url.split('#')[1]!);
		await page.goto(`${base}/scan`);
		await page.getByTestId('field-reference').fill(flyer.reference.url);
		await page.getByTestId('btn-open-reference').click();
		await expectScreen(page, 'file');
		await expect(page.getByRole('heading', { level: 1 })).toHaveText('Opening hours');
		await expect(page.getByTestId('screen-file')).toContainText('hours.txt');
		await look(page, 'file');
		const copy = await saved(page, () => page.getByTestId('btn-save-file').click());
		expect(copy).toEqual({ name: 'hours.txt', content: 'Always.' });

		await page.goto(`${base}/data/type/IdentityFileReference`);
		await page.getByTestId('field-IdentityFileReference-paste').click();
		const link = page.getByTestId('field-IdentityFileReference-link');
		await link.fill('https://example.org/nothing');
		await link.press('Enter');
		await expect(page.getByTestId('field-IdentityFileReference')).toContainText('neither the link nor the code');
		await look(page, 'value-file-paste');
		await link.fill(flyer.reference.url);
		await link.press('Enter');
		await expect(page.getByTestId('file-name')).toHaveText('Opening hours');
		await page.getByTestId('btn-save').click();
		await expectScreen(page, 'attribute');
		await expect(page.getByTestId('attribute-value')).toContainText('Opening hours');
	});
});
