import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { postPurchase, statusOf } from './harness/buyer.ts';
import { callOperator } from './harness/communities.ts';
import { startMembers } from './harness/members-world.ts';
import { ops } from './harness/ops.ts';
import { storedDocuments } from './harness/stored.ts';
import { closeWorlds } from './harness/world.ts';

afterEach(closeWorlds);

const ASHA = 800_000_001;
const MINUTE_MS = 60_000;

test('one purchase of a plan opens its communities, and one refund ends it in all of them', async () => {
  const members = await startMembers();
  const { world } = members;
  const made = await ops(world, ['plans', 'create', 'both', '--communities', 'default,gold', '--period', 'lifetime']);
  expect(made).toMatchObject({ code: 0 });
  const purchase = { userId: 'asha', transactionId: 'order-1', planId: 'both' };
  const { json } = await postPurchase(world.url, purchase);
  const { requests } = json as { readonly requests: readonly { readonly requestId: string }[] };
  for (const { requestId } of requests) members.open(await members.linkOf(requestId), ASHA);
  await eventually(() => members.gold.isIn(ASHA));
  const states = async (): Promise<readonly unknown[]> => {
    const { json: found } = await callOperator(world, 'POST', '/memberships/find', { userId: 'asha' });
    return (found as { readonly memberships: readonly { state: string }[] }).memberships.map(({ state }) => state);
  };
  await eventually(async () => expect(await states()).toEqual(['active', 'active']));
  await members.refund(requests[0]?.requestId ?? '');
  await eventually(async () => expect(await states()).toEqual(['revoked', 'revoked']));
  await members.passUntil(() => !members.gold.isIn(ASHA));
  for (const { requestId } of requests)
    expect(await statusOf(world.url, requestId)).toMatchObject({ membership: { state: 'revoked' } });
});

test('a test journey has a real link, its end and a removal, and leaves nothing', async () => {
  // What the community wants of everybody else.
  const members = await startMembers({ removal: 'off', grace: 'P2D', eraseAfter: 'P1Y' });
  const { world } = members;
  let isOver = false;
  const journey = ops(world, ['try', '--community', 'gold', '--minutes', '1', '--json']).finally(() => {
    isOver = true;
  });
  const link = await eventually(() => {
    const [first] = world.telegram.links.all();
    if (first === undefined) throw new Error('There is no link yet');
    return first.inviteLink;
  });
  members.open(link, ASHA);
  await eventually(() => members.gold.isIn(ASHA));
  const begun = ['membership_started', 'telegram_link_created', 'telegram_joined'];
  await eventually(() =>
    expect(Object.keys(world.webengage.countsByName())).toEqual(
      expect.arrayContaining(begun.map((name) => `pass_paid_community_${name}`)),
    ),
  );
  members.pass(MINUTE_MS);
  await members.passUntil(() => isOver);
  const { code, json } = await journey;
  expect(code).toBe(0);
  expect(members.gold.isIn(ASHA)).toBe(false);
  expect(world.webengage.events.filter(({ eventData }) => eventData['test'] !== true)).toEqual([]);
  const { userId, steps } = json as { readonly userId: string; readonly steps: readonly { readonly what: string }[] };
  expect(steps.map(({ what }) => what)).toEqual(expect.arrayContaining(['accepted', 'link created']));
  await members.backend.close();
  const left = JSON.stringify(await storedDocuments(world.dataDir));
  expect([left.includes(userId), left.includes(String(ASHA))]).toEqual([false, false]);
});
