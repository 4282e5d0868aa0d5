/**
 * Figures for Prometheus (text format 0.0.4): requests by route, method and status, their duration, and the process. A table
 * of our own: what is counted are our own words (route patterns, status codes), never a path, an id or a caller.
 */
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What the figures tell about the engine. */
export interface EngineMetrics {
	readonly waiting: number;
	readonly isOnline: boolean;
	/** Milliseconds since 1970; 0 = never. */
	readonly lastSyncMs: number;
}

export interface RequestFigures {
	/** One finished request; `route` is the pattern, not the path. */
	observe(request: { method: string; route: string; status: number; seconds: number }): void;
	text(engine: EngineMetrics): string;
}

interface Series {
	readonly labels: string;
	readonly buckets: number[];
	sum: number;
	count: number;
	readonly byStatus: Map<number, number>;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

/** One family: its help, its type and its lines. */
const family = (name: string, type: 'counter' | 'gauge' | 'histogram', help: string, lines: readonly string[]) =>
	[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n');
const single = (name: string, type: 'counter' | 'gauge', help: string, value: number) =>
	family(name, type, help, [`${name} ${value}`]);

function processFamilies(startedAtMs: number): string[] {
	const { user, system } = process.cpuUsage();
	const memory = process.memoryUsage();
	return [
		single('process_cpu_seconds_total', 'counter', 'Processor time in seconds.', (user + system) / 1e6),
		single('process_resident_memory_bytes', 'gauge', 'Resident memory in bytes.', memory.rss),
		single('nodejs_heap_size_used_bytes', 'gauge', 'Heap in use in bytes.', memory.heapUsed),
		single('process_start_time_seconds', 'gauge', 'Start, seconds since 1970.', startedAtMs / 1000)
	];
}

const engineFamilies = (engine: EngineMetrics): string[] => [
	single('connector_outbox_waiting', 'gauge', 'Own operations the relay has not acknowledged.', engine.waiting),
	single(
		'connector_relay_reachable',
		'gauge',
		'1 when everything own is acknowledged or on its way.',
		engine.isOnline ? 1 : 0
	),
	single(
		'connector_last_sync_timestamp_seconds',
		'gauge',
		'Last completed sync, 0 = never.',
		engine.lastSyncMs / 1000
	)
];

/** Counts from now on; `startedAtMs` is since 1970. */
export function requestFigures(startedAtMs: number): RequestFigures {
	const all = new Map<string, Series>();
	const seriesOf = (method: string, route: string): Series => {
		const labels = `method="${METHODS.has(method) ? method : 'other'}",route="${escaped(route)}"`;
		const known = all.get(labels);
		if (known) return known;
		const made = { labels, buckets: BUCKETS_S.map(() => 0), sum: 0, count: 0, byStatus: new Map<number, number>() };
		all.set(labels, made);
		return made;
	};
	const durations = () =>
		[...all.values()].flatMap(({ labels, buckets, sum, count }) => [
			...buckets.map(
				(times, index) =>
					`connector_http_request_duration_seconds_bucket{${labels},le="${BUCKETS_S[index]}"} ${times}`
			),
			`connector_http_request_duration_seconds_bucket{${labels},le="+Inf"} ${count}`,
			`connector_http_request_duration_seconds_sum{${labels}} ${sum}`,
			`connector_http_request_duration_seconds_count{${labels}} ${count}`
		]);
	const counts = () =>
		[...all.values()].flatMap(({ labels, byStatus }) =>
			[...byStatus].map(
				([status, times]) => `connector_http_requests_total{${labels},status="${status}"} ${times}`
			)
		);
	return {
		observe({ method, route, status, seconds }) {
			const series = seriesOf(method, route);
			for (const [index, bound] of BUCKETS_S.entries())
				if (seconds <= bound) series.buckets[index] = (series.buckets[index] ?? 0) + 1;
			series.sum += seconds;
			series.count += 1;
			series.byStatus.set(status, (series.byStatus.get(status) ?? 0) + 1);
		},
		text: (engine) =>
			[
				family('connector_http_requests_total', 'counter', 'Finished requests.', counts()),
				family(
					'connector_http_request_duration_seconds',
					'histogram',
					'Duration of requests in seconds.',
					durations()
				),
				...engineFamilies(engine),
				...processFamilies(startedAtMs),
				''
			].join('\n')
	};
}
