/** Refusals of the HTTP side, as a real Connector answers them. */
import { afterAll, beforeAll, describe } from 'vitest';
import { endAll, startRelay } from '../testing/processes.ts';
import { debugRows, httpRows, httpSettings, type HttpWorld } from './testing/http.ts';
import { refusals } from './testing/rows.ts';
import { member } from './testing/town.ts';

let world: HttpWorld;
beforeAll(async () => {
	const relay = await startRelay();
	const [office, bench] = await Promise.all([member(relay.url, httpSettings), member(relay.url, { debug: 'true' })]);
	world = { office, bench };
}, 60_000);
afterAll(endAll);

describe('refused by the HTTP side', () => {
	refusals(
		httpRows,
		() => world,
		({ office }) => [office]
	);
});
describe('refused in debug mode', () => {
	refusals(
		debugRows,
		() => world,
		({ bench }) => [bench]
	);
});
