import { Type, type Static } from 'typebox';
import { PermanentError } from '../../platform/delivery/errors.ts';
import type { OutgoingTask } from '../../platform/ports/task-queue.ts';
import { compileValidator, summarizeIssues } from '../../platform/validation/validator.ts';

const Payload = Type.Object({
  requestId: Type.String({ minLength: 1 }),
  /** 1-based number of the attempt that this task is to make. */
  attemptNumber: Type.Integer({ minimum: 1 }),
  /** How often this attempt was put back without a call, because Telegram had ordered a pause. */
  deferrals: Type.Integer({ minimum: 0 }),
  /** How often an operator had queued the request anew when this task was made; absent = never. */
  retry: Type.Optional(Type.Integer({ minimum: 1 })),
  traceparent: Type.String(),
});

/** The command "make the link of this request". */
export type CreateInviteLinkTask = Static<typeof Payload>;

const validate = compileValidator(Payload);

/**
 * Each attempt and each deferral has a name of its own, made of what it is: a task that is delivered again asks for the
 * same follow-up, and the queue's de-duplication makes that one follow-up. What an operator queues anew has other names
 * than before: those of tasks that are gone stay taken for an hour.
 */
export function toQueueTask(
  task: Omit<CreateInviteLinkTask, 'retry'> & { readonly retry?: number | undefined },
  notBefore?: Date,
): OutgoingTask {
  return {
    name: `${task.requestId}-${task.retry === undefined ? '' : `r${task.retry}-`}${task.attemptNumber}-${task.deferrals}`,
    payload: JSON.stringify(task),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

/** @throws PermanentError when the payload is no such task. */
export function parseCreateInviteLinkTask(payload: string): CreateInviteLinkTask {
  let input: unknown;
  try {
    input = JSON.parse(payload);
  } catch {
    throw new PermanentError('invalid_task', 'The task payload is not JSON');
  }
  const result = validate(input);
  if (!result.valid)
    throw new PermanentError('invalid_task', `Not a create-invite-link task: ${summarizeIssues(result.issues)}`);
  return result.value;
}
