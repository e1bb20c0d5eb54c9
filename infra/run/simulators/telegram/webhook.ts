import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { badRequest } from './bot-api-error.ts';
import type { UpdateStore } from './update-store.ts';
import { WebhookDelivery } from './webhook-delivery.ts';
import { WebhookConnection } from './webhook-post.ts';
import type { WebhookInfo } from './wire.ts';

const DEFAULT_CONNECTIONS = 40;
const MAX_CONNECTIONS = 100;
const MAX_SECRET_CHARACTERS = 256;

export interface WebhookRequest {
  readonly url: string;
  readonly secretToken: string;
  readonly maxConnections: number | undefined;
  readonly dropPending: boolean;
}

export interface WebhookOptions {
  readonly store: UpdateStore;
  readonly clock: Clock;
  readonly retryScale: number;
  readonly timeoutMs: number;
}

/** The bot's webhook, if it has one. */
export class Webhook {
  readonly #options: WebhookOptions;
  #current: { readonly url: string; readonly maxConnections: number; readonly delivery: WebhookDelivery } | undefined;
  attempts = 0;
  readonly executedReplies: unknown[] = [];

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  get isSet(): boolean {
    return this.#current !== undefined;
  }

  /** Replaces the webhook; what is pending goes to the new one. @throws BotApiError 400, and then changes nothing. */
  set(request: WebhookRequest): void {
    const url = parseUrl(request.url);
    checkSecretToken(request.secretToken);
    this.remove(request.dropPending);
    const { store, clock, retryScale, timeoutMs } = this.#options;
    const maxConnections = Math.min(MAX_CONNECTIONS, Math.max(1, request.maxConnections ?? DEFAULT_CONNECTIONS));
    const connection = new WebhookConnection({ url, secretToken: request.secretToken, timeoutMs });
    const delivery = new WebhookDelivery({
      store,
      connection,
      maxConnections,
      clock,
      retryScale,
      attempting: () => (this.attempts += 1),
      executed: (reply) => this.executedReplies.push(reply),
    });
    this.#current = { url: request.url, maxConnections, delivery };
    store.onStored = (stored) => delivery.offer(stored);
  }

  /** Back to getUpdates; what is pending stays, unless it is to be dropped. */
  remove(dropPending: boolean): void {
    if (this.#current !== undefined) {
      this.#current.delivery.close();
      this.#current = undefined;
      this.#options.store.onStored = () => undefined;
    }
    if (dropPending) this.#options.store.dropAll();
  }

  info(): WebhookInfo {
    const lastError = this.#current?.delivery.lastError;
    return {
      url: this.#current?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: this.#options.store.pendingCount,
      ...(lastError === undefined
        ? {}
        : { last_error_date: Math.floor(lastError.atMs / 1000), last_error_message: lastError.message }),
      ...(this.#current === undefined ? {} : { max_connections: this.#current.maxConnections }),
      ...this.#options.store.allowedInfo(),
    };
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw badRequest('bad webhook: invalid URL specified');
  return url;
}

/** 1–256 characters of the base64url alphabet; none means no header [types]. */
function checkSecretToken(secretToken: string): void {
  if (secretToken.length > MAX_SECRET_CHARACTERS) throw badRequest('secret token is too long');
  if (!/^[A-Za-z0-9_-]*$/.test(secretToken)) throw badRequest('secret token contains unallowed characters');
}
