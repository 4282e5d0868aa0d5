/**
 * What a token may carry (connector-api.md §2.12, content-model.md §7): the contents below, any other object of the content
 * model, or any object without `@type`.
 *
 * Contents that hold a template or a file name it by its reference here; by id and key, as in the original, they are kept too.
 */
import * as v from 'valibot';
import type { Json, JsonObject } from '../views.ts';
import { isJson, isJsonObject } from './json.ts';
import { addressText, jsonObject, type Shape } from './shape.ts';
import { maxCredentialLength } from './value-members.ts';

type ByReference<Type extends string, Member extends string> = { readonly '@type': Type } & {
	readonly [M in Member]: string;
};
export type TokenContentFile =
	| ByReference<'TokenContentFile', 'fileReference'>
	| { readonly '@type': 'TokenContentFile'; readonly fileId: string; readonly secretKey: Json };
export type TokenContentRelationshipTemplate =
	| ByReference<'TokenContentRelationshipTemplate', 'templateReference'>
	| {
			readonly '@type': 'TokenContentRelationshipTemplate';
			readonly templateId: string;
			readonly secretKey: Json;
			readonly forIdentity?: string;
			readonly passwordProtection?: JsonObject;
	  };
/** What a new device of the original needs to join; opaque here, where devices are linked without tokens. */
export type TokenContentDeviceSharedSecret = {
	readonly '@type': 'TokenContentDeviceSharedSecret';
	readonly sharedSecret: JsonObject;
};
export type TokenContentVerifiablePresentation = {
	readonly '@type': 'TokenContentVerifiablePresentation';
	readonly value: string | JsonObject;
	readonly type?: string;
	readonly displayInformation?: readonly JsonObject[];
};
export type NamedTokenContent =
	| TokenContentFile
	| TokenContentRelationshipTemplate
	| TokenContentDeviceSharedSecret
	| TokenContentVerifiablePresentation;

const byReference = (type: string, member: string) => v.object({ '@type': v.literal(type), [member]: v.string() });
const secretKey = v.custom<Json>((x) => x !== null && x !== undefined && isJson(x));
/** By reference when it has one; else the other form, whose refusal says what is missing. */
const either = (member: string, byRef: Shape<unknown>, byId: Shape<unknown>) =>
	v.lazy((x) => (isJsonObject(x) && x[member] !== undefined ? byRef : byId));

export const tokenContentShapes: { readonly [type: string]: Shape<unknown> } = {
	TokenContentFile: either(
		'fileReference',
		byReference('TokenContentFile', 'fileReference'),
		v.object({ '@type': v.literal('TokenContentFile'), fileId: v.string(), secretKey })
	),
	TokenContentRelationshipTemplate: either(
		'templateReference',
		byReference('TokenContentRelationshipTemplate', 'templateReference'),
		v.object({
			'@type': v.literal('TokenContentRelationshipTemplate'),
			templateId: v.string(),
			secretKey,
			forIdentity: v.optional(addressText),
			passwordProtection: v.optional(jsonObject)
		})
	),
	TokenContentDeviceSharedSecret: v.object({
		'@type': v.literal('TokenContentDeviceSharedSecret'),
		sharedSecret: jsonObject
	}),
	TokenContentVerifiablePresentation: v.object({
		'@type': v.literal('TokenContentVerifiablePresentation'),
		value: v.custom<string | JsonObject>(
			(x) => (typeof x === 'string' || isJsonObject(x)) && JSON.stringify(x).length <= maxCredentialLength
		),
		type: v.optional(v.string()),
		displayInformation: v.optional(v.array(jsonObject))
	})
};
