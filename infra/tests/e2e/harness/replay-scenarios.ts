import { expect } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { ops } from './ops.ts';
import { expectPromiseKept } from './promise.ts';
import { acknowledged, aDayOfSales, done, outsideCalls, type RecoverableWorld } from './recovery.ts';

const SUBSCRIPTIONS = [
  'link-worker-purchase-events',
  'event-emitter-link-created-events',
  'event-emitter-member-joined-events',
];

interface Replayed {
  readonly how: string;
  readonly messages?: number;
  readonly firstAt?: string;
  readonly lastAt?: string;
  readonly safetySnapshot?: string;
}

/** Set back, published again, and from a snapshot: nothing is done twice. */
export async function replayOfADayThatIsDone(world: RecoverableWorld): Promise<void> {
  const since = new Date().toISOString();
  const day = await aDayOfSales(world, 'replayed', 6, 3);
  await expectPromiseKept(world, day);
  const counts = [6, 6, 3];
  const before = outsideCalls(world);
  for (const [index, subscription] of SUBSCRIPTIONS.entries()) {
    const expected = counts[index] ?? 0;
    const counted = await done<Replayed>(
      world,
      'replay',
      '--subscription',
      subscription,
      '--since',
      since,
      '--dry-run',
    );
    expect(counted).toMatchObject({ how: 'counted', messages: expected });

    const seen = acknowledged(world, subscription);
    expect(await done<Replayed>(world, 'replay', '--subscription', subscription, '--since', since)).toMatchObject({
      how: 'set_back',
    });
    await eventually(() => expect(acknowledged(world, subscription)).toBeGreaterThanOrEqual(seen + expected));

    const seenThen = acknowledged(world, subscription);
    const until = new Date().toISOString();
    expect(
      await done<Replayed>(world, 'replay', '--subscription', subscription, '--since', since, '--until', until),
    ).toMatchObject({ how: 'published_again', messages: expected });
    await eventually(() => expect(acknowledged(world, subscription)).toBeGreaterThanOrEqual(seenThen + expected));
  }
  expect(outsideCalls(world)).toEqual(before);
  await expectPromiseKept(world, day);
}

export async function replayFromASnapshot(world: RecoverableWorld): Promise<void> {
  const [purchases = ''] = SUBSCRIPTIONS;
  const name = 'before-the-deploy';
  await done(world, 'snapshot', 'create', name, '--subscription', purchases);
  expect(await ops(world, ['snapshot', 'create', name, '--subscription', purchases])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('already') as unknown,
  });
  expect(await done<object>(world, 'snapshot', 'list')).toMatchObject({
    snapshots: expect.arrayContaining([expect.objectContaining({ name, topic: 'purchase-events' })]) as unknown,
  });
  const day = await aDayOfSales(world, 'snapshot', 3, 0);
  const before = outsideCalls(world);
  const seen = acknowledged(world, purchases);
  expect(
    await done<Replayed>(world, 'replay', '--subscription', purchases, '--snapshot', name, '--dry-run'),
  ).toMatchObject({ how: 'counted', messages: 3 });
  await done(world, 'replay', '--subscription', purchases, '--snapshot', name);
  await eventually(() => expect(acknowledged(world, purchases)).toBeGreaterThanOrEqual(seen + 3));
  expect(outsideCalls(world)).toEqual(before);
  await done(world, 'snapshot', 'delete', name);
  expect(await ops(world, ['replay', '--subscription', purchases, '--snapshot', name])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no snapshot') as unknown,
  });
  expect(await ops(world, ['snapshot', 'delete', name])).toMatchObject({ code: 1 });
  expect(day.purchases).toHaveLength(3);
}

export async function replayWithBadArguments(world: RecoverableWorld): Promise<void> {
  const [purchases = ''] = SUBSCRIPTIONS;
  const refusals: readonly (readonly [readonly string[], number, string])[] = [
    [['--since', '1h'], 2, 'replay needs --subscription'],
    [['--subscription', purchases], 2, 'one of --since (such as 24h) and --snapshot'],
    [['--subscription', purchases, '--since', 'yesterday'], 2, '--since must be a time such as'],
    [['--subscription', purchases, '--since', '8d'], 2, 'keeps messages for 7 days'],
    [['--subscription', purchases, '--since', '1h', '--until', '2h'], 2, 'until must be after since'],
    [
      ['--subscription', 'nobody', '--since', '1h'],
      1,
      'There is no such subscription. There are: link-worker-purchase-events',
    ],
  ];
  for (const [args, code, said] of refusals)
    expect(await ops(world, ['replay', ...args])).toMatchObject({
      code,
      stderr: expect.stringContaining(said) as unknown,
    });
}

/** The whole system goes on taking purchases while its calls to Telegram stand still. */
export async function pausedQueue(world: RecoverableWorld): Promise<void> {
  expect(await done(world, 'queue', 'pause')).toMatchObject({ queue: { name: 'tg-invite-queue', state: 'paused' } });
  const links = world.telegram.calls.of('createChatInviteLink');
  const day = aDayOfSales(world, 'paused', 2, 0);
  const { queues } = await done<{ readonly queues: readonly { readonly state: string }[] }>(world, 'queue', 'list');
  expect(queues.filter(({ state }) => state === 'paused')).toMatchObject([{ name: 'tg-invite-queue' }]);
  expect(world.telegram.calls.of('createChatInviteLink')).toBe(links);
  expect(await done(world, 'queue', 'resume')).toMatchObject({
    queues: [{ name: 'tg-invite-queue', state: 'running' }],
  });
  expect((await day).purchases).toHaveLength(2);
  expect(await ops(world, ['queue', 'pause', 'another'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There are: tg-invite-queue, ') as unknown,
  });
}
