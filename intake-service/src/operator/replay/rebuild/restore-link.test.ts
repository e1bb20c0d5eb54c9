import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { inviteLinkId, inviteLinkOf, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { linkCreated } from '@paid-community/shared/model/links/link-created.ts';
import type { DoneRequest } from '@paid-community/shared/model/links/request-states.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { REQUEST } from '../../testing/open-operator.ts';
import { lookAtLink } from './restore-link.ts';
import { restore } from './restored.ts';

let backend: Backend;
let close: () => Promise<void>;

beforeEach(() => {
  ({ backend, close } = openTemporaryBackend(new ManualClock()));
});

afterEach(() => close());

const first = inviteRequestOf(REQUEST) as DoneRequest;
const second: DoneRequest = {
  ...first,
  generation: 2,
  inviteLink: 'https://t.me/+second',
  linkCreatedAt: '2025-12-31T12:00:00.000Z',
};

async function rebuildFrom(...links: readonly DoneRequest[]): Promise<void> {
  const deps = { store: backend.store, retentionDays: 400, wasAcknowledged: () => Promise.resolve(false) };
  for (const request of links)
    await restore({ store: backend.store, dryRun: false }, inviteRequests, request.requestId, (known) =>
      lookAtLink(linkCreated(request), new Date(request.linkCreatedAt), known, deps),
    );
}

async function stored(): Promise<unknown> {
  return (await backend.store.get(inviteRequests, first.requestId))?.data;
}

test('a link that is rebuilt is the one that was recorded, with the trace of its purchase', async () => {
  await rebuildFrom(first);
  const expiresAt = '2027-02-04T10:00:00.000Z';
  const link = await backend.store.get(inviteLinks, inviteLinkId(first.inviteLink));
  expect(link?.data).toEqual({ ...inviteLinkOf(first), joinGeneration: undefined, expiresAt });
  expect(link?.data.traceparent).toBe(first.traceparent);
});

test('a link that is rebuilt belongs to the membership of its purchase, and is that of a test journey as before', async () => {
  await rebuildFrom({ ...first, membershipId: 'm1', test: true });
  const link = await backend.store.get(inviteLinks, inviteLinkId(first.inviteLink));
  expect(link?.data).toMatchObject({ membershipId: 'm1', test: true });
  expect(await stored()).toMatchObject({ membershipId: 'm1', test: true });
});

test.each([
  ['in their order', [first, second]],
  ['the newest first', [second, first]],
])(
  'links of several generations are rebuilt with their request, %s: an erasure finds all of them',
  async (_order, links) => {
    await rebuildFrom(...links);
    expect(await stored()).toMatchObject({
      status: 'DONE',
      generation: 2,
      inviteLink: second.inviteLink,
      earlierLinks: [{ inviteLink: first.inviteLink }],
    });
  },
);

test('a rebuild does not take back that another link was asked for', async () => {
  const replaces = { inviteLink: first.inviteLink, createdAt: first.linkCreatedAt };
  const asked = { ...REQUEST, status: 'PROCESSING', generation: 2, retries: 1, attempts: 0, replaces } as const;
  await backend.store.commit([
    createDocument(inviteRequests, first.requestId, { ...asked, inviteLink: undefined, linkCreatedAt: undefined }),
  ]);
  const before = await stored();
  await rebuildFrom(first);
  expect(await stored()).toEqual(before);
});
