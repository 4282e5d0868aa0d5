/** The engine's only door for App and Connector. */
export type * from './api.ts';
export type * from './ports.ts';
export type * from './views.ts';
export { memoryViews, PLACES_PER_LEVEL, type Change, type Layer } from './memory-views.ts';
export { KEYS, SIDES, isKey, matches, orderOf, valuesOf } from './view-query.ts';
export { RelayUnreachable } from './ports.ts';
export { ok, refuse, type Refusal, type Result } from './result.ts';
export { attributeDto, forwardingDto, toDto } from './views-dto.ts';
export { parseReference, type Reference } from './codec/reference.ts';
export { LOCATIONS } from './object/protection.ts';
export { isAddress, isAddressHost } from './codec/address.ts';
export { toUtc } from './content/grammar.ts';
export {
	createIdentity,
	hasIdentity,
	joinIdentity,
	openEngine,
	previewReference,
	type CreateOptions,
	type Preview
} from './sync/open.ts';
export type { EnginePorts, Journal } from './sync/ports.ts';
