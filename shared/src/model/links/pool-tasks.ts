import { Type, type Static } from 'typebox';
import { defineTask } from '../../platform/delivery/define-task.ts';
import { poolQueue } from '../queues.ts';
import { poolLinkId } from './pool-link.ts';

const Id = Type.String({ minLength: 1 });
const deferrals = Type.Integer({ minimum: 0 });

/** The command "make this link of the pool, and go on with the next one of its shard while links are missing". */
export type FillPoolTask = Static<typeof FillPoolData>;

const FillPoolData = Type.Object({
  communityId: Id,
  poolId: Id,
  shard: Type.Integer({ minimum: 0 }),
  sequence: Type.Integer({ minimum: 1 }),
  /** Of the tick that began this: in another round the same link can be asked for again, should this task be lost. */
  round: Type.Integer({ minimum: 0 }),
  /** 1-based. */
  attemptNumber: Type.Integer({ minimum: 1 }),
  deferrals,
  traceparent: Type.String(),
});

export const FillPool = defineTask({
  type: 'fill-pool',
  queue: poolQueue,
  data: FillPoolData,
  nameOf: (task) => `${poolLinkId(task)}-${task.round}-${task.attemptNumber}-${task.deferrals}`,
});

/** The command "see to it that nobody can use this link any more". */
export type RevokePoolLinkTask = Static<typeof RevokeData>;

const RevokeData = Type.Object({
  poolLinkId: Id,
  /** Of the link: when it has another time meanwhile, another task is for that. */
  revokeAt: Id,
  deferrals,
  traceparent: Type.String(),
});

export const RevokePoolLink = defineTask({
  type: 'revoke-pool-link',
  queue: poolQueue,
  data: RevokeData,
  nameOf: (task) => `${task.poolLinkId}-revoke-${Date.parse(task.revokeAt)}-${task.deferrals}`,
});
