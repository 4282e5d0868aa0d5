/** Figures as a table: what was measured, what was asked, and how many times better (over 1) or worse it is. */

export interface Figure {
	readonly name: string;
	readonly value: number;
	readonly unit: string;
	readonly target?: number;
	/** Which direction is better, where there is a target. */
	readonly better?: 'more' | 'less';
}

/** Of an ascending list. */
export const percentile = (sorted: readonly number[], part: number): number =>
	sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;

const shown = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

const ratio = ({ value, target, better }: Figure): string =>
	target === undefined ? '' : `${(better === 'more' ? value / target : target / value).toFixed(2)}×`;

const row = (figure: Figure): string[] => [
	figure.name,
	`${shown(figure.value)} ${figure.unit}`,
	figure.target === undefined ? '' : `${figure.better === 'more' ? '≥' : '≤'} ${figure.target} ${figure.unit}`,
	ratio(figure)
];

/** Markdown, its columns padded. */
export function table(figures: readonly Figure[]): string {
	const rows = [['figure', 'measured', 'target', 'ratio'], ...figures.map(row)];
	const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
	const line = (cells: readonly string[]) =>
		`| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
	const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
	return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n');
}
