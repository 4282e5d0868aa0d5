/** The relay with a disk that does not sync, or a small one: for the trials that show what the relay's own tests would notice. */
import { parseConfig } from '../backbone-relay/config.ts';
import { start } from '../backbone-relay/start.ts';

const parsed = parseConfig([], process.env);
if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
const maxPages = Number(process.env['TRIAL_MAX_PAGES'] ?? 0);
const synchronous = process.env['TRIAL_SYNCHRONOUS'] === 'off' ? 'off' : 'full';
const say = (level: string) => (fields: object, msg: string) => console.log(JSON.stringify({ level, ...fields, msg }));
const running = await start(
	parsed.config,
	{ error: say('error'), debug: () => undefined },
	{ synchronous, ...(maxPages > 0 ? { maxPages } : {}) }
);
say('info')({ port: running.port }, 'listening');
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)));
