import type { Collection } from '../../platform/ports/topology-types.ts';

/** What a rebuild that is under way must remember from one page to the next. */
export interface RebuildMark {
  /** waiting = this event was not acknowledged when it began; has-link = an event tells of this request's link. */
  readonly kind: 'waiting' | 'has-link';
  readonly id: string;
  readonly expiresAt: string;
}

/** Id: `<rebuild>.<kind>.<id>`. */
export const rebuildMarks: Collection<RebuildMark> = {
  name: 'rebuild_marks',
  owner: 'intake-service',
  operatorWrites: 'a rebuild remembers what it has seen',
  keyedBy: 'rebuild',
  personalFields: {},
  onErasure: { keep: 'ids of requests and events, for a day' },
  indexes: [],
  ttlField: 'expiresAt',
};
