import { PermanentError } from '../ports/errors.ts';
import type { OutgoingTask } from '../ports/task-queue.ts';

export const MAX_TASK_BYTES = 100_000;
export const MAX_SCHEDULE_AHEAD_MS = 30 * 24 * 3_600_000;
const NAME = /^[A-Za-z0-9_.-]{1,400}$/;

/** @throws PermanentError naming the limit that the task breaks. */
export function checkTask(task: OutgoingTask, nowMs: number): void {
  if (!NAME.test(task.name)) {
    throw new PermanentError(
      'invalid_task_name',
      'A task name has 1 to 400 letters, digits, dots, hyphens and underscores',
    );
  }
  const bytes = Buffer.byteLength(task.payload);
  if (bytes > MAX_TASK_BYTES) {
    throw new PermanentError(
      'task_too_large',
      `A task payload has at most ${MAX_TASK_BYTES} bytes; this one has ${bytes}`,
    );
  }
  if (task.notBefore !== undefined && !(task.notBefore.getTime() <= nowMs + MAX_SCHEDULE_AHEAD_MS)) {
    throw new PermanentError('task_schedule_too_far', 'A task is scheduled at most 30 days ahead, at a valid date');
  }
}
