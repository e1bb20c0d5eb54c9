import * as http from 'node:http';
import * as https from 'node:https';

/** What became of one attempt. */
export type PostOutcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly reason: string;
      /** Whole seconds from the Retry-After header; 0 when absent or unreadable. */
      readonly retryAfterSec: number;
      readonly body: string;
    }
  | { readonly kind: 'failed'; readonly message: string };

/** Sends updates to one webhook over connections that are kept; how many at once is up to the caller. */
export class WebhookConnection {
  readonly #url: URL;
  readonly #agent: http.Agent;
  readonly #secretToken: string;
  readonly #timeoutMs: number;

  constructor(options: { readonly url: URL; readonly secretToken: string; readonly timeoutMs: number }) {
    this.#url = options.url;
    this.#secretToken = options.secretToken;
    this.#timeoutMs = options.timeoutMs;
    this.#agent =
      options.url.protocol === 'https:' ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
  }

  /** Never rejects. */
  post(update: object): Promise<PostOutcome> {
    const body = JSON.stringify(update);
    const { request } = this.#url.protocol === 'https:' ? https : http;
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(this.#secretToken === '' ? {} : { 'x-telegram-bot-api-secret-token': this.#secretToken }),
    };
    return new Promise((resolve) => {
      const fail = (error: Error): void => resolve({ kind: 'failed', message: error.message });
      const call = request(this.#url, { method: 'POST', agent: this.#agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () =>
          resolve({
            kind: 'answered',
            status: response.statusCode ?? 0,
            reason: response.statusMessage ?? '',
            retryAfterSec: Number.parseInt(response.headers['retry-after'] ?? '0', 10) || 0,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      call.setTimeout(this.#timeoutMs, () => call.destroy(new Error('Read timeout expired')));
      call.on('error', fail);
      call.end(body);
    });
  }

  /** Cuts the calls that are still open. */
  close(): void {
    this.#agent.destroy();
  }
}
