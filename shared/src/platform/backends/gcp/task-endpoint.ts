import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from '../../http/http-error.ts';
import type { HttpRequest } from '../../http/route.ts';
import type { ReceivedTask } from '../../ports/task-queue.ts';

/** The name as the port knows it; Cloud Tasks itself knows its hash only. */
export const TASK_NAME_HEADER = 'X-Task-Name';

/** Above the 100 KB that the port allows, so that a task that somebody made by hand is parked, not refused for ever. */
export const MAX_TASK_BODY_BYTES = 1_024 * 1_024;

/**
 * The task in a call of Cloud Tasks (https://cloud.google.com/tasks/docs/creating-http-target-tasks#handler). The
 * headers are trusted only because the caller's token has been verified.
 * @throws HttpError invalid_request when Cloud Tasks did not make the call.
 */
export function parseTaskRequest({ headers, body }: Pick<HttpRequest, 'headers' | 'body'>): ReceivedTask {
  const name = textOf(headers, TASK_NAME_HEADER) ?? textOf(headers, 'X-CloudTasks-TaskName');
  const retryCount = Number(textOf(headers, 'X-CloudTasks-TaskRetryCount') ?? Number.NaN);
  if (name === undefined || !Number.isInteger(retryCount) || retryCount < 0 || typeof body !== 'string') {
    throw new HttpError(
      'invalid_request',
      'This is not a task of Cloud Tasks: X-CloudTasks-TaskName and X-CloudTasks-TaskRetryCount are required',
    );
  }
  return { name, payload: body, attemptNumber: retryCount + 1 };
}

function textOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
