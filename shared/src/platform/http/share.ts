import { HttpError } from './http-error.ts';

/** Bodies of one caller that are held at once: a thousand of 64 KiB. */
const MOST_BYTES = 64 * 1_024 * 1_024;

interface Held {
  requests: number;
  bytes: number;
}

/**
 * The requests that each caller may have under way on one route, from its key to the last byte of its answer. Only a
 * caller with too many is refused: the others have shares of their own.
 */
export class Share {
  readonly #mostRequests: number;
  readonly #held = new Map<string, Held>();

  constructor(mostRequests: number) {
    this.#mostRequests = mostRequests;
  }

  /** Returns how it is given back, which is to be done once. @throws HttpError too_many_requests */
  take(caller: string, bytes: number): () => void {
    const held = this.#held.get(caller) ?? { requests: 0, bytes: 0 };
    if (held.requests >= this.#mostRequests || (held.requests > 0 && held.bytes + bytes > MOST_BYTES)) {
      throw new HttpError('too_many_requests', 'You have too many requests under way here; please send this one again');
    }
    held.requests += 1;
    held.bytes += bytes;
    this.#held.set(caller, held);
    return () => {
      held.requests -= 1;
      held.bytes -= bytes;
    };
  }
}
