import { BOT, BOUGHT, PURCHASE } from '../example-world.ts';
import type { ExampleCall } from './example-call.ts';

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

const MONTHLY = {
  planId: 'monthly',
  name: 'Monthly',
  communityIds: ['default'],
  period: 'P1M',
  prices: [{ amount: '499.00', currency: 'INR' }],
};

/** Purchases, plans, and the updates of Telegram. */
export const purchaseCalls: readonly ExampleCall[] = [
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
  {
    id: 'invites.refund',
    name: 'part',
    summary: 'A part of what was paid',
    input: { requestId: BOUGHT, amount: '12.50', reason: 'A week was missed' },
    status: 202,
  },
  {
    id: 'invites.refund',
    name: 'noAmount',
    summary: 'An amount that is none',
    input: { requestId: BOUGHT, amount: '12,50' },
    status: 400,
  },
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
];
