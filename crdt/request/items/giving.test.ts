/**
 * Five ways to give an identity attribute – created for us, read or proposed, an existing one or one typed anew – and what the
 * asker already holds of it: they are answered alike (content-behaviours C4 (7)–(10), C5 (9)–(12), C6 (4), C6 (5)).
 *
 * Anna has "Anna", perhaps succeeded by "Ann"; Berlin was given one of them by an earlier request, and perhaps deleted it, or
 * promised to. Now the latest is given, with or without a tag more.
 */
import { describe, expect, test } from 'vitest';
import type { DecideItem } from '../../api.ts';
import { createOwn, succeedOwn } from '../../attribute/own.ts';
import { anna, berlin, day, id, type Party } from '../../attribute/testing/party.ts';
import { forwardingsTo } from '../../attribute/versions.ts';
import type { DeletionStatus } from '../../views.ts';
import { answer, ask, attribute, attributeIn, create, given, held, ids, pair, read, yes } from '../testing/asking.ts';
import { proposeItem, query, statusOf } from '../testing/items.ts';

interface Way {
	readonly accept: string;
	asks(value: string, tags?: string[]): object;
	answers(latest: string, value: string, tags?: string[]): DecideItem;
}
const typed = (value: string, tags?: string[]) => attribute(value, anna, tags) as never;
const propose = (value: string) => proposeItem(query.name, attribute(value, ''));
const WAYS: Record<string, Way> = {
	'C4 created': {
		accept: 'CreateAttributeAcceptResponseItem',
		asks: (value, tags) => create(value, '', tags),
		answers: () => yes
	},
	'C5 read, an existing one': {
		accept: 'ReadAttributeAcceptResponseItem',
		asks: () => read(),
		answers: (latest, _value, tags) => ({ ...yes, existingAttributeId: latest, ...(tags && { tags }) })
	},
	'C5 read, a new one': {
		accept: 'ReadAttributeAcceptResponseItem',
		asks: () => read(),
		answers: (_latest, value, tags) => ({ ...yes, newAttribute: typed(value, tags) })
	},
	'C6 proposed, an existing one': {
		accept: 'ProposeAttributeAcceptResponseItem',
		asks: propose,
		answers: (latest, _value, tags) => ({ ...yes, attributeId: latest, ...(tags && { tags }) })
	},
	'C6 proposed, a new one': {
		accept: 'ProposeAttributeAcceptResponseItem',
		asks: propose,
		answers: (_latest, value, tags) => ({ ...yes, attribute: typed(value, tags) })
	}
};

type Held = 'nothing' | 'it' | 'an older version';
type Outcome = 'plain' | 'AlreadyShared' | 'Succession';
/** What Berlin holds, what became of that, and how it is told of the latest: as it is, and with a tag more. */
const HOLDINGS: readonly (readonly [Held, DeletionStatus | undefined, Outcome, Outcome])[] = [
	['nothing', undefined, 'plain', 'plain'],
	['it', undefined, 'AlreadyShared', 'Succession'],
	['it', 'ToBeDeletedByRecipient', 'AlreadyShared', 'Succession'],
	['it', 'DeletedByRecipient', 'plain', 'plain'],
	['an older version', undefined, 'Succession', 'Succession'],
	['an older version', 'ToBeDeletedByRecipient', 'Succession', 'Succession'],
	['an older version', 'DeletedByRecipient', 'plain', 'plain']
];
type Row = [Held, DeletionStatus | undefined, string[] | undefined, Outcome];
const ROWS = HOLDINGS.flatMap(([holds, status, asItIs, tagged]): Row[] => [
	[holds, status, undefined, asItIs],
	[holds, status, ['x:n'], tagged]
]);

const ORIGINAL = id('ATT', 1);
/** The older version, or the only one, was given; then Berlin deleted it, or promised to, and both know. */
function gaveBefore(a: Party, b: Party, status: DeletionStatus | undefined): void {
	ask(b, a, [read()]);
	answer(a, b, [{ ...yes, existingAttributeId: ORIGINAL }]);
	if (status === undefined) return;
	const [row] = forwardingsTo(a.views, ORIGINAL, berlin);
	a.views.put('forwardings', { ...row!, deletionInfo: { deletionStatus: status, deletionDate: day(9) } });
	if (status === 'DeletedByRecipient') return b.views.delete('attributes', ORIGINAL);
	const deletionInfo = { deletionStatus: 'ToBeDeleted', deletionDate: day(9) } as const;
	b.views.put('attributes', { ...attributeIn(b, 1), deletionInfo });
}

