/** A handler's value as bytes: in the envelope, as a picture, as a file, or nothing. */
import { ReadableStream as NodeStream } from 'node:stream/web';
import type { Download } from '../routes/route.ts';
import { qrPng } from './qr.ts';
import { JSON_TYPE, reply } from './reply.ts';

/** Whatever a file is called, its name cannot end the header. */
const named = (filename: string) => `attachment;filename=${encodeURIComponent(filename)}`;

const isRead = (request: Request) => request.method === 'GET' || request.method === 'HEAD';

/** Which representation a GET gave depends on what was asked for. */
export const varyOf = (request: Request, accept: 'json' | 'picture' | 'any'): Record<string, string> =>
	accept === 'picture' && isRead(request) ? { vary: 'Accept' } : {};

type Headers = Readonly<Record<string, string>>;

export const jsonAnswer = (request: Request, status: number, result: unknown, headers: Headers): Response =>
	reply(request, status, JSON_TYPE, JSON.stringify({ result }), headers);

/** The QR code of an object's reference. */
export function pictureAnswer(request: Request, status: number, value: unknown, headers: Headers): Response {
	const { id, reference } = value as { id: string; reference: { url: string } };
	const disposition = { 'content-disposition': `attachment;filename=${id}.png` };
	return reply(request, status, 'image/png', qrPng(reference.url), { ...headers, ...disposition });
}

const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+( *; *[\w!#$&^.+-]+=("[^"\r\n]*"|[\w!#$&^.+-]+))*$/;

/** A file as it was uploaded; `nosniff` (helmet.ts) keeps browsers from guessing what it is. */
export function fileAnswer(
	request: Request,
	{ content, filesize, mimetype, filename }: Download,
	vary: Headers
): Response {
	const type = MEDIA_TYPE.test(mimetype) ? mimetype : 'application/octet-stream';
	const headers = { ...vary, 'content-disposition': named(filename) };
	if (content instanceof Uint8Array) return reply(request, 200, type, content, headers);
	return new Response(NodeStream.from(content) as ReadableStream<Uint8Array<ArrayBuffer>>, {
		headers: { 'content-type': type, 'content-length': String(filesize), ...headers }
	});
}
