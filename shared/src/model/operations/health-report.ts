import type { ServiceName } from '../services.ts';
import { EACH_ITS_OWN, type Collection } from '../../platform/ports/topology-types.ts';

/** `unknown` = it could not be looked at: neither good nor bad. */
export type HealthState = 'ok' | 'warning' | 'failing' | 'unknown';

/** What one look at one thing has shown. */
export interface Finding {
  /** Stable, snake_case. */
  readonly check: string;
  readonly state: HealthState;
  /** One sentence for a person; no secret in it. */
  readonly meaning: string;
  /** What to do; absent when there is nothing to do. */
  readonly advice?: string;
}

export interface RecordedFinding extends Finding {
  /** Since when the state is this one. */
  readonly since: string;
  /** The last state that was not unknown: by it a change is told from a gap. */
  readonly lastKnown?: Exclude<HealthState, 'unknown'>;
}

/** The newest report of one service about what only it can see. */
export interface HealthReport {
  readonly service: ServiceName;
  readonly checkedAt: string;
  /**
   * The checks that it answers, newest last: another check may follow before somebody has read the answer to the first.
   */
  readonly checkIds: readonly string[];
  readonly findings: readonly RecordedFinding[];
  /** What another service's report is held against, such as the fingerprint of a secret. */
  readonly facts: Readonly<Record<string, string>>;
}

/** Id: the name of the service. */
export const healthReports: Collection<HealthReport> = {
  name: 'health_reports',
  owner: EACH_ITS_OWN,
  operatorWrites: false,
  keyedBy: 'service',
  personalFields: {},
  onErasure: { keep: 'is about the services' },
  indexes: [],
};

/** The fact in which join-tracker tells when it last heard of the chat of a community. */
export function lastUpdateFact(communityId: string): string {
  return `lastUpdateAt ${communityId}`;
}
