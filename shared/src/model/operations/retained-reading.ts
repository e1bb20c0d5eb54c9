import type { Collection } from '../../platform/ports/topology-types.ts';

/**
 * Somebody is reading what a topic retains; on Pub/Sub two readings of one topic would each miss what the other one
 * gets.
 */
export interface RetainedReading {
  readonly reading: string;
  /** The page that may be asked for next. */
  readonly page: number;
  /** From then on it counts as broken off. */
  readonly until: string;
}

/** Id: the name of the topic. */
export const retainedReadings: Collection<RetainedReading> = {
  name: 'retained_readings',
  owner: 'intake-service',
  operatorWrites: 'operators read what a topic retains',
  keyedBy: 'topic',
  personalFields: {},
  onErasure: { keep: 'names of topics' },
  indexes: [],
};
