import { Type, type Static } from 'typebox';
import { defineTask } from '../../platform/delivery/define-task.ts';
import { inviteQueue } from '../queues.ts';

/** The command "make the link of this request". */
export type CreateInviteLinkTask = Static<typeof Data>;

const Data = Type.Object({
  requestId: Type.String({ minLength: 1 }),
  /** 1-based number of the attempt that this task is to make. */
  attemptNumber: Type.Integer({ minimum: 1 }),
  /** How often this attempt was put back without a call, because Telegram had ordered a pause. */
  deferrals: Type.Integer({ minimum: 0 }),
  /** How often an operator had queued the request anew when this task was made; absent = never. */
  retry: Type.Optional(Type.Integer({ minimum: 1 })),
  traceparent: Type.String(),
  /** Its place in the line of its community; absent: it came at once. Reckoned by link-worker alone. */
  line: Type.Optional(Type.Object({ turnAt: Type.Number(), perSecond: Type.Number({ exclusiveMinimum: 0 }) })),
});

/**
 * Each attempt and each deferral has a name of its own. What an operator requeues has other names than before: those of
 * tasks that are gone stay taken for an hour.
 */
export const CreateInviteLink = defineTask({
  type: 'create-invite-link',
  queue: inviteQueue,
  data: Data,
  nameOf: ({ requestId, retry, attemptNumber, deferrals }) =>
    `${requestId}-${retry === undefined ? '' : `r${retry}-`}${attemptNumber}-${deferrals}`,
});
