/** Which of the offered media types an `Accept` header prefers (RFC 9110 §12.5.1); the first offer is the default. */

interface Range {
	readonly type: string;
	readonly quality: number;
}

const parse = (header: string): Range[] =>
	header.split(',').flatMap((part) => {
		const [type = '', ...parameters] = part.trim().toLowerCase().split(';');
		const quality = parameters.map((each) => each.trim()).find((each) => each.startsWith('q='));
		const value = quality === undefined ? 1 : Number(quality.slice(2));
		return type.trim() === '' ? [] : [{ type: type.trim(), quality: Number.isFinite(value) ? value : 0 }];
	});

/** 3 exact, 2 `type/*`, 1 anything, 0 no match: the most specific range decides about an offer. */
const specificity = (range: string, offer: string) =>
	range === offer ? 3 : range === `${offer.split('/')[0]}/*` ? 2 : range === '*/*' || range === '*' ? 1 : 0;

const qualityOf = (ranges: readonly Range[], offer: string): { quality: number; specific: number } =>
	ranges.reduce(
		(best, range) => {
			const specific = specificity(range.type, offer);
			return specific > best.specific ? { quality: range.quality, specific } : best;
		},
		{ quality: 0, specific: 0 }
	);

/** The best offer, or undefined: none is acceptable. Equal quality: the more specifically named one, then the first offered. */
export function preferred(header: string | undefined, offers: readonly string[]): string | undefined {
	if (header === undefined || header.trim() === '') return offers[0];
	const ranges = parse(header);
	const judged = offers.map((offer) => ({ offer, ...qualityOf(ranges, offer) })).filter(({ quality }) => quality > 0);
	return judged.sort((a, b) => b.quality - a.quality || b.specific - a.specific)[0]?.offer;
}
