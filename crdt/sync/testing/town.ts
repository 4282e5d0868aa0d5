/** A relay and people on it, in this process, on one clock that tests may turn: the product's relay, the product's engines. */
import type { RelayOptions } from '@enmeshed/backbone-relay/relay';
import { portOnto, startRelay, systemClock, systemRandom, type TestRelay } from '../../../trials/in-process.ts';
import type { Engine, EngineEvent, JsonObject, LinkSession, LinkStep, RelationshipRow, Result } from '../../index.ts';
import { createIdentity, joinIdentity } from '../../index.ts';
import { builders } from '../build.ts';
import type { Core } from '../core.ts';
import { openCore } from '../engine.ts';
import { createEngine } from '../operations.ts';
import type { EngineOptions } from '../operations/base.ts';
import { decodeFromRelay, encodeAnswer, type AnswerFrame, type PushFrame } from '../../codec/frame.ts';
import type { Relay } from '../../ports.ts';
import type { EnginePorts } from '../ports.ts';
import { createMemoryStore } from '../../sim/memory-store.ts';

export function must<T>(result: Result<T>): T {
	if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
	return result.value;
}
/** The code of a refusal; undefined when it was none. */
export const codeOf = (result: Result<unknown>): string | undefined => (result.ok ? undefined : result.error.code);

export interface Person {
	readonly engine: Engine;
	/** The engine from within. */
	readonly core: Core;
	readonly address: string;
	readonly events: EngineEvent[];
	/** Payloads of the events of one name, oldest first. */
	told(name: string): unknown[];
	/** The line to the relay; `down` cuts it, `pushed` is what came without being asked for, `falsify` changes its answers. */
	readonly line: PersonLine;
	/** The same device after its process died. */
	again(): Promise<Person>;
	/** Another device of the same identity. */
	second(): Promise<Person>;
}

interface PersonLine {
	down: boolean;
	readonly pushed: PushFrame[];
	falsify?: (answer: Extract<AnswerFrame, { ok: true }>['body']) => Extract<AnswerFrame, { ok: true }>['body'];
}

/** The relay's port, with an eye on what it pushes, and a hand on what it answers. */
function observed(relay: TestRelay, line: PersonLine): Relay {
	const port = portOnto(relay, line);
	return {
		...port,
		async connect() {
			const connection = await port.connect();
			return {
				...connection,
				async exchange(frame) {
					const answer = await connection.exchange(frame);
					const said = decodeFromRelay(answer);
					if (!line.falsify || !said || !('answer' in said) || !said.answer.ok) return answer;
					return encodeAnswer(said.answer.id, line.falsify(said.answer.body));
				},
				onPush: (listener) =>
					connection.onPush((frame) => {
						const decoded = decodeFromRelay(frame);
						if (decoded && 'push' in decoded) line.pushed.push(decoded.push);
						listener(frame);
					})
			};
		}
	};
}

export interface Town {
	readonly relay: TestRelay;
	/** Milliseconds all clocks are ahead. */
	readonly time: { ahead: number };
	now(): number;
	inDays(days: number): string;
	person(options?: EngineOptions): Promise<Person>;
	/** Everybody fetches, so often that answers to answers have come too. */
	settle(...people: Person[]): Promise<void>;
	/** `guest` asks `host` for a relationship, and gets it. */
	meet(host: Person, guest: Person): Promise<RelationshipRow>;
	close(): Promise<void>;
}

export const DAY = 86_400_000;
export const arbitrary = (value: string): JsonObject => ({
	'@type': 'ArbitraryRelationshipTemplateContent',
	value
});
const creation: JsonObject = { '@type': 'ArbitraryRelationshipCreationContent', value: 'hello' };

export function createTown(options: Partial<RelayOptions> = {}): Town {
	const time = { ahead: 0 };
	const now = () => systemClock.now() + time.ahead;
	const clock = { ...systemClock, now };
	const relay = startRelay({ clock, ...options });
	const engines = new Set<Engine>();

	/** The identity in a store, opened. */
	async function people(ports: EnginePorts, line: PersonLine, options: EngineOptions = {}): Promise<Person> {
		const core = await openCore(ports, builders);
		const engine = createEngine(core, options);
		engines.add(engine);
		const events: EngineEvent[] = [];
		engine.onEvent((event) => events.push(event));
		return {
			engine,
			core,
			address: engine.account.identityInfo().address,
			events,
			told: (name) => events.filter((event) => event.name === name).map(({ data }) => data),
			line,
			async again() {
				engines.delete(engine);
				await engine.close();
				return people(ports, line, options);
			},
			second: () => linked(engine)
		};
	}

	function portsOf() {
		const line: PersonLine = { down: false, pushed: [] };
		return {
			line,
			ports: { clock, random: systemRandom, store: createMemoryStore(), relay: observed(relay, line) }
		};
	}

	async function linked(first: Engine): Promise<Person> {
		const { line, ports } = portsOf();
		const joining = joinIdentity(ports, { deviceName: 'second' });
		const newSide = must(await joining.session);
		const oldSide = must(await first.devices.admit((await stepOf(newSide, 'waiting')).link));
		await Promise.all([stepOf(oldSide, 'compare'), stepOf(newSide, 'compare')]);
		oldSide.confirm();
		newSide.confirm();
		await must(await joining.engine).close();
		return people(ports, line);
	}

	async function settle(...all: Person[]): Promise<void> {
		for (let round = 0; round < 3; round++) for (const { engine } of all) must(await engine.account.sync());
	}

	return {
		relay,
		time,
		now,
		inDays: (days) => new Date(now() + days * DAY).toISOString(),
		async person(options) {
			const { line, ports } = portsOf();
			const engine = must(await createIdentity(ports, { addressHost: 'localhost', deviceName: 'first' }));
			await engine.close();
			return people(ports, line, options);
		},
		settle,
		async meet(host, guest) {
			const content = arbitrary('come in');
			const expiresAt = new Date(now() + DAY).toISOString();
			const template = must(await host.engine.templates.create({ content, expiresAt }));
			must(await guest.engine.templates.load(template.reference.url));
			const asked = must(
				await guest.engine.relationships.create({ templateId: template.id, creationContent: creation })
			);
			await settle(host);
			must(await host.engine.relationships.act(asked.id, 'accept'));
			await settle(guest, host);
			return must({ ok: true, value: guest.engine.relationships.get(asked.id)! });
		},
		async close() {
			for (const engine of engines) await engine.close();
			await relay.close();
		}
	};
}

async function stepOf<S extends LinkStep['step']>(
	session: LinkSession,
	wanted: S
): Promise<Extract<LinkStep, { step: S }>> {
	for await (const told of session.steps) {
		if (told.step === wanted) return told as Extract<LinkStep, { step: S }>;
		if (told.step === 'failed') throw new Error(`linking failed: ${told.reason}`);
	}
	throw new Error(`linking ended before ${wanted}`);
}
