/** What is answered: the kinds of response items (content-model.md §4.3), one row each. */
import * as v from 'valibot';
import { anyAttribute, onlyIdentityAttribute, type Attribute, type IdentityAttribute } from './attribute.ts';
import { formFieldAnswer, type FormFieldAnswer } from './form-field.ts';
import { addressText, text, timestamp, type Shape } from './shape.ts';

type Accepted<Type extends string, Members = object> = {
	readonly '@type': Type;
	readonly result: 'Accepted';
} & Members;

export type AcceptResponseItem =
	| Accepted<'AcceptResponseItem'>
	| Accepted<'CreateAttributeAcceptResponseItem', { readonly attributeId: string }>
	| Accepted<
			'ReadAttributeAcceptResponseItem',
			{
				readonly attributeId: string;
				readonly attribute: Attribute;
				/** The peer of the relationship a RelationshipAttribute belongs to, when that is a third party. */
				readonly initialAttributePeer?: string;
			}
	  >
	| Accepted<'ProposeAttributeAcceptResponseItem', { readonly attributeId: string; readonly attribute: Attribute }>
	| Accepted<'DeleteAttributeAcceptResponseItem', { readonly deletionDate: string }>
	| Accepted<'FormFieldAcceptResponseItem', { readonly response: FormFieldAnswer }>
	| Accepted<
			'TransferFileOwnershipAcceptResponseItem',
			{ readonly attributeId: string; readonly attribute: IdentityAttribute }
	  >
	| Accepted<'AttributeAlreadySharedAcceptResponseItem', { readonly attributeId: string }>
	| Accepted<
			'AttributeSuccessionAcceptResponseItem',
			{ readonly predecessorId: string; readonly successorId: string; readonly successorContent: Attribute }
	  >;
export type RejectResponseItem = {
	readonly '@type': 'RejectResponseItem';
	readonly result: 'Rejected';
	readonly code?: string;
	readonly message?: string;
};
export type ErrorResponseItem = {
	readonly '@type': 'ErrorResponseItem';
	readonly result: 'Error';
	readonly code: string;
	readonly message: string;
};
export type ResponseItem = AcceptResponseItem | RejectResponseItem | ErrorResponseItem;

const accepted = <Type extends string, Members extends v.ObjectEntries>(type: Type, members: Members) =>
	v.object({ '@type': v.literal(type), result: v.literal('Accepted'), ...members });

const isFileReference = v.check(
	(attribute: IdentityAttribute) => attribute.value['@type'] === 'IdentityFileReference',
	'must hold an IdentityFileReference'
);

const shapes = {
	AcceptResponseItem: accepted('AcceptResponseItem', {}),
	CreateAttributeAcceptResponseItem: accepted('CreateAttributeAcceptResponseItem', { attributeId: v.string() }),
	ReadAttributeAcceptResponseItem: accepted('ReadAttributeAcceptResponseItem', {
		attributeId: v.string(),
		attribute: anyAttribute,
		initialAttributePeer: v.optional(addressText)
	}),
	ProposeAttributeAcceptResponseItem: accepted('ProposeAttributeAcceptResponseItem', {
		attributeId: v.string(),
		attribute: anyAttribute
	}),
	DeleteAttributeAcceptResponseItem: accepted('DeleteAttributeAcceptResponseItem', { deletionDate: timestamp }),
	FormFieldAcceptResponseItem: accepted('FormFieldAcceptResponseItem', { response: formFieldAnswer }),
	TransferFileOwnershipAcceptResponseItem: accepted('TransferFileOwnershipAcceptResponseItem', {
		attributeId: v.string(),
		attribute: v.pipe(onlyIdentityAttribute, isFileReference)
	}),
	AttributeAlreadySharedAcceptResponseItem: accepted('AttributeAlreadySharedAcceptResponseItem', {
		attributeId: v.string()
	}),
	AttributeSuccessionAcceptResponseItem: accepted('AttributeSuccessionAcceptResponseItem', {
		predecessorId: v.string(),
		successorId: v.string(),
		successorContent: anyAttribute
	}),
	RejectResponseItem: v.object({
		'@type': v.literal('RejectResponseItem'),
		result: v.literal('Rejected'),
		code: v.optional(text(200)),
		message: v.optional(text(1000))
	}),
	ErrorResponseItem: v.object({
		'@type': v.literal('ErrorResponseItem'),
		result: v.literal('Error'),
		code: text(200),
		message: text(1000)
	})
} as unknown as { readonly [Type in ResponseItem['@type']]: Shape<ResponseItem> };

export const responseItemShapes: { readonly [type: string]: Shape<ResponseItem> } = shapes;
