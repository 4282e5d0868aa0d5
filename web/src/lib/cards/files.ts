/** Files in words: what kind, how large, and why something with one did not work. */
import { m } from '$lib/paraglide/messages.js';
import { getLocale } from '$lib/paraglide/runtime.js';
import { fileIdIn } from '$lib/vault/reference.ts';

/** Bytes; as the engine's (crdt/limits.ts). */
export const MAX_FILE = 10 * 1024 * 1024;

const UNITS = ['byte', 'kilobyte', 'megabyte'] as const;

/** "12 byte", "118 kB", "1.4 MB". */
export function sizeText(bytes: number): string {
	const step = bytes < 1000 ? 0 : bytes < 999_500 ? 1 : 2;
	return new Intl.NumberFormat(getLocale(), {
		style: 'unit',
		unit: UNITS[step]!,
		unitDisplay: step === 0 ? 'long' : 'short',
		maximumFractionDigits: step === 2 ? 1 : 0
	}).format(bytes / 1000 ** step);
}

/** "PDF", "Picture", "DOCX file". What its sender calls it: nothing here trusts that. */
export function kindText(file: { readonly mimetype: string; readonly filename: string }): string {
	const [general] = file.mimetype.split('/');
	if (file.mimetype === 'application/pdf') return m.file_kind_pdf();
	if (general === 'image') return m.file_kind_image();
	if (general === 'text') return m.file_kind_text();
	if (general === 'audio') return m.file_kind_audio();
	if (general === 'video') return m.file_kind_video();
	const ending = /\.([a-z0-9]{1,5})$/i.exec(file.filename)?.[1];
	return ending ? m.file_kind_named({ ending: ending.toUpperCase() }) : m.file_kind_other();
}

/** The screen of a file somebody names; none where the reference names none. */
export function fileHref(base: string, reference: string): string | undefined {
	const id = fileIdIn(reference);
	return id === undefined ? undefined : `${base}/files/${id}`;
}

/** Why a file cannot be taken as it lies on the device. */
export function fileFault(size: number): string | undefined {
	if (size === 0) return m.file_fail_empty();
	return size > MAX_FILE ? m.file_fail_large({ size: sizeText(size) }) : undefined;
}

/** The engine's code for what did not work with a file, as a sentence. */
export function fileRefusal(code: string): string {
	const is = (...ends: string[]) => ends.some((end) => code.toLowerCase().endsWith(end.toLowerCase()));
	if (is('request.unknown')) return m.file_fail_offline();
	if (is('foreignRelay')) return m.file_fail_relay();
	if (is('recordNotFound', 'expired')) return m.file_fail_gone();
	if (is('cipherMismatch', 'invalidMetadata', 'signatureNotValid')) return m.file_fail_changed();
	if (is('bodyLengthExceeded', 'unexpected')) return m.file_fail_full();
	if (is('invalidPropertyValue', 'invalidReference', 'invalidTokenContent', 'foreignBackbone'))
		return m.file_notOne();
	return m.file_fail_other();
}
