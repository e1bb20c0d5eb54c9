import { apiKeyAuthentication } from './authenticate.ts';
import type { Route } from './route.ts';
import { keepAnswer } from '../lifecycle/keep-answer.ts';
import type { Clock } from '../ports/clock.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** Writing the page takes a millisecond or two, and scrapers come every 15 seconds or so. */
const PAGE_COUNTS_MS = 1_000;
/** Scrapers at once. A page that is not taken is held. */
const AT_ONCE = 20;

/**
 * `GET /metrics` for Prometheus, where metrics are collected that way. It holds counts, no person's data; with `keys`
 * only who has one of them may read it.
 */
export function metricsRoutes(
  { prometheusPage }: Telemetry,
  keys: readonly string[],
  clock: Pick<Clock, 'monotonicMs'>,
): readonly Route[] {
  if (prometheusPage === undefined) return [];
  const page = keepAnswer(PAGE_COUNTS_MS, prometheusPage, clock);
  return [
    {
      method: 'GET',
      path: '/metrics',
      traced: false,
      atOnce: AT_ONCE,
      ...(keys.length === 0 ? {} : { authenticate: apiKeyAuthentication(keys) }),
      // https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
      handle: async () => ({
        status: 200,
        body: await page(),
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
      }),
    },
  ];
}
