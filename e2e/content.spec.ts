/**
 * Everything an organisation can ask, and what a person sees of it: a code with a PIN, one request with every kind of item, the
 * promise to delete, and what the two have between them afterwards. Pictures of each in both themes (screenshots/content/).
 */
import { until } from '../trials/processes.ts';
import { createTemplate, expect, pendingFrom, test, type Row } from './fixtures.ts';
import { look } from './looks.ts';
import { answerInline, expectScreen, expectUpToDate, firstStart } from './screens.ts';

const ask = (title: string, settings: object) => ({
	'@type': 'FormFieldRequestItem',
	mustBeAccepted: true,
	title,
	settings
});
const permit = (value: number) => ({ '@type': 'ProprietaryInteger', title: 'Permit number', value });

/** Every kind of item, in the order the test names them by. */
const everything = (shared: Row) => [
	{
		'@type': 'ReadAttributeRequestItem',
		mustBeAccepted: true,
		query: {
			'@type': 'RelationshipAttributeQuery',
			key: 'customer',
			owner: '',
			attributeCreationHints: {
				'@type': 'RelationshipAttributeCreationHints',
				title: 'Customer number',
				valueType: 'ProprietaryString',
				confidentiality: 'public'
			}
		}
	},
	{
		'@type': 'ReadAttributeRequestItem',
		mustBeAccepted: true,
		query: { '@type': 'IQLQuery', queryString: 'GivenName || Surname' }
	},
	{
		'@type': 'ReadAttributeRequestItem',
		mustBeAccepted: false,
		query: { '@type': 'ThirdPartyRelationshipAttributeQuery', key: 'x', owner: '', thirdParty: [''] }
	},
	{
		'@type': 'CreateAttributeRequestItem',
		mustBeAccepted: true,
		attribute: {
			'@type': 'RelationshipAttribute',
			owner: shared.content['owner'],
			key: 'permit',
			confidentiality: 'public',
			value: permit(4711)
		}
	},
	{ '@type': 'ShareAttributeRequestItem', mustBeAccepted: true, attributeId: shared.id, attribute: shared.content },
	{
		'@type': 'ProposeAttributeRequestItem',
		mustBeAccepted: true,
		query: { '@type': 'IdentityAttributeQuery', valueType: 'Pseudonym' },
		attribute: { '@type': 'IdentityAttribute', owner: '', value: { '@type': 'Pseudonym', value: 'Citizen 12' } }
	},
	{ '@type': 'AuthenticationRequestItem', mustBeAccepted: true, title: 'Sign in at the counter' },
	ask('What is it about?', { '@type': 'StringFormFieldSettings', allowNewlines: true, min: 5 }),
	ask('How many people live with you?', { '@type': 'IntegerFormFieldSettings', min: 1, max: 20 }),
	ask('How large is your flat?', { '@type': 'DoubleFormFieldSettings', unit: 'm²' }),
	ask('Do you have a garden?', { '@type': 'BooleanFormFieldSettings' }),
	ask('When do you move in?', { '@type': 'DateFormFieldSettings' }),
	ask('How was the service?', { '@type': 'RatingFormFieldSettings', maxRating: 5 }),
	ask('Which office?', { '@type': 'SelectionFormFieldSettings', options: ['North', 'South'] }),
	ask('Which days suit you?', {
		'@type': 'SelectionFormFieldSettings',
		options: ['Monday', 'Tuesday', 'Friday'],
		allowMultipleSelection: true
	}),
	{ '@type': 'ConsentRequestItem', mustBeAccepted: true, consent: 'You may send me the bill by mail.' },
	{
		'@type': 'ShareCredentialOfferRequestItem',
		mustBeAccepted: false,
		credentialOfferUrl: 'openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fexample.org%2F1'
	}
];

