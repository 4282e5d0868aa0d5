/** Devices of this identity. */
import type { DeviceView, Engine } from '../../api.ts';
import { toHex } from '../../codec/bytes.ts';
import { deviceIdText } from '../../codec/ids.ts';
import { ok } from '../../result.ts';
import { beginEpoch } from '../epochs.ts';
import { admitDevice } from '../link.ts';
import { type Base } from './base.ts';

export function deviceOperations({ core, self }: Base, documents: Engine['documents']): Engine['devices'] {
	const devices = (): DeviceView[] =>
		[...core.membership().members.values()].map((member) => {
			const id = deviceIdText(member.ds);
			const name = core.documents.read('core', `device/${id}/name`);
			return {
				id,
				name: typeof name === 'string' ? name : '',
				isThis: toHex(member.id) === toHex(self.device),
				role: member.role,
				ordinal: member.ordinal,
				addedAt: new Date(member.addedAt).toISOString()
			};
		});

	return {
		list: devices,
		rename: (id, name) => documents.write('core', `device/${id}/name`, name.slice(0, 20)),
		async renewKeys() {
			const outcome = await beginEpoch(core);
			return outcome.ok ? ok(undefined) : outcome;
		},
		admit: async (link) => admitDevice(core, { link }),
		invite: async () => admitDevice(core, {})
	};
}