describe.each(Object.entries(WAYS))('%s', (name, way) => {
	test.each(ROWS)('while the asker holds %s (%s), with more tags %j: %s', (holds, status, tags, outcome) => {
		const { anna: a, berlin: b } = pair();
		createOwn(a.at(day(1)), ORIGINAL, attribute('Anna', anna, ['x:a']));
		if (holds !== 'nothing') gaveBefore(a, b, status);
		const isOlder = holds === 'an older version';
		if (isOlder) succeedOwn(a.at(day(2)), ORIGINAL, id('ATT', 2), attribute('Ann', anna, ['x:a']));
		const [value, last] = isOlder ? ['Ann', 2] : ['Anna', 1];

		ask(b, a, [way.asks(value, tags)], 2);
		const { items } = answer(a, b, [way.answers(id('ATT', last), value, tags)], 2, true, ids(200));

		const now = tags ? 200 : last;
		const content = attribute(value, anna, ['x:a', ...(tags ?? [])]);
		const type = outcome === 'plain' ? way.accept : `Attribute${outcome}AcceptResponseItem`;
		expect(items).toMatchObject([{ '@type': type, result: 'Accepted' }]);
		expect(items[0]).toMatchObject(
			outcome === 'Succession'
				? { predecessorId: ORIGINAL, successorId: id('ATT', now), successorContent: content }
				: { attributeId: id('ATT', now) }
		);

		// Nothing is made that there is already; tags are added by a succession.
		expect(a.views.list('attributes')).toHaveLength(1 + (isOlder ? 1 : 0) + (tags ? 1 : 0));
		if (tags) expect(attributeIn(a, 200)).toMatchObject({ succeeds: id('ATT', last), content });
		// A record for each time it was given; the promise to delete it is off where the same is kept.
		const records = forwardingsTo(a.views, id('ATT', now), berlin);
		expect(records).toHaveLength(holds === 'it' && status === 'DeletedByRecipient' && !tags ? 2 : 1);
		expect(records.at(-1)?.deletionInfo).toBeUndefined();
		// The asker holds it as it is now, behind what it held before. A plain yes to what was to be created says no content:
		// it has what it asked for.
		const taken = name === 'C4 created' && outcome === 'plain' ? attribute(value, anna, tags) : content;
		expect(attributeIn(b, now)).toMatchObject({ '@type': 'PeerIdentityAttribute', peer: anna });
		expect(attributeIn(b, now).content).toEqual(taken);
		expect(statusOf(b, now)).toBeUndefined();
		expect(attributeIn(b, now).succeeds).toBe(outcome === 'Succession' ? ORIGINAL : undefined);
		if (outcome === 'Succession') expect(attributeIn(b, 1).succeededBy).toBe(id('ATT', now));
		if (status !== 'DeletedByRecipient') expect(held(b)).toEqual(given(a, berlin));
	});

	test('what is only spaced otherwise is the same, and is trimmed when it is new', () => {
		const isTyped = name.endsWith('new one') || name.startsWith('C4');
		for (const isKnown of [true, false]) {
			if (!isKnown && !isTyped) continue;
			const { anna: a, berlin: b } = pair();
			if (isKnown) createOwn(a.at(day(1)), ORIGINAL, attribute('Anna'));
			ask(b, a, [way.asks(' Anna ')], 2);
			const { items } = answer(a, b, [way.answers(ORIGINAL, ' Anna ')], 2, true, ids(200));
			const n = isKnown ? 1 : 200;
			expect(items).toMatchObject([{ '@type': way.accept, attributeId: id('ATT', n) }]);
			for (const p of [a, b]) expect(attributeIn(p, n).content).toEqual(attribute('Anna'));
			expect(a.views.list('attributes')).toHaveLength(1);
		}
	});
});
