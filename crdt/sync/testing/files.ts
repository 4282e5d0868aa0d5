/** Files as tests need them: uploaded by somebody, and read back. */
import type { CreateFile, FileRow } from '../../index.ts';
import type { Result } from '../../result.ts';
import { must, type Person } from './town.ts';

export const text = (content: string) => new TextEncoder().encode(content);
export const bytesOf = (length: number, salt = 1) => Uint8Array.from({ length }, (_, i) => (i * 31 + salt) % 251);

export const upload = (who: Person, more: Partial<CreateFile> = {}): Promise<Result<FileRow>> =>
	who.engine.files.create({ content: text('hello'), filename: 'a.txt', mimetype: 'text/plain', ...more });
export const uploaded = async (who: Person, more?: Partial<CreateFile>): Promise<FileRow> =>
	must(await upload(who, more));

export async function bytesIn(who: Person, id: string): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	for await (const chunk of must(await who.engine.files.download(id)).chunks) pieces.push(chunk);
	return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}
