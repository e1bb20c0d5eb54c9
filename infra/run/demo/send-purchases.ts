import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { UsageError } from '../../ops/command-line/usage-error.ts';
import { atOnce } from '../at-once.ts';
import { call, describeFault, describeRefusal, type Answer } from './call.ts';
import { isObject } from './is-object.ts';
import type { Ledger } from './ledger.ts';
import type { PlannedPurchase } from './plan-purchases.ts';

const SENDING_AT_ONCE = 32;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 5_000;

export interface SendDeps {
  readonly url: string;
  readonly apiKey: string;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
}

/**
 * Sends every purchase until it is acknowledged or refused; ends early when `signal` aborts.
 * @throws UsageError when the server refuses the caller rather than the purchase.
 */
export async function sendPurchases(deps: SendDeps): Promise<void> {
  await atOnce(SENDING_AT_ONCE, deps.ledger.plan.purchases.values(), (purchase) => send(purchase, deps));
}

// A purchase whose answer was lost may have been accepted: intake makes the second one the same.
async function send(purchase: PlannedPurchase, { url, apiKey, ledger, signal }: SendDeps): Promise<void> {
  const { userId, transactionId, community, idempotencyKey } = purchase;
  const headers = {
    authorization: `Bearer ${apiKey}`,
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
  };
  for (let attempt = 0; ; attempt += 1) {
    let retryAfterMs: number | undefined;
    try {
      const answer = await call(`${url}/v1/invite/request`, {
        method: 'POST',
        headers,
        body: { userId, transactionId, communityId: community?.communityId },
        signal,
      });
      if (settle(purchase, answer, ledger)) return;
      ledger.unanswered.set(purchase, describeRefusal(answer));
      retryAfterMs = answer.retryAfterMs;
    } catch (error) {
      if (error instanceof UsageError) throw error;
      if (signal.aborted) return;
      ledger.unanswered.set(purchase, describeFault(error));
    }
    await systemClock.sleep(retryAfterMs ?? Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt), signal);
  }
}

/** False when the purchase is to be sent again. */
function settle(purchase: PlannedPurchase, answer: Answer, ledger: Ledger): boolean {
  const { status, body } = answer;
  if (status === 202) {
    const requestId = isObject(body) ? body['requestId'] : undefined;
    if (typeof requestId === 'string' && requestId !== '') ledger.acknowledge(purchase, requestId);
    else ledger.refuse(purchase, 'status 202 without a requestId');
    return true;
  }
  if (status === 400 || status === 413) {
    ledger.refuse(purchase, describeRefusal(answer));
    return true;
  }
  if (status === 401 || status === 403)
    throw new UsageError(
      'The system does not accept the API key; --api-key, or INTAKE_API_KEYS in .env, must be one of its keys',
    );
  if (status === 408 || status === 429 || status >= 500) return false;
  throw new UsageError(
    `POST /v1/invite/request was answered with status ${status}; is --url the address of intake-service?`,
  );
}