test('everything an organisation can ask is shown, answered and kept', async ({ world: { city }, device }) => {
	test.setTimeout(300_000);
	const { step } = test;
	const phone = await device({ locale: 'en-GB', viewport: { width: 390, height: 844 } });
	const { page } = phone;
	await firstStart(page, 'Mirela');
	const base = /\/p\/[a-z0-9]{12}/.exec(page.url())![0];
	let address = '';
	let relationshipId = '';
	let shared!: Row;

	const request = async (title: string, items: readonly object[]): Promise<Row> => {
		const asked = await city.call<Row>('POST', '/Requests/Outgoing', {
			peer: address,
			content: { '@type': 'Request', title, items }
		});
		await city.call('POST', '/Messages', { recipients: [address], content: asked.content });
		await page.goto(`${base}/requests`);
		await page.getByTestId(`row-request-${asked.id}`).click();
		await expectScreen(page, 'request');
		return asked;
	};
	const answered = async (id: string) => {
		type Answered = Row & {
			readonly response?: { readonly content: { result: string; items: readonly object[] } };
		};
		const row = await until(
			'the answer',
			async () => {
				await city.call('POST', '/Account/Sync');
				return city.call<Answered>('GET', `/Requests/Outgoing/${id}`);
			},
			({ status }) => status === 'Completed'
		);
		return row.response!.content;
	};
	const share = async () => {
		await page.getByTestId('btn-review').click();
		await page.getByTestId('btn-share').click();
		await expect(page.getByTestId('request-state')).toBeVisible();
		await expectUpToDate(page);
	};

	await step(
		'a code with a PIN asks for it, says calmly that one is wrong, and opens with the right one',
		async () => {
			const template = await createTemplate(city, {
				passwordProtection: { password: '4711', passwordIsPin: true, passwordLocationIndicator: 'Letter' }
			});
			phone.guard.keepSecret(template.reference.url.split('#')[1]!);
			await page.goto(`${base}/scan`);
			await page.getByTestId('field-reference').fill(template.reference.url);
			await page.getByTestId('btn-open-reference').click();
			await expect(page.getByTestId('form-password')).toContainText('letter');
			const field = page.getByTestId('field-password');
			await field.fill('12');
			await page.getByTestId('btn-password').click();
			await expect(page.getByTestId('form-password')).toContainText('4 digits');
			await field.fill('1234');
			await page.getByTestId('btn-password').click();
			await expect(page.getByTestId('form-password')).toContainText('did not open it');
			await look(page, 'pin');
			await field.fill('4711');
			await page.getByTestId('btn-password').click();
			await expectScreen(page, 'request');
			await answerInline(page, '1.1', 'GivenName', 'Mirela');
			await answerInline(page, '1.2', 'Surname', 'Ionescu');
			await page.getByTestId('item-2-accept').check();
			await share();
			({ id: relationshipId, peer: address } = await pendingFrom(city, template));
			await city.call('PUT', `/Relationships/${relationshipId}/Accept`);
			await page.goto(`${base}/contacts/${relationshipId}`);
			await expect(page.getByTestId('btn-mail')).toBeVisible();
		}
	);

	await step('every kind of item has its card; what is missing is said in words', async () => {
		const own = await city.call<Row[]>('GET', '/Attributes?content.value.@type=DisplayName');
		shared = own.find((row) => row.content['@type'] === 'IdentityAttribute')!;
		const asked = await request('Resident parking permit', everything(shared));
		await page.getByTestId('btn-review').click();
		await expect(page.getByTestId('error-summary')).toBeFocused();
		await look(page, 'request-errors');

		await answerInline(page, '1', 'ProprietaryString', 'K-77');
		await page.getByTestId('item-6-add').click();
		await page.getByTestId('field-Pseudonym').fill('Citizen Mirela');
		await page.getByTestId('item-6-save').click();
		await page.getByTestId('item-7-accept').check();
		await page.getByTestId('item-8-entry').fill('A place to park');
		await page.getByTestId('item-9-entry').fill('21');
		await expect(page.getByTestId('item-9')).toContainText('Enter 20 or less.');
		await page.getByTestId('item-9-entry').fill('2');
		await page.getByTestId('item-10-entry').fill('72,5');
		await page.getByTestId('item-11-entry-2').check();
		await page.getByTestId('item-12-entry').fill('2027-02-28');
		await page.getByTestId('item-13-entry-4').check({ force: true });
		await page.getByTestId('item-14-entry-2').check();
		await page.getByTestId('item-15-entry-1').check();
		await page.getByTestId('item-15-entry-3').check();
		await page.getByTestId('item-16-accept').check();
		await look(page, 'request-filled');
		await page.getByTestId('btn-review').click();
		await expect(page.getByTestId('list-leaving')).toContainText('72.5 m²');
		await look(page, 'request-review');
		await page.getByTestId('btn-back-to-request').click();
		await share();
		await look(page, 'request-answered');
		const { result, items } = await answered(asked.id);
		expect(result).toBe('Accepted');
		const responses = items.map((item) => (item as { response?: unknown }).response);
		expect(responses.slice(7, 15)).toEqual([
			'A place to park',
			2,
			72.5,
			false,
			'2027-02-28',
			4,
			'South',
			['Monday', 'Friday']
		]);
	});

	await step('what is to be deleted has a day; what the two have between them is shown with its title', async () => {
		const asked = await request('One thing less', [
			{ '@type': 'DeleteAttributeRequestItem', mustBeAccepted: false, attributeId: shared.id }
		]);
		await page.getByTestId('item-1-accept').check();
		await expect(page.getByTestId('item-1-date')).not.toHaveValue('');
		await look(page, 'request-delete');
		await share();
		await answered(asked.id);
		await page.goto(`${base}/contacts/${relationshipId}/data`);
		await expect(page.getByTestId('list-between')).toContainText('Permit number');
		await expect(page.getByTestId('list-between')).toContainText('4711');
		await expect(page.getByTestId('list-between')).toContainText('K-77');
		await expect(page.getByTestId('list-received')).toContainText('will be deleted here on');
		await look(page, 'contact-data');
	});
});
