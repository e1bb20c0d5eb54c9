import { communityIdOf } from './communities.ts';

/**
 * The purchases of one run: number `index` of run `name` always has these ids, so that they can be looked for
 * afterwards.
 */

// Fixed width: every request of a run has the same length, so its head is made once.
const INDEX_DIGITS = 8;

export interface PurchaseIds {
  readonly userId: string;
  readonly transactionId: string;
}

export function purchaseIds(name: string, index: number): PurchaseIds {
  const number = String(index).padStart(INDEX_DIGITS, '0');
  return { userId: `user-${number}`, transactionId: `${name}-${number}` };
}

/** The bytes of POST /v1/invite/request for any purchase of the run. */
export function purchaseRequests(options: {
  readonly name: string;
  readonly port: number;
  readonly apiKey: string;
  readonly communities?: number | undefined;
}): (index: number) => string {
  const { communities } = options;
  const bodyOf = (index: number): string =>
    JSON.stringify({
      ...purchaseIds(options.name, index),
      communityId: communities === undefined ? undefined : communityIdOf(index % communities),
    });
  const head = [
    'POST /v1/invite/request HTTP/1.1',
    `Host: 127.0.0.1:${options.port}`,
    `Authorization: Bearer ${options.apiKey}`,
    'Content-Type: application/json',
    `Content-Length: ${bodyOf(0).length}`,
    '\r\n',
  ].join('\r\n');
  return (index) => head + bodyOf(index);
}
