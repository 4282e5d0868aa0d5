/** A reference as a QR code picture: dark on light, four modules of quiet zone, eight pixels per module. */
import { PNG } from 'pngjs';
import { encode } from 'uqr';
import { MAX_QR_BYTES } from '../limits.ts';

const SCALE = 8;
const QUIET_ZONE = 4;

/** PNG bytes. Throws when the text does not fit a QR code (references are far shorter). */
export function qrPng(text: string): Uint8Array<ArrayBuffer> {
	if (Buffer.byteLength(text) > MAX_QR_BYTES) throw new RangeError('too long for a QR code');
	const { size, data } = encode(text, { ecc: 'L', border: QUIET_ZONE });
	const width = size * SCALE;
	const png = new PNG({ width, height: width, colorType: 0 });
	for (let y = 0; y < width; y++) {
		const row = data[Math.floor(y / SCALE)];
		for (let x = 0; x < width; x++) {
			const shade = row?.[Math.floor(x / SCALE)] ? 0 : 255;
			png.data.set([shade, shade, shade, 255], (y * width + x) * 4);
		}
	}
	return new Uint8Array(PNG.sync.write(png, { colorType: 0 }));
}
