/** `node connector/main.ts start`: see cli.ts for the commands, config.ts for the settings. */
import { run } from './cli.ts';

// Everything is closed when a command ends; what a library may still hold open must not keep a stopped process alive.
process.exit(await run(process.argv.slice(2), process.env));
