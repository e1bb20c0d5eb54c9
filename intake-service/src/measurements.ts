import { deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { Route } from '@paid-community/shared/platform/http/route.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { openDeadLetters, purchases } from '@paid-community/shared/platform/telemetry/metric-definitions.ts';
import type { Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { topology } from '@paid-community/shared/topology.ts';

/** Counts each purchase by whether it was accepted. */
export function measurePurchases(telemetry: Telemetry): (route: Route) => Route {
  const [accepted, invalid, unavailable] = (['accepted', 'invalid', 'unavailable'] as const).map((outcome) =>
    telemetry.series(purchases, { outcome }),
  );
  return (route) => ({
    ...route,
    handle: async (request) => {
      try {
        const response = await route.handle(request);
        accepted?.record(1);
        return response;
      } catch (error) {
        (error instanceof HttpError && error.code === 'invalid_request' ? invalid : unavailable)?.record(1);
        throw error;
      }
    },
  });
}

/** Where a dead letter can come from, besides subscriptions and queues: a poll, and messages that do not say. */
const OTHER_SOURCES = ['telegram-updates', 'unknown'];

export function observeDeadLetters(store: DocumentStore, telemetry: Telemetry): void {
  const sources = [...topology.subscriptions, ...topology.queues].map(({ name }) => name).concat(OTHER_SOURCES);
  telemetry.observe([openDeadLetters], () =>
    Promise.all(
      sources.map(async (source) => ({
        gauge: openDeadLetters,
        value: await store.count({ collection: deadLetters, where: { status: 'open', source } }),
        attributes: { source },
      })),
    ),
  );
}
