import {
  inviteRequestOf,
  inviteRequests,
  type InviteRequestDocument,
  type RequestFields,
} from '@paid-community/shared/model/links/invite-request.ts';
import { explainedLinkError } from '@paid-community/shared/outside-errors/explain-error.ts';
import type { Query, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { Type, type Static } from 'typebox';
import { LastError } from './last-error.ts';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { defineOperation } from '../http/operation.ts';
import { pageFields, timeFields } from '../http/page-fields.ts';

/** A task may wait that long in a queue with a backlog, and is not lost. */
const STUCK_SECONDS = 3_600;

export const stuckField = {
  stuckForSeconds: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 31 * 24 * 3_600,
      description: `how long the next attempt must be overdue; ${STUCK_SECONDS} by default`,
    }),
  ),
};

const RequestSummary = Type.Object({
  requestId: Type.String(),
  status: Type.String(),
  attempts: Type.Integer(),
  retries: Type.Integer({ description: 'how often an operator queued it anew' }),
  createdAt: Type.String(),
  nextAttemptAt: Type.Optional(Type.String()),
  failedAt: Type.Optional(Type.String()),
  lastError: Type.Optional(LastError),
});

export const listRequests = defineOperation({
  action: 'requests.list',
  method: 'GET',
  path: '/requests',
  summary:
    'Requests that are not on their way: failed ones, newest first, or those whose next attempt is overdue, longest first; or all that wait for another attempt.',
  input: Type.Object(
    {
      state: Type.Enum(['failed', 'stuck', 'waiting'], {
        description:
          'failed = given up; stuck = the next attempt is long overdue; waiting = an attempt failed and another one comes',
      }),
      ...stuckField,
      ...timeFields,
      ...pageFields,
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({ requests: Type.Array(RequestSummary), nextCursor: Type.Optional(Type.String()) }),
  logged: ({ state, since, until, stuckForSeconds }, answer) => ({
    state,
    since,
    until,
    stuckForSeconds,
    found: answer?.requests.length,
  }),
  run: async ({ state, stuckForSeconds, since, until, limit = 50, cursor }, { store, clock }) => {
    const queries = {
      failed: () => failedRequests(since, until),
      stuck: () => stuckRequests(clock.now(), stuckForSeconds),
      waiting: () => waitingRequests(since, until),
    };
    const { documents, nextCursor } = await store.query({
      ...queries[state](),
      limit,
      cursor,
    });
    return { requests: documents.map(summarize), nextCursor };
  },
});

type RequestQuery = Pick<Query<InviteRequestDocument>, 'collection' | 'where' | 'orderBy'>;

/** Newest first: what fails again while pages are worked through comes back before the cursor. */
export function failedRequests(since: string | undefined, until: string | undefined): RequestQuery {
  return {
    collection: inviteRequests,
    where: { status: 'FAILED' },
    orderBy: { field: 'failedAt', direction: 'descending', from: since, before: until },
  };
}

/** Longest overdue first: what is queued anew goes behind the end of the list. */
export function stuckRequests(now: number, stuckForSeconds = STUCK_SECONDS): RequestQuery {
  return waitingRequests(undefined, new Date(now - stuckForSeconds * 1_000).toISOString());
}

function waitingRequests(since: string | undefined, until: string | undefined): RequestQuery {
  return {
    collection: inviteRequests,
    where: { status: 'PROCESSING' },
    orderBy: { field: 'nextAttemptAt', direction: 'ascending', from: since, before: until },
  };
}

function summarize({ data }: Snapshot<InviteRequestDocument>): Written<Static<typeof RequestSummary>> {
  const request: RequestFields = inviteRequestOf(data);
  const { requestId, status, attempts, retries, createdAt, nextAttemptAt, failedAt, lastError } = request;
  return {
    requestId,
    status,
    attempts,
    retries,
    createdAt,
    nextAttemptAt,
    failedAt,
    lastError: lastError === undefined ? undefined : explainedLinkError(lastError),
  };
}
