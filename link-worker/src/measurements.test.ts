import { expect, test } from '@jest/globals';
import type { DoneRequest } from '@paid-community/shared/model/links/request-states.ts';
import { PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import { noTelemetry, type Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import type { LinkOutcome } from './links/link-outcome.ts';
import { measureLinks } from './measurements.ts';

const REQUEST: DoneRequest = {
  requestId: 'r1',
  userId: 'user-1',
  transactionId: '',
  communityId: 'default',
  status: 'DONE',
  attempts: 1,
  failures: [],
  retries: 0,
  generation: 1,
  earlierLinks: [],
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:07.000Z',
  linkCreatedAt: '2026-01-01T00:00:07.000Z',
  inviteLink: 'https://t.me/+link',
  traceparent: '',
};
const task = { name: 'r1-1-1', payload: '{}' };
const error = new PermanentError('attempts_exhausted', '4 attempts failed');

/** What is recorded, as "metric outcome value". */
function recordedFor(outcome: LinkOutcome): readonly string[] {
  const recorded: string[] = [];
  const telemetry: Telemetry = {
    ...noTelemetry,
    series: (metric, attributes) => ({
      record: (value) =>
        recorded.push([metric.name, ...Object.values<string | number | undefined>(attributes), value].join(' ')),
    }),
  };
  measureLinks(telemetry)(outcome);
  return recorded;
}

test.each<[string, LinkOutcome, readonly string[]]>([
  [
    'a link is counted when it is recorded, with the wait of its buyer',
    { kind: 'linked', request: REQUEST, isNew: true },
    ['paid_community.links created 1', 'paid_community.purchase_to_link.duration 7'],
  ],
  [
    'a reissue says nothing of the wait',
    { kind: 'linked', request: { ...REQUEST, generation: 2 }, isNew: true },
    ['paid_community.links created 1'],
  ],
  ['a link that was recorded before is not counted again', { kind: 'linked', request: REQUEST, isNew: false }, []],
  [
    'a pause is counted by its word',
    { kind: 'queued', task, failed: { call: 'create', because: 'told_to_wait' } },
    ['paid_community.links told_to_wait 1'],
  ],
  [
    'the last failure is counted like the others',
    { kind: 'given_up', error, failed: { call: 'create', because: 'transient' } },
    ['paid_community.links transient 1'],
  ],
  [
    'a revocation that failed is no attempt to make a link',
    { kind: 'queued', task, failed: { call: 'revoke', because: 'transient' } },
    [],
  ],
  ['a deferral is not counted', { kind: 'queued', task }, []],
])('%s', (_name, outcome, recorded) => {
  expect(recordedFor(outcome)).toEqual(recorded);
});
