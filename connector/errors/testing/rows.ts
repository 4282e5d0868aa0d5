/**
 * One row: a call that must be refused, and how. Rows are data, so that the catalogue can be held against all of them
 * (catalogue.test.ts). What every row is judged by (connector-api.md §6.1): status, code, the text where the specification
 * gives one, the members of the error object and no others, and that nothing came into being anywhere.
 */
import { expect, test } from 'vitest';
import { must, type Party, type Shape } from '../../testing/party.ts';
import type { Code } from './catalogue.ts';

export interface Answer {
	readonly status: number;
	readonly error?: unknown;
	readonly result?: unknown;
	readonly headers?: Headers;
}

export interface Row<World> {
	/** What is done. */
	readonly name: string;
	readonly code: Code;
	/** Default 400; of a verdict, 200. */
	readonly status?: number;
	/** The text, where it is promised. */
	readonly says?: string | RegExp;
	/** What must be true before; what it gives, the call is given. */
	readonly given?: (world: World) => Promise<string>;
	readonly call: (world: World, given: string) => Promise<Answer>;
	/** The code does not stand in an error but in a result: `{isSuccess: false, code, message}`, perhaps at an item. */
	readonly verdict?: true;
	/** Asked of a Connector in debug mode. */
	readonly debug?: true;
	readonly headers?: Readonly<Record<string, string>>;
}

/** Gives the table its type without naming its rows'. */
export const rowsOf =
	<World>() =>
	(...rows: readonly Row<World>[]): readonly Row<World>[] =>
		rows;

const LISTS = [
	'/Attributes',
	'/Files',
	'/Messages',
	'/Relationships',
	'/RelationshipTemplates',
	'/Requests/Incoming',
	'/Requests/Outgoing',
	'/Tokens/Own',
	'/Tokens/Peer'
];

/** What somebody has, and in which state. */
const possessions = async (party: Party): Promise<string[]> => {
	const lists = await Promise.all(LISTS.map((path) => must<Shape[]>(party.call('GET', path))));
	return lists.flat().map(({ id, status, succeededBy }) => [id, status, succeededBy].join(' '));
};
const possessionsOf = (parties: readonly Party[]) => Promise.all(parties.map(possessions));

export interface Verdict {
	readonly isSuccess: boolean;
	readonly code?: string;
	readonly message?: string;
	readonly items?: readonly Verdict[];
}
/** The failing ends of a tree of verdicts: what stands above them only says that they fail. */
function failing(verdict: Verdict): Verdict[] {
	const below = (verdict.items ?? []).flatMap(failing);
	return verdict.isSuccess || below.length > 0 ? below : [verdict];
}

function judgeError({ code, says, debug }: Row<never>, error: unknown): void {
	expect(error).toEqual({
		id: expect.stringMatching(/^ERR[A-HJ-NP-Z2-9]{17}$/) as string,
		code,
		message: says === undefined ? (expect.stringMatching(/\S/) as string) : expect.stringMatching(exactly(says)),
		docs: `https://enmeshed.eu/integrate/error-codes#${code}`,
		time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
		...(debug && { stacktrace: expect.arrayContaining([expect.stringMatching(/^at /)]) as string[] })
	});
}
const exactly = (says: string | RegExp) =>
	typeof says === 'string' ? new RegExp(`^${says.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) : says;

/** Fails when the answer is not the refusal the row promises. */
export function judge(row: Row<never>, answer: Answer): void {
	const { status = row.verdict ? 200 : 400, code, says, headers = {} } = row;
	if (row.verdict) {
		expect(failing(answer.result as Verdict)).toEqual([
			expect.objectContaining({ isSuccess: false, code, message: expect.stringMatching(exactly(says ?? /\S/)) })
		]);
		expect(answer.status).toBe(status);
		return;
	}
	expect({ status: answer.status, code: (answer.error as Verdict | undefined)?.code }).toEqual({ status, code });
	judgeError(row, answer.error);
	for (const [name, value] of Object.entries(headers)) expect(answer.headers?.get(name)).toBe(value);
}

/** One test per row. `parties` are those nothing may come into being at. */
export function refusals<World>(
	rows: readonly Row<World>[],
	worldNow: () => World,
	parties: (world: World) => readonly Party[]
): void {
	test.each(rows.map((row) => [row.name, row.code, row] as const))('%s: %s', async (_name, _code, row) => {
		const world = worldNow();
		const given = (await row.given?.(world)) ?? '';
		const before = await possessionsOf(parties(world));
		judge(row as unknown as Row<never>, await row.call(world, given));
		expect(await possessionsOf(parties(world))).toEqual(before);
	});
}
