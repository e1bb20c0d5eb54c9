import { Type } from 'typebox';
import { keepAnswer } from '../lifecycle/keep-answer.ts';
import type { Clock } from '../ports/clock.ts';
import { defineEndpoint, mountEndpoint } from './endpoint.ts';
import type { Route } from './route.ts';

/** Anybody may ask, and each look is a durable write. */
const READY_COUNTS_MS = 1_000;

// Nobody can be told from anybody else here, and a probe that gets 429 restarts the process.
const open = { method: 'GET', traced: false, atOnce: Infinity, security: undefined, input: Type.Object({}) } as const;
const OK = Type.Object({ ok: Type.Literal(true) });
const texts = { invalid: 'The arguments are not valid' };

export const healthz = defineEndpoint({
  ...open,
  id: 'process.alive',
  path: '/healthz',
  summary: 'The process answers.',
  answer: { status: 200, description: 'It does', schema: OK },
  refusals: [],
  texts,
  handle: () => Promise.resolve({ ok: true } as const),
});

export const readyz = defineEndpoint({
  ...open,
  id: 'process.ready',
  path: '/readyz',
  summary: 'The backend takes durable writes, or did so a second ago.',
  answer: { status: 200, description: 'It does', schema: OK },
  refusals: ['unavailable'],
  texts,
  handle: async (_input, _call, { checkReady }: { readonly checkReady: () => Promise<void> }) => {
    await checkReady();
    return { ok: true } as const;
  },
});

export function healthRoutes(
  backend: { checkReady(): Promise<void> },
  clock: Pick<Clock, 'monotonicMs'>,
): readonly Route[] {
  const checkReady = keepAnswer(READY_COUNTS_MS, () => backend.checkReady(), clock);
  return [mountEndpoint(healthz, {}), mountEndpoint(readyz, { checkReady })];
}
