import { deadLetterId } from '@paid-community/shared/model/operations/dead-letter.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { purchasesForLinkWorker } from '@paid-community/shared/topology.ts';
import { BOUGHT, GIVEN_UP, PURCHASE } from '../example-world.ts';
import type { ExampleCall } from './example-call.ts';

const LETTER = deadLetterId(purchasesForLinkWorker.name, 'order-1.purchase-received');
const SINCE = '2025-12-31T00:00:00.000Z';
const UNTIL = '2026-01-01T00:00:00.000Z';

/** What operators look up, send again, go back to and erase. */
export const recoveryCalls: readonly ExampleCall[] = [
  { id: 'requests.show', name: 'done', summary: 'A purchase and its story', input: { requestId: BOUGHT }, status: 200 },
  { id: 'requests.show', name: 'unknown', summary: 'No such request', input: { requestId: 'unknown' }, status: 404 },
  { id: 'requests.find', name: 'byUser', summary: 'By user', input: { userId: PURCHASE.userId }, status: 200 },
  { id: 'requests.find', name: 'byNothing', summary: 'No key to look by', input: {}, status: 400 },
  { id: 'requests.list', name: 'failed', summary: 'Those that were given up', input: { state: 'failed' }, status: 200 },
  { id: 'requests.list', name: 'noState', summary: 'Which ones?', input: {}, status: 400 },
  {
    id: 'person.show',
    name: 'byUser',
    summary: 'A buyer who is a member',
    input: { userId: PURCHASE.userId },
    status: 200,
  },
  { id: 'person.show', name: 'nobody', summary: 'Nobody is named', input: {}, status: 400 },
  {
    id: 'requests.reissue',
    name: 'joined',
    summary: 'Somebody has joined through the link',
    input: { requestId: BOUGHT },
    status: 409,
  },
  {
    id: 'requests.reissue',
    name: 'forced',
    summary: 'Another link all the same',
    input: { requestId: BOUGHT, force: true },
    status: 200,
  },
  {
    id: 'requests.reissue',
    name: 'unknown',
    summary: 'No such request',
    input: { requestId: 'unknown' },
    status: 404,
  },
  { id: 'requests.retry', name: 'one', summary: 'One that was given up', input: { ids: [GIVEN_UP] }, status: 200 },
  { id: 'requests.requeue', name: 'stuck', summary: 'A page of those that are stuck', input: {}, status: 200 },
  { id: 'dead-letters.list', name: 'open', summary: 'Those that wait for an operator', input: {}, status: 200 },
  { id: 'dead-letters.show', name: 'one', summary: 'One of them', input: { id: LETTER }, status: 200 },
  { id: 'dead-letters.show', name: 'unknown', summary: 'No such dead letter', input: { id: 'unknown' }, status: 404 },
  { id: 'dead-letters.retry', name: 'one', summary: 'One of them', input: { ids: [LETTER] }, status: 200 },
  {
    id: 'dead-letters.discard',
    name: 'one',
    summary: 'One of them',
    input: { ids: [LETTER], reason: 'test data' },
    status: 200,
  },
  {
    id: 'snapshot.create',
    name: 'made',
    summary: 'Before a risky change',
    input: { name: 'before-change', subscription: purchasesForLinkWorker.name },
    status: 200,
  },
  {
    id: 'snapshot.create',
    name: 'taken',
    summary: 'There is one of that name',
    input: { name: 'before-change', subscription: purchasesForLinkWorker.name },
    status: 409,
  },
  {
    id: 'snapshot.create',
    name: 'unknown',
    summary: 'No such subscription',
    input: { name: 'other', subscription: 'unknown' },
    status: 404,
  },
  { id: 'snapshot.list', name: 'all', summary: 'All of them', input: {}, status: 200 },
  {
    id: 'subscription.replay',
    name: 'dryRun',
    summary: 'How many messages it would be',
    input: { subscription: purchasesForLinkWorker.name, since: SINCE, until: UNTIL, dryRun: true },
    status: 200,
  },
  {
    id: 'subscription.replay',
    name: 'unknown',
    summary: 'No such snapshot',
    input: { subscription: purchasesForLinkWorker.name, snapshot: 'unknown' },
    status: 404,
  },
  {
    id: 'snapshot.delete',
    name: 'deleted',
    summary: 'No longer needed',
    input: { name: 'before-change' },
    status: 200,
  },
  { id: 'snapshot.delete', name: 'unknown', summary: 'No such snapshot', input: { name: 'unknown' }, status: 404 },
  { id: 'store.rebuild', name: 'running', summary: 'The queue is not paused', input: { since: SINCE }, status: 409 },
  { id: 'queue.list', name: 'all', summary: 'All of them', input: {}, status: 200 },
  { id: 'queue.pause', name: 'paused', summary: 'Stopped', input: { name: inviteQueue.name }, status: 200 },
  { id: 'queue.pause', name: 'unknown', summary: 'No such queue', input: { name: 'unknown' }, status: 404 },
  {
    id: 'store.rebuild',
    name: 'begun',
    summary: 'The first page; nextCursor leads to the others',
    input: { since: SINCE },
    status: 200,
    varies: true,
  },
  { id: 'queue.resume', name: 'resumed', summary: 'Going on', input: { name: inviteQueue.name }, status: 200 },
  { id: 'queue.resume', name: 'unknown', summary: 'No such queue', input: { name: 'unknown' }, status: 404 },
  {
    id: 'person.erase',
    name: 'begun',
    summary: 'The first page; nextCursor leads to the others',
    input: { userId: PURCHASE.userId },
    status: 200,
    varies: true,
  },
  { id: 'person.erase', name: 'nobody', summary: 'Nobody is named', input: {}, status: 400 },
  { id: 'backup.create', name: 'made', summary: 'Into the folder backups', input: {}, status: 200, varies: true },
  { id: 'backup.create', name: 'relative', summary: 'Not a whole path', input: { path: 'here.db' }, status: 400 },
];
