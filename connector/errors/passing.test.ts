/** What time brings, as real Connectors answer it: the same world again twenty days later, with all its clocks ahead. */
import { afterAll, beforeAll, describe } from 'vitest';
import { connect, consent, createTemplate, must, sync, until, type Party, type Shape } from '../testing/party.ts';
import { endAll, startRelay, type Process, type RunningRelay } from '../testing/processes.ts';
import { goneRows, leavingRows, type PassingWorld } from './testing/passing.ts';
import { loaded } from './testing/relationships.ts';
import { refusals } from './testing/rows.ts';
import { DAY, later, member, received, token, uploaded, type Member } from './testing/town.ts';

const content = { '@type': 'ArbitraryRelationshipTemplateContent', value: 1 };
const DEBUG = { debug: 'true' };
let relay: RunningRelay;
let world: PassingWorld;

/** The city knows by now what becomes of who is leaving. */
const knows = (city: Party, deletionStatus: string) =>
	until(
		async () => (await sync(city), (await must<Shape[]>(city.call('GET', '/Relationships')))[0]),
		(row) => (row?.['peerDeletionInfo'] as Shape | undefined)?.['deletionStatus'] === deletionStatus,
		deletionStatus
	);

beforeAll(async () => {
	relay = await startRelay();
	const [city, person, leaving] = await Promise.all([member(relay.url), member(relay.url), member(relay.url, DEBUG)]);
	await connect(city, leaving, [consent('ok')], [{ accept: true }]);
	const inAnHour = { expiresAt: new Date(Date.now() + DAY / 24).toISOString() };
	world = {
		city,
		person,
		leaving,
		request: await received(leaving, city, [consent('?', false)]),
		offer: await loaded(leaving, person, [], { content }),
		brief: await loaded(city, person, [], { content, ...inAnHour }),
		references: {
			Files: (await uploaded(city, inAnHour)).reference.url,
			RelationshipTemplates: (await createTemplate(city, [], { content, ...inAnHour })).reference.url,
			Tokens: (await token(city, inAnHour)).reference.url
		}
	};
	await must(leaving.call('POST', '/IdentityDeletionProcess'));
	await knows(city, 'ToBeDeleted');
}, 60_000);
afterAll(endAll);

const worldNow = () => world;
const parties = ({ city, person, leaving }: PassingWorld) => [city, person, leaving];

describe('refused while somebody is leaving', () => refusals(leavingRows, worldNow, parties));

describe('refused twenty days later', () => {
	const ended = async ({ child, ended }: Process) => (child.kill('SIGTERM'), ended);
	beforeAll(async () => {
		const { city, person, leaving } = world;
		await Promise.all([city, person, leaving].map(ended));
		await ended(relay);
		await startRelay(Number(new URL(relay.url).port), relay.dataDir, later(20 * DAY));
		const again = ({ folder }: Member, env = {}) => member(relay.url, { ...later(20 * DAY), ...env }, folder);
		const [laterCity, laterPerson, gone] = await Promise.all([again(city), again(person), again(leaving, DEBUG)]);
		world = { ...world, city: laterCity, person: laterPerson, leaving: gone };
		await knows(laterCity, 'Deleted');
	}, 60_000);
	refusals(goneRows, worldNow, parties);
});
