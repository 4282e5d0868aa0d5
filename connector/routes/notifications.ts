/** Texts of the operator shown to peers at once (connector-api.md §2.4). */
import * as v from 'valibot';
import { strict } from '../http/schema.ts';
import { address, text } from './input.ts';
import { endpoint } from './route.ts';

export const send = endpoint({
	summary: "Show peers one of the operator's texts",
	body: strict({ recipients: v.array(address), code: text }),
	run: ({ engine, body }) => engine.published.notify(body.recipients, body.code)
});
