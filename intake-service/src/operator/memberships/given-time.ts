import { isSellable, LONGEST_PERIOD } from '@paid-community/shared/model/plans/plan-life.ts';
import { invalidArguments } from '../http/invalid-arguments.ts';

/** In the form of documents. @throws HttpError invalid_request when it is over */
export function requireEnd(endsAt: string | undefined, nowMs: number): string | undefined {
  if (endsAt === undefined) return undefined;
  const time = new Date(endsAt);
  if (time.getTime() > nowMs) return time.toISOString();
  throw invalidArguments({ path: '/endsAt', message: 'must be a time to come' });
}

/** @throws HttpError invalid_request for a period of no length, and one that no calendar has */
export function requirePeriod(period: string | undefined, nowMs: number): string | undefined {
  if (period === undefined || isSellable(period, nowMs)) return period;
  throw invalidArguments({ path: '/period', message: `must be longer than nothing, and at most ${LONGEST_PERIOD}` });
}
