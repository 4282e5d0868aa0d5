/** One identity's views with what they told, and a clock that is moved by hand. For tests of folds. */
import type { IdentityAttribute, RelationshipAttribute } from '../../content/attribute.ts';
import type { IdentityValueType } from '../../content/values.ts';
import type { Refusal } from '../../result.ts';
import { memoryViews } from '../../memory-views.ts';
import type { Address, Fold, Iso, RelationshipRow, RelationshipStatus, Views } from '../../views.ts';

export const anna: Address = 'did:e:localhost:dids:00000000000000000000aa';
export const berlin: Address = 'did:e:localhost:dids:00000000000000000000bb';
export const carl: Address = 'did:e:localhost:dids:00000000000000000000cc';

export interface Told {
	readonly name: string;
	readonly data: unknown;
}

export function party(me: Address) {
	const views = memoryViews();
	const told: Told[] = [];
	return {
		me,
		views,
		told,
		/** Names of what was told since the last look. */
		heard: (): string[] => told.splice(0).map(({ name }) => name),
		at: (at: Iso, options: Pick<Fold, 'defaults'> = {}): Fold => ({
			views,
			me,
			at,
			...options,
			emit: (name, data) => told.push({ name, data })
		})
	};
}
export type Party = ReturnType<typeof party>;

/** `2030-01-<day>`, midnight. */
export const day = (n: number): Iso => new Date(Date.UTC(2030, 0, n)).toISOString();

/** `ATT`, `REQ` … with a number. */
export const id = (prefix: string, n: number): string => prefix + String(n).padStart(20 - prefix.length, '0');

/** An identity attribute of one text. */
export const identity = (
	owner: Address,
	value: string,
	{ type = 'GivenName', tags }: { readonly type?: IdentityValueType; readonly tags?: string[] } = {}
): IdentityAttribute => ({
	'@type': 'IdentityAttribute',
	owner,
	value: { '@type': type, value },
	...(tags && { tags })
});

/** A relationship attribute of one text. */
export const relationship = (
	owner: Address,
	value: string,
	more: Partial<Pick<RelationshipAttribute, 'key' | 'confidentiality' | 'isTechnical'>> = {}
): RelationshipAttribute => ({
	'@type': 'RelationshipAttribute',
	owner,
	key: 'customerNumber',
	confidentiality: 'public',
	isTechnical: false,
	value: { '@type': 'ProprietaryString', title: 'Customer number', value },
	...more
});

/** The last part of a refusal's code, or `ok`. */
export const code = (result: { readonly ok: boolean; readonly error?: Refusal } | Refusal | undefined): string => {
	const refusal = result && 'code' in result ? result : result?.error;
	return refusal ? (refusal.code.split('.').at(-1) ?? '') : 'ok';
};

export function relate(
	{ views, me }: { readonly views: Views; readonly me: Address },
	peer: Address,
	status: RelationshipStatus = 'Active',
	changes: Partial<RelationshipRow> = {}
): RelationshipRow {
	const row: RelationshipRow = {
		id: id('REL', 1),
		templateId: id('RLT', 1),
		status,
		peer,
		peerIdentity: { address: peer, publicKey: '' },
		creationContent: {},
		auditLog: [{ createdAt: day(1), createdBy: me, reason: 'Creation', newStatus: 'Pending' }],
		_own: true,
		_events: [],
		_createdAt: day(1),
		...changes
	};
	views.put('relationships', row);
	return row;
}
