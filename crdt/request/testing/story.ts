/** What was told of requests, in short: for tests that follow one from step to step. */
import type { EngineEvent } from '../../index.ts';

/** `received Open`, `Open→DecisionRequired`, `processed NoRequest`, `created Draft`. */
export const storyOf = (events: readonly EngineEvent[]): string[] =>
	events.flatMap(({ name, data }) => {
		const { status, oldStatus, newStatus, result } = data as Record<string, string>;
		if (name.endsWith('RequestStatusChanged')) return `${oldStatus}→${newStatus}`;
		if (name === 'consumption.incomingRequestReceived') return `received ${status}`;
		if (name === 'consumption.outgoingRequestCreated') return `created ${status}`;
		if (name === 'consumption.outgoingRequestCreatedAndCompleted') return `created and completed ${status}`;
		if (name === 'consumption.messageProcessed' || name === 'consumption.relationshipTemplateProcessed')
			return `processed ${result}`;
		return [];
	});
