import { botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { links, pauseRemaining, purchaseToLink } from '@paid-community/shared/platform/telemetry/metric-definitions.ts';
import type { Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import type { DoneRequest } from '@paid-community/shared/model/links/request-states.ts';
import { classifyCallFailure, type LinkMethod } from './calls/classify-failure.ts';

/** Counts recorded links, with the time that each buyer has waited. */
export function createdLinks(telemetry: Telemetry): (request: DoneRequest) => void {
  const created = telemetry.series(links, { outcome: 'created' });
  const waited = telemetry.series(purchaseToLink, {});
  return ({ createdAt, linkCreatedAt, generation }) => {
    created.record(1);
    // A link that an operator had made anew says nothing of how long the buyer has waited for the first.
    if (generation === 1) waited.record(Math.max(0, Date.parse(linkCreatedAt) - Date.parse(createdAt)) / 1_000);
  };
}

/** Counts calls that failed, by what that means for the request. */
export function failedCalls(telemetry: Telemetry): (error: unknown, method: LinkMethod) => void {
  return (error, method) => {
    telemetry.series(links, { outcome: classifyCallFailure(error, method).kind }).record(1);
  };
}

/** From the document, so that it is right after a restart as well. */
export function observePause(
  botId: string,
  { store, clock }: { readonly store: DocumentStore; readonly clock: Clock },
  telemetry: Telemetry,
): void {
  telemetry.observe([pauseRemaining], async () => {
    const read = await store.get(botRates, botId);
    const remainingMs = read === undefined ? 0 : Date.parse(read.data.pausedUntil) - clock.now();
    return [{ gauge: pauseRemaining, value: Math.max(0, remainingMs) / 1_000, attributes: {} }];
  });
}
