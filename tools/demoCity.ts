// "Demo City": what the demo Connector is set up with, through its REST API like any integrator would. It asks a person for a name,
// if they like an e-mail address, and for consent; the template is created once and again when it has expired.
import { readFileSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';

const NAME = 'Demo City';
const DAY_MS = 86_400_000;
const LIFETIME_MS = 90 * DAY_MS;
/** Renewed while it still works for a day, so that a link on paper does not die in the reader's hand. */
const RENEW_BEFORE_MS = DAY_MS;

const template = v.object({
	id: v.string(),
	expiresAt: v.optional(v.string()),
	reference: v.object({ url: v.string() })
});
type Template = v.InferOutput<typeof template>;

const read = (valueType: string, mustBeAccepted: boolean) => ({
	'@type': 'ReadAttributeRequestItem',
	mustBeAccepted,
	query: { '@type': 'IdentityAttributeQuery', valueType }
});

const content = {
	'@type': 'RelationshipTemplateContent',
	title: NAME,
	onNewRelationship: {
		'@type': 'Request',
		title: 'Your citizen account',
		description: 'Demo City would like to know who you are, so that your applications find you again.',
		items: [
			{
				'@type': 'RequestItemGroup',
				title: 'About you',
				items: [read('GivenName', true), read('Surname', true), read('EMailAddress', false)]
			},
			{
				'@type': 'ConsentRequestItem',
				mustBeAccepted: true,
				consent: 'I agree that Demo City keeps these data for my citizen account until I end the contact.'
			}
		]
	}
};

export interface Api {
	/** Such as http://localhost:8090/api/core/v1 */
	url: string;
	key: string;
}

/** One call; resolves to the result, to undefined where it is not found, and throws for anything else. */
async function call(api: Api, method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
	const response = await fetch(`${api.url}${path}`, {
		method,
		headers: { 'X-API-KEY': api.key, 'content-type': 'application/json' },
		...(body === undefined ? {} : { body: JSON.stringify(body) })
	});
	if (response.status === 404) return undefined;
	const text = await response.text();
	if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
	return v.parse(v.object({ result: v.unknown() }), JSON.parse(text)).result;
}

/** True while the template can be used for a while and its link leads to where the App is now. */
export function isUsable(candidate: Template, publicUrl: string, nowMs: number): boolean {
	const expiresMs = candidate.expiresAt === undefined ? Infinity : Date.parse(candidate.expiresAt);
	return expiresMs - nowMs > RENEW_BEFORE_MS && candidate.reference.url.startsWith(`${publicUrl}/`);
}

function remembered(file: string): string | undefined {
	try {
		return v.parse(v.object({ templateId: v.string() }), JSON.parse(readFileSync(file, 'utf8'))).templateId;
	} catch {
		return undefined;
	}
}

async function ensureName(api: Api): Promise<void> {
	const own = await call(api, 'GET', '/Attributes/Own/Identity?content.value.@type=DisplayName');
	if (v.parse(v.array(v.unknown()), own).length > 0) return;
	await call(api, 'POST', '/Attributes', { content: { value: { '@type': 'DisplayName', value: NAME } } });
}

/** The link people open; `file` remembers the template's id between starts. */
export async function contactLink(api: Api, publicUrl: string, file: string): Promise<string> {
	await ensureName(api);
	const id = remembered(file);
	const known = id === undefined ? undefined : await call(api, 'GET', `/RelationshipTemplates/${id}`);
	if (known !== undefined) {
		const usable = v.parse(template, known);
		if (isUsable(usable, publicUrl, Date.now())) return usable.reference.url;
	}
	const expiresAt = new Date(Date.now() + LIFETIME_MS).toISOString();
	const created = v.parse(template, await call(api, 'POST', '/RelationshipTemplates/Own', { expiresAt, content }));
	writeFileSync(file, `${JSON.stringify({ templateId: created.id }, null, '\t')}\n`);
	return created.reference.url;
}
