import { percentile } from '../../statistics.ts';
import type { FleetOutcome } from './run-fleet.ts';

export interface FleetSummary {
  /** Links, as a share of those of senders that know every limit. */
  readonly share: number;
  readonly refusalsPerThousand: number;
  /** The least part of its fair share that a community has. */
  readonly worstCommunity: number;
  readonly callsDuringStop: number;
  /** How often a purchase came back before it had its turn: on average, and of the most patient one in a hundred. */
  readonly deferrals: { readonly mean: number; readonly p99: number };
}

export function summariseFleet(outcome: FleetOutcome): FleetSummary {
  const { links, best, refusals, callsDuringStop, ofCommunities, made } = outcome;
  const deferrals = made.map(({ task }) => task.deferrals);
  return {
    share: links / best,
    refusalsPerThousand: (refusals / Math.max(1, links)) * 1_000,
    worstCommunity: Math.min(...ofCommunities.map(({ links: had, fair }) => had / fair)),
    callsDuringStop,
    deferrals: {
      mean: deferrals.reduce((sum, count) => sum + count, 0) / Math.max(1, deferrals.length),
      p99: percentile(deferrals, 0.99),
    },
  };
}

export function describeFleet({
  share,
  refusalsPerThousand,
  worstCommunity,
  callsDuringStop,
  deferrals,
}: FleetSummary): string {
  return [
    `${share.toFixed(3)} of best`,
    `${refusalsPerThousand.toFixed(2)} refusals in 1,000 links`,
    `worst community ${worstCommunity.toFixed(3)} of its fair share`,
    `${callsDuringStop} calls in a stop`,
    `${deferrals.mean.toFixed(1)} deferrals for each link, p99 ${deferrals.p99}`,
  ].join('; ');
}
