import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { boughtMembership } from '@paid-community/shared/model/memberships/testing/bought-membership.ts';
import { memberships } from '@paid-community/shared/model/memberships/membership.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { createDocument, type DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { REQUEST } from '../operator/testing/open-operator.ts';
import { showRequest } from './show-request.ts';

const RULES = { timeZone: 'UTC', removal: 'on' } as const;
const membership = boughtMembership({ userId: 'user-1', period: 'P1M' }, RULES, Date.UTC(2026, 0, 1));
const { requestId } = REQUEST;

let backend: Backend;
let close: () => Promise<void>;
let reads: string[];

beforeEach(() => {
  ({ backend, close } = openTemporaryBackend(new ManualClock()));
  reads = [];
});

afterEach(() => close());

async function show(): Promise<Record<string, unknown>> {
  const { store } = backend;
  const counted: DocumentStore = {
    get: (collection, id) => {
      reads.push(collection.name);
      return store.get(collection, id);
    },
    query: (query) => store.query(query),
    count: (query) => store.count(query),
    commit: (writes) => store.commit(writes),
  };
  const request = { headers: {}, params: { requestId }, query: {}, body: undefined, caller: 'shop', traceparent: 't' };
  const { body } = await showRequest.answerTo(request, { store: counted });
  return JSON.parse(JSON.stringify(body)) as Record<string, unknown>;
}

test('a purchase that makes a membership shows how it stands', async () => {
  const { membershipId } = membership;
  await backend.store.commit([
    createDocument(inviteRequests, requestId, { ...REQUEST, membershipId }),
    createDocument(memberships, membershipId, membership),
  ]);
  expect((await show())['membership']).toEqual({
    state: 'active',
    presence: 'inside',
    planId: 'monthly',
    planName: 'Monthly',
    startsAt: '2026-01-01T00:00:00.000Z',
    endsAt: '2026-02-01T00:00:00.000Z',
  });
});

test('one whose membership is not there yet, or not any more, shows none', async () => {
  const { membershipId } = membership;
  await backend.store.commit([createDocument(inviteRequests, requestId, { ...REQUEST, membershipId })]);
  expect(await show()).not.toHaveProperty('membership');
});

test('every other purchase is answered as before, and costs no read more', async () => {
  await backend.store.commit([createDocument(inviteRequests, requestId, REQUEST)]);
  expect(await show()).not.toHaveProperty('membership');
  expect(reads.toSorted()).toEqual(['emissions', 'emissions', 'invite_requests', 'joins']);
});
