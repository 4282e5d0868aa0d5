/**
 * Plain HTTP posts to systems of the integrator: no redirects, proxies by environment, certificates checked unless the
 * configuration says otherwise. node:http rather than fetch, which cannot be told to skip the certificate check.
 */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface Sent {
	readonly status: number;
	/** The answer's beginning. */
	readonly text: string;
}
/** `signal` gives up; without one a post takes as long as it takes. */
export type Sender = (
	url: string,
	headers: Readonly<Record<string, string>>,
	body: string,
	signal?: AbortSignal
) => Promise<Sent>;

export function createSender(options: { readonly skipTlsCheck: boolean; readonly maxBytes: number }): Sender {
	const proxyEnv = process.env;
	const http = new HttpAgent({ keepAlive: true, proxyEnv });
	const https = new HttpsAgent({ keepAlive: true, proxyEnv, rejectUnauthorized: !options.skipTlsCheck });
	return (url, headers, body, signal) =>
		new Promise((resolve, reject) => {
			const isSecure = new URL(url).protocol === 'https:';
			const settings = {
				method: 'POST',
				headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
				agent: isSecure ? https : http,
				...(signal === undefined ? {} : { signal })
			};
			const sending = (isSecure ? httpsRequest : httpRequest)(url, settings, (answer) => {
				const chunks: Buffer[] = [];
				let length = 0;
				answer.on('data', (chunk: Buffer) => {
					if (length < options.maxBytes) chunks.push(chunk);
					length += chunk.length;
				});
				answer.on('end', () =>
					resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') })
				);
				answer.on('error', reject);
			});
			sending.on('error', reject);
			sending.end(body);
		});
}
