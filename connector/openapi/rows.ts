/** Everything the document can describe: what a running Connector may leave out (debug mode, no retries) included. */
import { openApi, type Document } from '../openapi.ts';
import { deadLetterRows } from '../routes/dead-letters.ts';
import { monitoringRows, type MonitoringRow } from '../routes/monitoring.ts';
import { DEBUG_ROUTES, ROUTES } from '../routes/table.ts';
import type { Route } from '../routes/route.ts';

export const ALL_ROUTES: readonly Route[] = [...ROUTES, ...DEBUG_ROUTES];
/** For their places only: nothing stands behind them. */
export const ALL_MONITORING: readonly MonitoringRow[] = [
	...monitoringRows({} as never),
	...deadLetterRows({} as never)
];

export const wholeDocument = (): Document => openApi(ALL_ROUTES, ALL_MONITORING, 'X-API-KEY');
