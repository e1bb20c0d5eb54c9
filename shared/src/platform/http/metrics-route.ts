import { Type } from 'typebox';
import { keepAnswer } from '../lifecycle/keep-answer.ts';
import type { Clock } from '../ports/clock.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { apiKeyAuthentication } from './authenticate.ts';
import { defineEndpoint, mountEndpoint } from './endpoint.ts';
import type { Route } from './route.ts';

/** Writing the page takes a millisecond or two, and scrapers come every 15 seconds or so. */
const PAGE_COUNTS_MS = 1_000;
/** Scrapers at once. A page that is not taken is held. */
const AT_ONCE = 20;

/** It holds counts, no person's data. */
export const metrics = defineEndpoint({
  id: 'metrics.read',
  method: 'GET',
  path: '/metrics',
  traced: false,
  atOnce: AT_ONCE,
  summary: 'The measurements, for Prometheus, where they are collected that way.',
  security: {
    name: 'metricsKey',
    description: 'One of METRICS_API_KEYS; where there are none, anybody may read.',
    sentAs: 'key',
    optional: true,
  },
  input: Type.Object({}),
  answer: {
    status: 200,
    description: 'A page in the text format of Prometheus',
    schema: Type.String(),
    // https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
  },
  refusals: [],
  texts: { invalid: 'The arguments are not valid' },
  handle: (_input, _call, { page }: { readonly page: () => Promise<string> }) => page(),
});

/** None where metrics are not collected that way. With `keys`, only their owners may read. */
export function metricsRoutes(
  { prometheusPage }: Telemetry,
  keys: readonly string[],
  clock: Pick<Clock, 'monotonicMs'>,
): readonly Route[] {
  if (prometheusPage === undefined) return [];
  const page = keepAnswer(PAGE_COUNTS_MS, prometheusPage, clock);
  return [mountEndpoint(metrics, { page }, keys.length === 0 ? undefined : apiKeyAuthentication(keys))];
}
