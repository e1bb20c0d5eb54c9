import { healthReports, type HealthReport } from '@paid-community/shared/model/operations/health-report.ts';
import { requestHealthCheck } from '@paid-community/shared/health/request-health-check.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import { healthChecks } from '@paid-community/shared/model/topics.ts';
import { topology } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';

/** Above the 4 s that a service waits for a silent outside. */
const ANSWER_WITHIN_MS = 10_000;
/** A fix makes two calls more. */
const FIX_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 100;

const askedServices: readonly ServiceName[] = topology.subscriptions
  .filter(({ topic }) => topic === healthChecks)
  .map(({ service }) => service);

export interface ServiceAnswer {
  readonly service: ServiceName;
  /** Its newest report, of this check or of an earlier one; undefined when it has never made one. */
  readonly report: HealthReport | undefined;
  readonly inTime: boolean;
}

export interface Asked {
  readonly checkId: string;
  readonly withinMs: number;
  readonly answers: readonly ServiceAnswer[];
}

/**
 * Asks the services that hold a secret, and waits until each has answered or the time is up. @throws RetryableError
 * when they cannot be asked.
 */
export async function askServices(
  { fix, traceparent }: { readonly fix: boolean; readonly traceparent: string },
  deps: { readonly eventBus: EventBus; readonly store: DocumentStore; readonly clock: Clock },
): Promise<Asked> {
  const { store, clock } = deps;
  const withinMs = fix ? FIX_WITHIN_MS : ANSWER_WITHIN_MS;
  const checkId = await requestHealthCheck({ askedBy: 'intake-service', fix, traceparent }, deps);
  const deadlineMs = clock.monotonicMs() + withinMs;
  for (;;) {
    const answers = await Promise.all(
      askedServices.map(async (service): Promise<ServiceAnswer> => {
        const report = (await store.get(healthReports, service))?.data;
        return { service, report, inTime: report?.checkIds.includes(checkId) === true };
      }),
    );
    if (answers.every(({ inTime }) => inTime) || clock.monotonicMs() >= deadlineMs)
      return { checkId, withinMs, answers };
    await clock.sleep(LOOK_EVERY_MS);
  }
}
