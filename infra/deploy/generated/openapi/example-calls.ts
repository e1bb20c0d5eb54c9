import { deadLetterId } from '@paid-community/shared/model/operations/dead-letter.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { purchasesForLinkWorker } from '@paid-community/shared/topology.ts';
import { BOT, BOUGHT, GIVEN_UP, PURCHASE, REVOKED_LINK } from './example-world.ts';

export interface ExampleCall {
  /** Of the endpoint. */
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  /** What the description says that the answer is. */
  readonly status: number;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly withoutKey?: true;
  /** Its answer is another one each time: it is held against the schema, and not shown. */
  readonly varies?: true;
  /** It waits for other services. */
  readonly waits?: true;
}

const LETTER = deadLetterId(purchasesForLinkWorker.name, 'order-1.purchase-received');
const SINCE = '2025-12-31T00:00:00.000Z';
const UNTIL = '2026-01-01T00:00:00.000Z';

const JOIN = {
  update_id: 10_001,
  chat_member: {
    chat: { id: -1001, title: 'Paid community', type: 'supergroup' },
    from: { id: 7, is_bot: false, first_name: 'Ada' },
    date: 1_767_225_600,
    old_chat_member: { user: { id: 7, is_bot: false, first_name: 'Ada' }, status: 'left' },
    new_chat_member: { user: { id: 7, is_bot: false, first_name: 'Ada' }, status: 'member' },
    invite_link: { invite_link: 'https://t.me/+first', name: BOUGHT.replaceAll('-', '') },
  },
};

const GOLD = { communityId: 'gold', name: 'Gold signals', entry: 'link', removal: 'off' };

const MONTHLY = {
  planId: 'monthly',
  name: 'Monthly',
  communityIds: ['default'],
  period: 'P1M',
  prices: [{ amount: '499.00', currency: 'INR' }],
};

