import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { API_KEY } from './credentials.ts';
import { send, type Answer } from './http.ts';
import { UUID, type Purchase, type PurchaseBody, type RequestStatus } from './wire.ts';

export const JSON_WITH_KEY = { 'content-type': 'application/json', authorization: `Bearer ${API_KEY}` };

export function postPurchase(
  url: string,
  body: PurchaseBody,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return send(`${url}/v1/invite/request`, { method: 'POST', headers: { ...JSON_WITH_KEY, ...headers }, body });
}

/** A purchase that must be acknowledged at once. */
export async function buy(
  url: string,
  body: PurchaseBody,
  headers: Readonly<Record<string, string>> = {},
): Promise<Purchase> {
  return toPurchase(await postPurchase(url, body, headers), body);
}

export function toPurchase(answer: Answer, body: PurchaseBody): Purchase {
  expect(answer).toMatchObject({
    status: 202,
    json: { ok: true, status: 'queued', requestId: expect.stringMatching(UUID) },
  });
  const { requestId } = answer.json as { requestId: string };
  return { requestId, userId: body.userId, transactionId: body.transactionId ?? '' };
}

const RETRY_PAUSE_MS = 50;
const RETRY_DEADLINE_MS = 120_000;

/** A client that sends at least once, as WebEngage's journey does: again and again until it has a 202. */
export async function buyUntilAccepted(url: string, body: PurchaseBody): Promise<Purchase> {
  const deadline = performance.now() + RETRY_DEADLINE_MS;
  for (;;) {
    const answer = await postPurchase(url, body).catch(() => undefined);
    if (answer?.status === 202) return toPurchase(answer, body);
    if (answer !== undefined) expect([429, 503]).toContain(answer.status);
    if (performance.now() > deadline) throw new Error('No 202 in time');
    await sleep(RETRY_PAUSE_MS);
  }
}

/** What the status look-up says; undefined while it does not know the request, or the system is down. */
export async function statusOf(url: string, requestId: string): Promise<RequestStatus | undefined> {
  const answer = await send(`${url}/v1/invite/requests/${requestId}`, {
    headers: { authorization: `Bearer ${API_KEY}` },
  }).catch(() => undefined);
  if (answer === undefined || answer.status === 404) return undefined;
  expect(answer).toMatchObject({ status: 200, json: { ok: true, requestId } });
  return answer.json as RequestStatus;
}

/** Distinct purchases; `prefix` keeps those of one test apart. */
export function purchaseBodies(
  prefix: string,
  count: number,
): { readonly userId: string; readonly transactionId: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    userId: `${prefix}-user-${index}`,
    transactionId: `${prefix}-txn-${index}`,
  }));
}
