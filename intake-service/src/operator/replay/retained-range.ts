import { Timestamp } from '@paid-community/shared/platform/delivery/define-event.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import { Type } from 'typebox';

export const sinceField = Type.Unsafe<string>({
  ...Timestamp,
  description: 'a time of ISO 8601 in UTC with milliseconds: published at or after it',
});
export const untilField = Type.Unsafe<string>({
  ...Timestamp,
  description: 'a time of ISO 8601 in UTC with milliseconds: published before it; now when absent',
});

/** @throws HttpError invalid_request for a time in the future, or before what the topic retains. */
export function retainedSince(text: string, { name, retentionSeconds }: Topic, nowMs: number): Date {
  const since = new Date(text);
  if (since.getTime() > nowMs)
    throw new HttpError('invalid_request', 'since is in the future', [
      { path: '/since', message: 'must be in the past' },
    ]);
  const oldestMs = nowMs - retentionSeconds * 1_000;
  // Some slack for "7d", which is over a moment later.
  if (since.getTime() >= oldestMs - 60_000) return since;
  const oldest = new Date(oldestMs).toISOString();
  throw new HttpError('invalid_request', `${name} keeps messages for ${retentionSeconds / 86_400} days`, [
    { path: '/since', message: `must be ${oldest} or later` },
  ]);
}
