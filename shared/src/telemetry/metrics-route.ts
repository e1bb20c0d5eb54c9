import { apiKeyAuthentication } from '../http/authenticate.ts';
import type { Route } from '../http/route.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * `GET /metrics` for Prometheus, where metrics are collected that way. It holds counts, no person's data; with `keys` only who has
 * one of them may read it.
 */
export function metricsRoutes({ prometheusPage }: Telemetry, keys: readonly string[]): readonly Route[] {
  if (prometheusPage === undefined) return [];
  return [
    {
      method: 'GET',
      path: '/metrics',
      traced: false,
      ...(keys.length === 0 ? {} : { authenticate: apiKeyAuthentication(keys) }),
      // https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
      handle: async () => ({ status: 200, body: await prometheusPage(), contentType: 'text/plain; version=0.0.4; charset=utf-8' }),
    },
  ];
}
