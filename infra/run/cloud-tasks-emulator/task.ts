import type { OutgoingHttpHeaders } from 'node:http';
import type { protos } from '@google-cloud/tasks';
import { status } from '@grpc/grpc-js';
import { toDuration, toMs, toTimestamp } from './proto-time.ts';
import { newTaskId, parseTaskName } from './resource-names.ts';
import { StatusError, invalidArgument } from './status-error.ts';

type ITask = protos.google.cloud.tasks.v2.ITask;
type IHttpRequest = protos.google.cloud.tasks.v2.IHttpRequest;

/**
 * CreateTask in cloudtasks.proto: "The maximum task size is 100KB". The quota page speaks of 1 MB; the stricter one is
 * safe for both.
 */
const MAX_TASK_BYTES = 100 * 1024;
const MAX_HEADER_BYTES = 80 * 1024;
const MAX_URL_CHARACTERS = 2_083;
const MAX_SCHEDULE_AHEAD_MS = 30 * 24 * 3_600_000;
const DEFAULT_DEADLINE_MS = 10 * 60_000;
const MIN_DEADLINE_MS = 15_000;
const MAX_DEADLINE_MS = 30 * 60_000;
const METHODS_WITH_BODY = ['POST', 'PUT', 'PATCH'];
/** Headers that the service sets itself, also over those of the task. */
const REPLACED_HEADER = /^(host|content-length|user-agent|x-google-.*|x-appengine-.*|x-cloudtasks-.*)$/i;

export interface Task {
  readonly queue: string;
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly oidcToken: protos.google.cloud.tasks.v2.IOidcToken | undefined;
  readonly deadlineMs: number;
  readonly createdAtMs: number;
  /** When it may be dispatched, or be dispatched again. */
  dueAtMs: number;
  firstDispatchAtMs: number | undefined;
  dispatches: number;
  /** Answers, 5xx ones left out: X-CloudTasks-TaskExecutionCount. */
  executions: number;
  responses: number;
  previous: { readonly status: number | undefined; readonly reason: string } | undefined;
  /** Deleted while it was being dispatched: its outcome no longer matters. */
  deleted: boolean;
}

/** @throws StatusError naming the field that is wrong. */
export function readTask(queue: string, input: ITask, nowMs: number): Task {
  const http = input.httpRequest;
  if (input.appEngineHttpRequest)
    throw new StatusError(status.UNIMPLEMENTED, 'task.app_engine_http_request: this server knows HTTP tasks only');
  if (!http) throw invalidArgument('task.message_type', 'http_request must be set');
  const { method, body } = readMethodAndBody(http);
  const url = readUrl(http);
  const headers = http.headers ?? {};
  const headerBytes = Object.entries(headers).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (headerBytes >= MAX_HEADER_BYTES) throw invalidArgument('task.http_request.headers', 'must be less than 80KB');
  const id = readId(queue, input.name);
  const bytes = id.length + queue.length + url.length + headerBytes + (body?.length ?? 0);
  if (bytes > MAX_TASK_BYTES)
    throw invalidArgument('task', `the maximum task size is 100KB; this one has ${bytes} bytes`);
  if (http.oauthToken)
    throw new StatusError(status.UNIMPLEMENTED, 'task.http_request.oauth_token: this server knows oidc_token only');
  if (http.oidcToken && !http.oidcToken.serviceAccountEmail)
    throw invalidArgument('task.http_request.oidc_token.service_account_email', 'must be set');
  return {
    queue,
    id,
    method,
    url,
    headers,
    body,
    oidcToken: http.oidcToken ?? undefined,
    deadlineMs: readDeadline(input),
    createdAtMs: nowMs,
    dueAtMs: readSchedule(input, nowMs),
    firstDispatchAtMs: undefined,
    dispatches: 0,
    executions: 0,
    responses: 0,
    previous: undefined,
    deleted: false,
  };
}

function readId(queue: string, name: string | null | undefined): string {
  if (name === null || name === undefined || name === '') return newTaskId();
  const parsed = parseTaskName(name, 'task.name');
  if (parsed.queue !== queue) throw invalidArgument('task.name', 'must begin with the queue that is the parent');
  return parsed.id;
}

