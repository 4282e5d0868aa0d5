/**
 * Default attributes: at most one own identity attribute of each value type, where the device that writes keeps them (App:
 * yes, Connector: no; `Fold.defaults`). The first becomes it, a successor inherits it, what is deleted hands it on
 * (content-model.md §3.3, §3.5).
 */
import { ok, refuse, type Result } from '../result.ts';
import type { AttributeRow, Fold, Views } from '../views.ts';
import { contentOf, isOwnIdentity } from './row.ts';
import { ownIdentityAttributes } from './versions.ts';

const valueType = (row: AttributeRow): string => contentOf(row).value['@type'];

export const defaultOf = (views: Views, type: string): AttributeRow | undefined =>
	ownIdentityAttributes(views).find((row) => row.isDefault && valueType(row) === type);

/** May it become the default of its value type? */
export function checkDefault(views: Views, id: string, isEnabled: boolean): Result<AttributeRow> {
	if (!isEnabled)
		return refuse(
			'error.runtime.attributes.setDefaultOwnIdentityAttributesIsDisabled',
			'Setting default own identity attributes is disabled.'
		);
	const row = views.get('attributes', id);
	if (!row)
		return refuse(
			'error.runtime.recordNotFound',
			'LocalAttribute not found. Make sure the ID exists and the record is not expired.'
		);
	if (!isOwnIdentity(row))
		return refuse(
			'error.runtime.attributes.isNotOwnIdentityAttribute',
			`Attribute '${id}' is not an own identity attribute.`
		);
	if (row.succeededBy !== undefined)
		return refuse(
			'error.runtime.attributes.hasSuccessor',
			`Attribute '${id}' already has a successor '${row.succeededBy}'.`
		);
	return ok(row);
}

/** It is the default from now on. One that was superseded or deleted meanwhile changes nothing. */
export function changeDefault(fold: Fold, id: string): void {
	const row = fold.views.get('attributes', id);
	if (!row || !isOwnIdentity(row) || row.succeededBy !== undefined || row._aliasOf !== undefined || row.isDefault)
		return;
	const former = defaultOf(fold.views, valueType(row));
	if (former) {
		const { isDefault: _moved, ...rest } = former;
		fold.views.put('attributes', rest);
	}
	fold.views.put('attributes', { ...row, isDefault: true });
}

/** The latest remaining one of the value type becomes the default. */
export function passDefaultOn(fold: Fold, gone: AttributeRow): void {
	if (!fold.defaults || !gone.isDefault) return;
	const heir = ownIdentityAttributes(fold.views)
		.filter((row) => valueType(row) === valueType(gone))
		.at(-1);
	if (heir) fold.views.put('attributes', { ...heir, isDefault: true });
}
