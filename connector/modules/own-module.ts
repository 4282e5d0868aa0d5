/**
 * What a module of your own is (docs/modules.md): types only, import them as `@enmeshed/connector/module`.
 */
import type { Log } from '../log.ts';
import type { Told } from './events.ts';
import type { Endpoint, EndpointAnswer, EndpointCall } from './http.ts';
import type { Services } from './services.ts';

export type { Endpoint, EndpointAnswer, EndpointCall, Services };
/** `name` and `data` as webhooks send them; `id` is equal on all devices of the identity. */
export type ModuleEvent = Told;

export interface ModuleContext {
	/** This module's part of the configuration, `modules.<name>`. */
	readonly config: Readonly<Record<string, unknown>>;
	/** Structured logs: `logger.info({ count: 3 }, 'synchronised')`. Leave out what people wrote. */
	readonly logger: Pick<Log, 'debug' | 'info' | 'warn' | 'error'>;
	/** `debug` when the Connector runs in debug mode. */
	readonly mode: 'debug' | 'production';
	/**
	 * Calls `handle` for each event whose name matches: `*` is one segment, `**` any number. One event after the other, in
	 * their order; the next waits until what `handle` returned is done. What it throws is logged. Returns the way to stop.
	 */
	on(pattern: string, handle: (event: ModuleEvent) => void | Promise<void>): () => void;
	/** The operations of the REST API. */
	readonly services: Services;
	readonly http: {
		/** Answers requests at a path of your own, behind the Connector's authentication and roles. Throws when it cannot be had. */
		addEndpoint(endpoint: Endpoint): void;
	};
}

/** Each step is called once and waited for; what `init` or `start` throws keeps the Connector from starting. */
export interface OwnModule {
	/** Before any module starts: the place to listen and to add endpoints. */
	init?(context: ModuleContext): void | Promise<void>;
	start?(context: ModuleContext): void | Promise<void>;
	stop?(context: ModuleContext): void | Promise<void>;
	/** Set to false when two entries of the configuration may load it. */
	readonly denyMultipleInstances?: boolean;
}
