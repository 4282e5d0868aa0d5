/** A device code on its way from the page that received it to the page that uses it: in memory only, used once. */
let code: string | undefined;

export const handOver = (text: string): void => void (code = text);
export function takeOver(): string | undefined {
	const taken = code;
	code = undefined;
	return taken;
}
