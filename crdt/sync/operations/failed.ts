/** Own changes this device could not pass on: told, and kept here, until somebody looks (content of "needs attention"). */
import type { AttentionRow } from '../../views.ts';
import type { Core } from '../core.ts';

/** A successor of something that is gone: a decision that had made it lost, or its relationship is over. */
export const failedSuccessions = (core: Core): AttentionRow[] =>
	core.intents().flatMap(({ failed, kind, shown }) => {
		if (!failed || kind !== 'succession') return [];
		return shown.flatMap((op) =>
			op.o === 'rec' && op.k === 'attribute.succeeded'
				? {
						id: `succession-failed:${op.v.id}`,
						at: new Date(op.v.at).toISOString(),
						kind: 'succession-failed',
						reference: op.v.predecessor
					}
				: []
		);
	});
