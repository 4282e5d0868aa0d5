/** Requests: drafted, decided, shown with what is known on this device alone (lost, waiting, failed). */
import type { DecideParameters, Engine } from '../../api.ts';
import { ok, type Result } from '../../result.ts';
import type { RequestRow } from '../../views.ts';
import type { Op } from '../record.ts';
import { notFound, type Base } from './base.ts';
import * as consumption from '../consumption.ts';

export function requestOperations({ core, self, clock, now, newId }: Base): Engine['requests'] {
	const shownRequest = (row: RequestRow): RequestRow => {
		const lost = core.superseded()[row.id] as
			{ byDevice: string; at: number; decided: 'Accepted' | 'Rejected' } | undefined;
		const waiting = core
			.intents()
			.find((intent) => intent.kind === 'decision' && decidedId(intent.shown) === row.id);
		return {
			...consumption.withExpiry(row, now()),
			...(lost
				? {
						_superseded: {
							byDevice: lost.byDevice,
							at: new Date(lost.at).toISOString(),
							decided: lost.decided
						}
					}
				: {}),
			...(waiting && !waiting.failed ? { _pending: true as const } : {}),
			...(waiting?.failed ? { _failed: waiting.failed } : {})
		};
	};
	const decidedId = (ops: readonly Op[]) => {
		const op = ops.find((shown) => shown.o === 'rec' && shown.k === 'request.decided');
		return op?.o === 'rec' && op.k === 'request.decided' ? op.v.id : undefined;
	};
	const requests = (isOwn: boolean) =>
		core
			.top()
			.list('requests')
			.filter((row) => row.isOwn === isOwn)
			.map(shownRequest);
	const request = (id: string, direction: 'incoming' | 'outgoing') => {
		const row = core.top().get('requests', id);
		return row && row.isOwn === (direction === 'outgoing') ? shownRequest(row) : undefined;
	};

	async function decide(id: string, decision: DecideParameters, accept: boolean): Promise<Result<RequestRow>> {
		const row = request(id, 'incoming');
		if (!row) return notFound('LocalRequest');
		const response = consumption.decide(
			core.top(),
			self.address,
			row,
			decision,
			accept,
			now(),
			() => newId('ATT').id
		);
		if (!response.ok) return response;
		await core.intend({
			kind: 'decision',
			shown: [core.rec('request.decided', { id, response: response.value, at: clock.now() })]
		});
		return ok(decidedOnly(request(id, 'incoming')!));
	}

	/** REST answers Decided, before anything was sent (protocol.md §13.3). */
	function decidedOnly(row: RequestRow): RequestRow {
		const { response, ...rest } = row;
		if (!response) return row;
		const { source: _source, ...unsent } = response;
		return { ...rest, status: 'Decided', response: unsent };
	}

	return {
		incoming: () => requests(false),
		outgoing: () => requests(true),
		get: request,
		canAccept: (id, decision) =>
			consumption.judge(core.top(), self.address, request(id, 'incoming'), decision, true, now()),
		canReject: (id, decision) =>
			consumption.judge(core.top(), self.address, request(id, 'incoming'), decision, false, now()),
		accept: (id, decision) => decide(id, decision, true),
		reject: (id, decision) => decide(id, decision, false),
		validate: ({ content, peer }) => consumption.validateOutgoing(core.top(), self.address, content, peer, now()),
		async create({ content, peer }) {
			const prepared = consumption.prepareOutgoing(core.top(), self.address, content, peer, now());
			if (!prepared.ok) return prepared;
			const { id } = newId('REQ');
			await core.intend({
				kind: 'plain',
				shown: [core.rec('request.drafted', { id, content: { ...prepared.value, id }, peer, at: clock.now() })]
			});
			return ok(request(id, 'outgoing')!);
		}
	};
}
