/** JSON values as block YAML; scalars and keys stand as JSON, which YAML 1.2 reads. */
const isScalar = (value: unknown) => typeof value !== 'object' || value === null || Object.keys(value).length === 0;

export function toYaml(value: unknown, indent = ''): string {
	if (isScalar(value)) return `${JSON.stringify(value)}\n`;
	const entries: [string, unknown][] = Array.isArray(value)
		? value.map((each) => ['-', each])
		: Object.entries(value as object).map(([key, each]) => [`${JSON.stringify(key)}:`, each]);
	return entries
		.map(([head, each]) => `${indent}${head}${isScalar(each) ? ' ' : '\n'}${toYaml(each, `${indent}  `)}`)
		.join('');
}
