/** `healthcheck`: exit code 0 if the Connector of this configuration answers that it is healthy (for containers). */
import { HEALTH_TIMEOUT_MS } from '../limits.ts';
import { complain, type Command } from './command.ts';

export const healthcheck: Command = async ({ infrastructure }) => {
	const { port } = infrastructure.httpServer;
	try {
		const response = await fetch(`http://localhost:${port}/health`, {
			signal: AbortSignal.timeout(2 * HEALTH_TIMEOUT_MS)
		});
		await response.body?.cancel();
		return response.status === 200 ? 0 : complain('the Connector is not healthy');
	} catch {
		return complain(`no Connector answers on port ${port}`);
	}
};
