/** Refusals of files, tokens and templates, as real Connectors answer them. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Shape } from '../testing/party.ts';
import { endAll, newFolder, startRelay } from '../testing/processes.ts';
import { loadingRows, WRONG_PASSWORDS } from './testing/loading.ts';
import { lookUpRows, makeObjects, makingRows, type ObjectWorld } from './testing/objects.ts';
import { refusals } from './testing/rows.ts';
import { member, token, upload } from './testing/town.ts';

/** Changes a byte in every large object a relay holds. */
function damage(dataDir: string): void {
	const places = globSync('blobs/*/*', { cwd: dataDir });
	if (places.length === 0) throw new Error('there is nothing to change');
	for (const place of places) {
		const bytes = readFileSync(join(dataDir, place));
		bytes[100]! ^= 1;
		writeFileSync(join(dataDir, place), bytes);
	}
}

let world: ObjectWorld;
beforeAll(async () => {
	const limited = (limits: object) => startRelay(0, newFolder(), { LIMITS: JSON.stringify(limits) });
	const [relay, narrow] = await Promise.all([
		limited({ verifierFailures: WRONG_PASSWORDS }),
		limited({ accountObjects: 1 })
	]);
	const [city, person, guest, pauper] = await Promise.all([
		member(relay.url),
		member(relay.url),
		member(relay.url),
		member(narrow.url)
	]);
	await token(pauper);
	const large = await upload(city, new Uint8Array(1 << 20).fill(7));
	damage(relay.dataDir);
	const damaged = (large.result as Shape).id;
	world = { city, person, guest, pauper, damaged, ...(await makeObjects(city, person)) };
}, 60_000);
afterAll(endAll);

const worldNow = () => world;
const parties = ({ city, person, guest, pauper }: ObjectWorld) => [city, person, guest, pauper];

describe('refused when made', () => refusals(makingRows, worldNow, parties));
describe('refused when looked up', () => refusals(lookUpRows, worldNow, parties));
describe('refused when loaded', () => refusals(loadingRows, worldNow, parties));
