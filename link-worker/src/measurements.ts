import { botRateId, botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { links, pauseRemaining, purchaseToLink } from '@paid-community/shared/platform/telemetry/metric-definitions.ts';
import type { Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import type { Bots } from './bots/bots.ts';
import type { LinkOutcome } from './links/link-outcome.ts';

/** Counts the calls for a link by what they came to, and measures how long each buyer has waited. */
export function measureLinks(telemetry: Telemetry): (outcome: LinkOutcome) => void {
  const created = telemetry.series(links, { outcome: 'created' });
  const waited = telemetry.series(purchaseToLink, {});
  return (outcome) => {
    switch (outcome.kind) {
      case 'dropped':
        return;
      case 'linked': {
        if (!outcome.isNew) return;
        created.record(1);
        const { createdAt, linkCreatedAt, generation } = outcome.request;
        // A reissue says nothing of how long the buyer has waited for the first link.
        if (generation === 1) waited.record(Math.max(0, Date.parse(linkCreatedAt) - Date.parse(createdAt)) / 1_000);
        return;
      }
      case 'queued':
      case 'given_up':
        if (outcome.failed?.call === 'create') telemetry.series(links, { outcome: outcome.failed.because }).record(1);
    }
  };
}

/**
 * The longest pause of any bot for links. From the documents, so that it is right after a restart as well. Of a bot that
 * was not called since the start there is nothing to tell, but for the default one.
 */
export function observePause(
  bots: Bots,
  { store, clock }: { readonly store: DocumentStore; readonly clock: Clock },
  telemetry: Telemetry,
): void {
  telemetry.observe([pauseRemaining], async () => {
    const rates = await Promise.all(
      bots.called('link').map(({ botId }) => store.get(botRates, botRateId(botId, 'link'))),
    );
    const remaining = rates.map((read) => (read === undefined ? 0 : Date.parse(read.data.pausedUntil) - clock.now()));
    return [{ gauge: pauseRemaining, value: Math.max(0, ...remaining) / 1_000, attributes: {} }];
  });
}
