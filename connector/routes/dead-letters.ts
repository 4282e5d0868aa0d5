/**
 * Dead letters: what webhooks and brokers with `retry` gave up (modules/outbox.ts). An addition of ours to the monitoring
 * endpoints, so bare values without envelope.
 */
import { ok, type Result } from '../../crdt/index.ts';
import type { Outbox } from '../modules/outbox.ts';
import type { MonitoringAnswer, MonitoringRow } from './monitoring.ts';

const PLACE = '/Monitoring/DeadLetters';
const role = 'monitoring:deadLetters';
const done = (result: Result<void>): Result<MonitoringAnswer> => (result.ok ? ok({ status: 204 }) : result);

export const deadLetterRows = (outbox: Outbox): readonly MonitoringRow[] => [
	{
		method: 'GET',
		path: PLACE,
		role,
		summary: 'Deliveries to webhooks and brokers that were given up, oldest first',
		run: async () => ok({ json: await outbox.deadLetters() })
	},
	{
		method: 'POST',
		path: `${PLACE}/{id}/Replay`,
		role,
		summary: 'Deliver it again, behind what already waits for its target',
		run: async ({ id = '' }) => done(await outbox.replay(id))
	},
	{
		method: 'DELETE',
		path: `${PLACE}/{id}`,
		role,
		summary: 'Forget it',
		run: async ({ id = '' }) => done(await outbox.discard(id))
	}
];
