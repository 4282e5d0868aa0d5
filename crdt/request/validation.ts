/**
 * Validation results as REST shows them: a tree that mirrors the items (content-model.md §4.4). A parent with failing
 * children says only that; the reason stands at the child.
 */
import type { ValidationResult } from '../api.ts';
import type { Refusal } from '../result.ts';

export const success: ValidationResult = { isSuccess: true, items: [] };

export const failure = ({ code, message }: Refusal): ValidationResult => ({
	isSuccess: false,
	code,
	message,
	items: []
});

export const verdict = (fault: Refusal | undefined): ValidationResult => (fault ? failure(fault) : success);

export function parentOf(items: readonly ValidationResult[]): ValidationResult {
	if (items.every((item) => item.isSuccess)) return { isSuccess: true, items };
	const message = 'Some child items have errors. Ask the validation of the request for details.';
	return { isSuccess: false, code: requestFault('validation.inheritedFromItem', '').code, message, items };
}

export const requestFault = (code: string, message: string): Refusal => ({
	code: `error.consumption.requests.${code}`,
	message
});

/** The refusal a command gives when validation failed: that of the root. */
export const firstFailure = ({ isSuccess, code = '', message = '' }: ValidationResult): Refusal | undefined =>
	isSuccess ? undefined : { code, message };
