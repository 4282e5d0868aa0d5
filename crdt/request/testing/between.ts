/** Berlin asks and Anna is asked, as engines over a relay in this process: requests as they look from outside (api.ts). */
import type { JsonObject, RequestRow } from '../../index.ts';
import { createTown, must, type Person, type Town } from '../../sync/testing/town.ts';

export interface Between {
	readonly town: Town;
	readonly anna: Person;
	readonly berlin: Person;
	/** Where Anna has what Berlin asks; `to` is there by itself when she has synchronised. */
	ask(items: object[], more?: object): Promise<string>;
	/** Berlin's draft, nothing sent. */
	draft(items: object[], more?: object): Promise<RequestRow>;
	/** Anna loads a template of Berlin's; what it asks, if it asks. */
	load(content: object, days?: number): Promise<RequestRow | undefined>;
	/** The request as the one who was asked, and as the one who asked, sees it now. */
	incoming(id: string): RequestRow | undefined;
	outgoing(id: string): RequestRow | undefined;
}

export async function between(): Promise<Between> {
	const town = createTown();
	const [berlin, anna] = [await town.person(), await town.person()];
	const draft = async (items: object[], more: object = {}) =>
		must(
			await berlin.engine.requests.create({
				content: { items, ...more } as unknown as JsonObject,
				peer: anna.address
			})
		);
	return {
		town,
		anna,
		berlin,
		draft,
		async ask(items, more) {
			const { id, content } = await draft(items, more);
			must(await berlin.engine.messages.send({ recipients: [anna.address], content }));
			await town.settle(berlin, anna);
			return id;
		},
		async load(content, days = 60) {
			const expiresAt = town.inDays(days);
			const made = must(await berlin.engine.templates.create({ content: content as JsonObject, expiresAt }));
			must(await anna.engine.templates.load(made.reference.url));
			return anna.engine.requests.incoming().find(({ source }) => source?.reference === made.id);
		},
		incoming: (id) => anna.engine.requests.get(id, 'incoming'),
		outgoing: (id) => berlin.engine.requests.get(id, 'outgoing')
	};
}
