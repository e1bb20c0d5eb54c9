import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { inviteRequests, type InviteRequestDocument } from '../../../model/links/invite-request.ts';
import { importGrant } from '../../../model/memberships/given-grants.ts';
import { grants } from '../../../model/memberships/grant.ts';
import { createLogger } from '../../log/logger.ts';
import { createDocument, type Write } from '../../ports/document-store.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { purchaseEvents } from '../../../model/topics.ts';
import { topology } from '../../../topology.ts';
import { ERASURE_RECORD, erasedThatCameBack, recordErasures } from './erasure-record.ts';
import { openEmbeddedBackend } from './open-embedded-backend.ts';
import { temporaryFolder } from './testing/embedded-for-test.ts';

const AT = '2026-01-01T00:00:00.000Z';
const REQUEST: InviteRequestDocument = {
  requestId: 'a',
  userId: 'u',
  transactionId: 't',
  communityId: 'c',
  status: 'DONE',
  attempts: 1,
  createdAt: AT,
  updatedAt: AT,
  traceparent: '',
};
const ERASED: InviteRequestDocument = { ...REQUEST, userId: '', status: 'ERASED' };

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

/** A store in which these were erased at noon, and which holds these documents and a purchase event, published then. */
async function storeWith(
  erased: readonly string[],
  requests: Readonly<Record<string, InviteRequestDocument>>,
  event?: { readonly requestId: string; readonly publishedAt: string },
): Promise<void> {
  const clock = new ManualClock(Date.parse('2026-01-01T12:00:00.000Z'));
  const backend = openEmbeddedBackend({
    dataDir: folder.path,
    topology,
    clock,
    log: createLogger({ level: 'silent', secrets: [] }),
  });
  await backend.administration.store.recordErasures(erased);
  for (const [id, request] of Object.entries(requests))
    await backend.store.commit([createDocument(inviteRequests, id, { ...request, requestId: id })]);
  if (event !== undefined) {
    clock.advance(Date.parse(event.publishedAt) - clock.now());
    await backend.eventBus.publish(purchaseEvents, {
      data: JSON.stringify({ data: { requestId: event.requestId, userId: 'u' } }),
      attributes: {},
    });
  }
  await backend.close();
}

test('an erased person who is in the store all the same has come back with a backup', async () => {
  await storeWith(['back', 'gone', 'still-erased'], { back: REQUEST, 'still-erased': ERASED, somebody: REQUEST });
  expect(erasedThatCameBack(folder.path)).toEqual(['back']);
});

test.each([
  ['before the erasure is back', '2026-01-01T11:00:00.000Z', ['a']],
  ['after it is another purchase', '2026-01-01T13:00:00.000Z', []],
])('whose purchase was published %s', async (_name, publishedAt, expected) => {
  await storeWith(['a'], {}, { requestId: 'a', publishedAt });
  expect(erasedThatCameBack(folder.path)).toEqual(expected);
});

test('a purchase that was posted again after the erasure did not come back, but one of an earlier life did', async () => {
  const life = (at: string): InviteRequestDocument => ({ ...REQUEST, erased: { at, times: 1, generation: 1 } });
  await storeWith(['new', 'old'], { new: life('2026-01-01T12:00:00.001Z'), old: life('2026-01-01T09:00:00.000Z') });
  expect(erasedThatCameBack(folder.path)).toEqual(['old']);
});

test('an import that was erased is back, and another import after it is not', async () => {
  await storeWith(['back', 'again'], {});
  const backend = openEmbeddedBackend({
    dataDir: folder.path,
    topology,
    clock: new ManualClock(Date.parse('2026-01-02T00:00:00.000Z')),
    log: createLogger({ level: 'silent', secrets: [] }),
  });
  const imported = (createdAt: string): Write => {
    const of = { membershipId: 'm', communityId: 'c', userId: '' };
    const grant = importGrant(undefined, of, { endsAt: '2026-02-01T00:00:00.000Z' }, Date.parse(createdAt));
    return createDocument(grants, createdAt === AT ? 'back' : 'again', grant);
  };
  await backend.store.commit([imported(AT), imported('2026-01-01T13:00:00.000Z')]);
  await backend.close();
  expect(erasedThatCameBack(folder.path)).toEqual(['back']);
});

test('a line that a crash has cut short is left out, and a store without a record has nobody', async () => {
  await storeWith([], { a: REQUEST, b: REQUEST });
  appendFileSync(join(folder.path, ERASURE_RECORD), '\n2026-01-01T12:00:00.000Z b\n2026-01-01T12:00:00.000Z a');
  expect(erasedThatCameBack(folder.path)).toEqual(['b']);
  await recordErasures(folder.path, ['c'], new Date(AT));
  await storeWith([], { c: REQUEST });
  expect(erasedThatCameBack(folder.path)).toContain('c');
});

test('the record is for this user only', async () => {
  await storeWith(['a'], {});
  expect(statSync(join(folder.path, ERASURE_RECORD)).mode & 0o777).toBe(0o600);
});
