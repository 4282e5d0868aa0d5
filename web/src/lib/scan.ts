/**
 * Reading QR codes: zxing compiled to WebAssembly, from our own origin, loaded only when somebody scans. Pictures never leave the
 * page.
 */
import type * as Reader from 'zxing-wasm/reader';
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';

let reader: Promise<typeof Reader> | undefined;

const load = (): Promise<typeof Reader> =>
	(reader ??= import('zxing-wasm/reader').then((module) => {
		module.prepareZXingModule({ overrides: { locateFile: () => wasmUrl } });
		return module;
	}));

/** Texts of the codes in a picture; none when there is none. Rejects when the file is no picture. */
export async function readCodes(source: Blob | ImageData): Promise<string[]> {
	const { readBarcodes } = await load();
	const image = source instanceof Blob ? await pixels(source) : source;
	const found = await readBarcodes(image, {
		formats: ['QRCode', 'MicroQRCode'],
		tryHarder: source instanceof Blob,
		maxNumberOfSymbols: 4
	});
	return found.filter((code) => code.isValid).map((code) => code.text);
}

/** Large photos are scaled: a code that fills a tenth of the picture is still sharp enough. */
const MAX_SIDE = 1600;

async function pixels(file: Blob): Promise<ImageData> {
	const bitmap = await createImageBitmap(file);
	const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
	const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
	const context = canvas.getContext('2d', { willReadFrequently: true })!;
	context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
	bitmap.close();
	return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** Why there is no camera picture, told apart because each has another way out (E28). */
export type CameraTrouble = 'denied' | 'none' | 'busy' | 'insecure';

export async function openCamera(): Promise<{ ok: true; stream: MediaStream } | { ok: false; trouble: CameraTrouble }> {
	if (!navigator.mediaDevices?.getUserMedia) return { ok: false, trouble: 'insecure' };
	try {
		const stream = await navigator.mediaDevices.getUserMedia({
			video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 } },
			audio: false
		});
		return { ok: true, stream };
	} catch (error) {
		const name = error instanceof Error ? error.name : '';
		if (name === 'NotAllowedError' || name === 'SecurityError') return { ok: false, trouble: 'denied' };
		return { ok: false, trouble: name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'none' };
	}
}
