import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import {
  heldRemovals as heldGauge,
  joins,
  linkToJoin,
} from '@paid-community/shared/platform/telemetry/metric-definitions.ts';
import type { Series, Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import type { JoinOutcome } from './joins/track-join.ts';
import { heldRemovals } from './ticks/examine-memberships.ts';

export type MeasureJoin = (outcome: JoinOutcome) => void;

export function measureJoins(telemetry: Telemetry): MeasureJoin {
  const counters: Readonly<Record<JoinOutcome['outcome'], Series>> = {
    tracked: telemetry.series(joins, { outcome: 'tracked' }),
    already_tracked: telemetry.series(joins, { outcome: 'already_tracked' }),
    repeated: telemetry.series(joins, { outcome: 'repeated' }),
    unmatched: telemetry.series(joins, { outcome: 'unmatched' }),
    foreign_chat: telemetry.series(joins, { outcome: 'foreign_chat' }),
  };
  const waited = telemetry.series(linkToJoin, {});
  return ({ outcome, waitedMs }) => {
    counters[outcome].record(1);
    if (waitedMs !== undefined) waited.record(waitedMs / 1_000);
  };
}

export function measureRemovals(telemetry: Telemetry, store: DocumentStore): void {
  telemetry.observe([heldGauge], async () => {
    const held = await heldRemovals({ store });
    return [{ gauge: heldGauge, value: held.reduce((sum, { count }) => sum + count, 0), attributes: {} }];
  });
}