function readMethodAndBody({ httpMethod, body }: IHttpRequest): {
  readonly method: string;
  readonly body: Buffer | undefined;
} {
  const method =
    httpMethod === undefined || httpMethod === null || httpMethod === 'HTTP_METHOD_UNSPECIFIED'
      ? 'POST'
      : String(httpMethod);
  if (body === undefined || body === null || body.length === 0) return { method, body: undefined };
  if (!METHODS_WITH_BODY.includes(method)) throw invalidArgument('task.http_request.body', `${method} takes no body`);
  return { method, body: Buffer.from(body) };
}

function readUrl({ url }: IHttpRequest): string {
  const text = url ?? '';
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw invalidArgument('task.http_request.url', 'must be a URL that begins with http:// or https://');
  const { href } = new URL(text);
  if (href.length > MAX_URL_CHARACTERS)
    throw invalidArgument('task.http_request.url', `must have at most ${MAX_URL_CHARACTERS} characters`);
  return href;
}

function readDeadline({ dispatchDeadline }: ITask): number {
  if (!dispatchDeadline) return DEFAULT_DEADLINE_MS;
  const deadlineMs = toMs(dispatchDeadline);
  if (deadlineMs < MIN_DEADLINE_MS || deadlineMs > MAX_DEADLINE_MS)
    throw invalidArgument('task.dispatch_deadline', 'must be from 15s to 30m');
  return Math.trunc(deadlineMs);
}

function readSchedule({ scheduleTime }: ITask, nowMs: number): number {
  if (!scheduleTime) return nowMs;
  const dueAtMs = toMs(scheduleTime);
  if (dueAtMs > nowMs + MAX_SCHEDULE_AHEAD_MS)
    throw invalidArgument('task.schedule_time', 'must be at most 30 days ahead');
  return Math.max(nowMs, dueAtMs);
}

/** The body is left out unless the caller asks for the whole task. */
export function writeTask(task: Task, view: 'BASIC' | 'FULL'): ITask {
  return {
    name: `${task.queue}/tasks/${task.id}`,
    httpRequest: {
      url: task.url,
      httpMethod: task.method as keyof typeof protos.google.cloud.tasks.v2.HttpMethod,
      headers: { ...task.headers },
      ...(task.oidcToken === undefined ? {} : { oidcToken: task.oidcToken }),
      ...(view === 'FULL' && task.body !== undefined ? { body: task.body } : {}),
    },
    scheduleTime: toTimestamp(task.dueAtMs),
    createTime: toTimestamp(Math.floor(task.createdAtMs / 1_000) * 1_000),
    dispatchDeadline: toDuration(task.deadlineMs),
    dispatchCount: task.dispatches,
    responseCount: task.responses,
    view,
  };
}

/**
 * The headers of one dispatch; to be built before it is counted. With an oidcToken the real service adds an
 * Authorization header that Google has signed. Nobody else can, so here there is none: a handler under test has its
 * authentication switched off, which it accepts only beside emulators.
 */
export function dispatchHeaders(task: Task): OutgoingHttpHeaders {
  const kept = Object.entries(task.headers).filter(
    ([name]) =>
      !REPLACED_HEADER.test(name) && !(task.oidcToken !== undefined && name.toLowerCase() === 'authorization'),
  );
  const { previous } = task;
  return {
    ...Object.fromEntries(kept),
    'User-Agent': 'Google-Cloud-Tasks',
    'X-CloudTasks-QueueName': task.queue.slice(task.queue.lastIndexOf('/') + 1),
    'X-CloudTasks-TaskName': task.id,
    'X-CloudTasks-TaskRetryCount': task.dispatches,
    'X-CloudTasks-TaskExecutionCount': task.executions,
    'X-CloudTasks-TaskETA': (task.dueAtMs / 1_000).toFixed(6),
    ...(previous?.status === undefined ? {} : { 'X-CloudTasks-TaskPreviousResponse': previous.status }),
    ...(previous === undefined ? {} : { 'X-CloudTasks-TaskRetryReason': previous.reason }),
  };
}