/** Made one after the other against one system: what one changes, the next may show. */
export const exampleCalls: readonly ExampleCall[] = [
  { id: 'invites.request', name: 'purchase', summary: 'A purchase', input: PURCHASE, status: 202 },
  {
    id: 'invites.request',
    name: 'again',
    summary: 'The same purchase again: the same request',
    input: PURCHASE,
    status: 202,
  },
  {
    id: 'invites.request',
    name: 'withoutTransaction',
    summary: 'No transaction; the header Idempotency-Key: order-77 makes the call repeatable',
    input: { userId: '12345' },
    headers: { 'idempotency-key': 'order-77' },
    status: 202,
  },
  {
    id: 'plans.create',
    name: 'made',
    summary: 'A month of one community',
    input: MONTHLY,
    status: 200,
  },
  {
    id: 'plans.create',
    name: 'other',
    summary: 'There is one of that id, which gives something else',
    input: { ...MONTHLY, period: 'P30D' },
    status: 409,
  },
  {
    id: 'plans.create',
    name: 'nothing',
    summary: 'A period that is over at once',
    input: { ...MONTHLY, planId: 'nothing', period: 'P0D' },
    status: 400,
  },
  { id: 'plans.list', name: 'all', summary: 'All of them', input: {}, status: 200 },
  {
    id: 'invites.request',
    name: 'plan',
    summary: 'A purchase of a plan, by somebody whose account is known',
    input: {
      userId: '12345',
      transactionId: 'txn_plan',
      planId: 'monthly',
      telegramUserId: '7',
      email: 'ada@example.com',
    },
    status: 202,
  },
  {
    id: 'invites.request',
    name: 'unknownPlan',
    summary: 'A plan that there is not',
    input: { userId: '12345', transactionId: 'txn_plan', planId: 'yearly' },
    status: 400,
  },
  {
    id: 'invites.request',
    name: 'misspelt',
    summary: 'A field that there is not',
    input: { userId: '12345', transactionID: 'txn_abc' },
    status: 400,
  },
  {
    id: 'invites.request',
    name: 'withoutKey',
    summary: 'No key was sent',
    input: PURCHASE,
    withoutKey: true,
    status: 401,
  },
  { id: 'invites.show', name: 'done', summary: 'The link is made', input: { requestId: BOUGHT }, status: 200 },
  { id: 'invites.show', name: 'unknown', summary: 'No such request', input: { requestId: 'unknown' }, status: 404 },
  { id: 'telegram.update', name: 'join', summary: 'Somebody joined', input: JOIN, status: 200 },
  { id: 'telegram.update', name: 'noUpdate', summary: 'Not an update', input: { hello: 'world' }, status: 400 },
  {
    id: 'telegram.update',
    name: 'withoutSecret',
    summary: 'No secret was sent',
    input: JOIN,
    withoutKey: true,
    status: 401,
  },
  {
    id: 'telegram.bot-update',
    name: 'join',
    summary: 'A further bot saw the same join',
    input: { ...JOIN, botId: BOT },
    status: 200,
  },
  {
    id: 'telegram.bot-update',
    name: 'withoutSecret',
    summary: 'No secret was sent',
    input: { ...JOIN, botId: BOT },
    withoutKey: true,
    status: 401,
  },
  { id: 'requests.show', name: 'done', summary: 'A purchase and its story', input: { requestId: BOUGHT }, status: 200 },
  { id: 'requests.show', name: 'unknown', summary: 'No such request', input: { requestId: 'unknown' }, status: 404 },
  { id: 'requests.find', name: 'byUser', summary: 'By user', input: { userId: PURCHASE.userId }, status: 200 },
  { id: 'requests.find', name: 'byNothing', summary: 'No key to look by', input: {}, status: 400 },
  { id: 'requests.list', name: 'failed', summary: 'Those that were given up', input: { state: 'failed' }, status: 200 },
  { id: 'requests.list', name: 'noState', summary: 'Which ones?', input: {}, status: 400 },
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
  {
    id: 'communities.links.make',
    name: 'made',
    summary: 'For fifty people, until a day',
    input: { communityId: 'default', name: 'Launch party', memberLimit: 50, expiresAt: '2026-02-01T00:00:00.000Z' },
    status: 200,
  },
  {
    id: 'communities.links.make',
    name: 'unknown',
    summary: 'No such community',
    input: { communityId: 'unknown' },
    status: 404,
  },
  {
    id: 'communities.links.make',
    name: 'past',
    summary: 'An end that is over',
    input: { communityId: 'default', expiresAt: SINCE },
    status: 400,
  },
  { id: 'communities.links.list', name: 'all', summary: 'All of them', input: { communityId: 'default' }, status: 200 },
  {
    id: 'communities.links.revoke',
    name: 'again',
    summary: 'A link that is revoked already',
    input: { communityId: 'default', inviteLink: REVOKED_LINK },
    status: 200,
  },
  {
    id: 'communities.links.revoke',
    name: 'unknown',
    summary: 'No such link',
    input: { communityId: 'default', inviteLink: 'https://t.me/+unknown' },
    status: 404,
  },
  {
    id: 'communities.test-message',
    name: 'sent',
    summary: 'A text of its own',
    input: { communityId: 'default', text: 'Hello' },
    status: 200,
  },
  {
    id: 'communities.test-message',
    name: 'unknown',
    summary: 'No such community',
    input: { communityId: 'unknown', text: 'Hello' },
    status: 404,
  },
  {
    id: 'communities.test-message',
    name: 'blank',
    summary: 'Nothing to see',
    input: { communityId: 'default', text: ' ' },
    status: 400,
  },
  { id: 'backup.create', name: 'made', summary: 'Into the folder backups', input: {}, status: 200, varies: true },
  { id: 'backup.create', name: 'relative', summary: 'Not a whole path', input: { path: 'here.db' }, status: 400 },
  { id: 'process.alive', name: 'alive', summary: 'It answers', status: 200 },
  { id: 'process.ready', name: 'ready', summary: 'It can store', status: 200 },
  { id: 'metrics.read', name: 'page', summary: 'A page', status: 200, varies: true },
  {
    id: 'communities.connect',
    name: 'connected',
    summary: 'A chat, by its id',
    input: { ...GOLD, chatId: '-1002' },
    status: 200,
  },
  {
    id: 'communities.connect',
    name: 'basicGroup',
    summary: 'A basic group: what a person does first',
    input: { ...GOLD, communityId: 'friends', chatId: '-450' },
    status: 409,
  },
  {
    id: 'communities.connect',
    name: 'byLink',
    summary: 'No chat: links for an administrator to tap',
    input: { ...GOLD, communityId: 'silver', name: 'Silver signals' },
    status: 200,
    varies: true,
  },
  {
    id: 'communities.connect',
    name: 'withoutRemoval',
    summary: 'What has no default',
    input: { communityId: 'bronze', name: 'Bronze', entry: 'link' },
    status: 400,
  },
  {
    id: 'plans.create',
    name: 'bundle',
    summary: 'One purchase opens two communities, without an end',
    input: { planId: 'everything', name: 'Everything', communityIds: ['gold', 'default'], period: 'lifetime' },
    status: 200,
  },
  {
    id: 'invites.request',
    name: 'bundle',
    summary: 'A plan of two communities: a request in each',
    input: { userId: '12345', transactionId: 'txn_bundle', planId: 'everything' },
    status: 202,
  },
  { id: 'plans.archive', name: 'archived', summary: 'Offered no more', input: { planId: 'monthly' }, status: 200 },
  { id: 'plans.archive', name: 'unknown', summary: 'No such plan', input: { planId: 'yearly' }, status: 404 },
  { id: 'communities.candidates', name: 'one', summary: 'A channel of nobody yet', input: {}, status: 200 },
  { id: 'communities.list', name: 'first', summary: 'A page', input: { limit: 2 }, status: 200 },
  {
    id: 'communities.show',
    name: 'connected',
    summary: 'A connected one',
    input: { communityId: 'gold' },
    status: 200,
  },
  { id: 'communities.show', name: 'waiting', summary: 'A waiting one', input: { communityId: 'silver' }, status: 200 },
  {
    id: 'communities.show',
    name: 'unknown',
    summary: 'No such community',
    input: { communityId: 'nobody' },
    status: 404,
  },
  {
    id: 'communities.change',
    name: 'changed',
    summary: 'Two settings',
    input: { communityId: 'gold', linkTtl: 'PT12H', timeZone: 'Asia/Kolkata' },
    status: 200,
  },
  {
    id: 'communities.change',
    name: 'noDuration',
    summary: 'A duration that is none',
    input: { communityId: 'gold', linkTtl: '12 hours' },
    status: 400,
  },
  { id: 'communities.disconnect', name: 'disconnected', summary: 'Ended', input: { communityId: 'gold' }, status: 200 },
  { id: 'bots.list', name: 'all', summary: 'All of them', input: {}, status: 200 },
  { id: 'health.show', name: 'asked', summary: 'All findings', status: 200, varies: true, waits: true },
  { id: 'health.fix', name: 'fixed', summary: 'What was mended', status: 200, varies: true, waits: true },
];
