import { snakeCase } from '@paid-community/shared/model/emissions/emission.ts';
import type { LinkCreatedData } from '@paid-community/shared/model/links/link-created.ts';
import type {
  MembershipEventType,
  MembershipFacts,
} from '@paid-community/shared/model/memberships/membership-event-types.ts';
import { PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { events, purchaseToEvent } from '@paid-community/shared/platform/telemetry/metric-definitions.ts';
import type { Series, Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import type { Emitted } from './emissions/emit-once.ts';
import type { NotTold } from './emissions/link-in-time.ts';
import type { MembershipNotTold } from './emissions/report-membership-event.ts';

type EventName = 'link_created' | 'joined';
type Failed = 'refused' | 'failed';
type Outcome = Emitted | NotTold | Failed;

/**
 * Counts events of purchases by what became of them. `since`: when the buyer began to wait for this one; undefined =
 * the wait is not measured. Test journeys are not counted.
 */
export function measureEvents(
  telemetry: Telemetry,
  clock: Clock,
): (
  event: EventName,
  facts: { readonly test?: true },
  report: () => Promise<Emitted | NotTold>,
  since?: string,
) => Promise<void> {
  const seriesOf = (event: EventName): Readonly<Record<Outcome, Series>> => ({
    sent: telemetry.series(events, { event, outcome: 'sent' }),
    already_sent: telemetry.series(events, { event, outcome: 'already_sent' }),
    superseded: telemetry.series(events, { event, outcome: 'superseded' }),
    expired: telemetry.series(events, { event, outcome: 'expired' }),
    refused: telemetry.series(events, { event, outcome: 'refused' }),
    failed: telemetry.series(events, { event, outcome: 'failed' }),
  });
  const counters = { link_created: seriesOf('link_created'), joined: seriesOf('joined') };
  const waited = telemetry.series(purchaseToEvent, {});
  return async (event, { test }, report, since) => {
    if (test === true) {
      await report();
      return;
    }
    const outcome = await counted(report, (each) => counters[event][each].record(1));
    if (outcome === 'sent' && since !== undefined) waited.record(Math.max(0, clock.now() - Date.parse(since)) / 1_000);
  };
}

/** The same for events of memberships, of which each purchase has few: a series begins with its first event. */
export function measureMembershipEvents(
  telemetry: Telemetry,
): (
  type: MembershipEventType,
  facts: MembershipFacts,
  report: () => Promise<Emitted | MembershipNotTold>,
) => Promise<void> {
  return async (type, { test }, report) => {
    const event = snakeCase(type);
    if (test === true) await report();
    else await counted(report, (outcome) => telemetry.series(events, { event, outcome }).record(1));
  };
}

async function counted<Reported>(
  report: () => Promise<Reported>,
  count: (outcome: Reported | Failed) => void,
): Promise<Reported> {
  let outcome: Reported | Failed = 'failed';
  try {
    outcome = await report();
    return outcome;
  } catch (error) {
    if (error instanceof PermanentError) outcome = 'refused';
    throw error;
  } finally {
    count(outcome);
  }
}

/** A reissue says nothing of how long the buyer has waited for the first link. */
export function waitingSince({ generation, createdAt }: LinkCreatedData): string | undefined {
  return generation === undefined ? createdAt : undefined;
}
