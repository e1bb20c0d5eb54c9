import { keepAnswer } from '../lifecycle/keep-answer.ts';
import type { Clock } from '../ports/clock.ts';
import type { Route } from './route.ts';

/** Anybody may ask, and each look is a durable write. */
const READY_COUNTS_MS = 1_000;

/** `/healthz`: the process answers. `/readyz`: its backend takes durable writes, or did so a second ago, else 503. */
export function healthRoutes(
  backend: { checkReady(): Promise<void> },
  clock: Pick<Clock, 'monotonicMs'>,
): readonly Route[] {
  const checkReady = keepAnswer(READY_COUNTS_MS, () => backend.checkReady(), clock);
  // Nobody can be told from anybody else here, and a probe that gets 429 restarts the process.
  const unlimited = { method: 'GET', traced: false, atOnce: Infinity } as const;
  return [
    { ...unlimited, path: '/healthz', handle: () => Promise.resolve({ status: 200, body: { ok: true } }) },
    {
      ...unlimited,
      path: '/readyz',
      handle: async () => {
        await checkReady();
        return { status: 200, body: { ok: true } };
      },
    },
  ];
}
