import { expect } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, statusOf } from './buyer.ts';
import { ops } from './ops.ts';
import { join, linkInMessage } from './promise.ts';
import { acknowledged, done, outsideCalls, type RecoverableWorld } from './recovery.ts';

const SUBSCRIPTIONS = [
  'link-worker-purchase-events',
  'event-emitter-link-created-events',
  'event-emitter-member-joined-events',
];
const USER = 'somebody-who-leaves';

interface Erased {
  readonly erased: Readonly<Record<string, number>>;
  readonly requestIds: readonly string[];
  readonly keptMessages: number;
  readonly keptUntil?: string;
}

/** Two purchases that went through, one whose event WebEngage refused for good, and somebody else's. */
export async function eraseSomebody(world: RecoverableWorld, messages: 'removed' | 'kept for a while'): Promise<void> {
  const since = new Date().toISOString();
  const theirs = await Promise.all(
    ['first', 'second'].map((transactionId) => buy(world.url, { userId: USER, transactionId })),
  );
  const other = await buy(world.url, { userId: 'somebody-who-stays', transactionId: 'first' });
  for (const purchase of [...theirs, other]) await join(world, purchase);
  await eventually(async () =>
    expect(await Promise.all([...theirs, other].map(({ requestId }) => statusOf(world.url, requestId)))).toMatchObject(
      Array(3).fill({ joinEventFired: true }),
    ),
  );
  world.webengage.faults.behaviour = () => ({ kind: 'answer', status: 400, body: 'never' });
  const refused = await buy(world.url, { userId: USER, transactionId: 'refused' });
  await eventually(async () =>
    expect(await done(world, 'dead-letters', 'list')).toMatchObject({
      deadLetters: [{ source: 'event-emitter-link-created-events' }],
    }),
  );
  world.webengage.faults.clear();
  const all = [...theirs, refused];
  const links = await Promise.all(
    all.map(async ({ requestId }) => (await statusOf(world.url, requestId))?.inviteLink ?? ''),
  );

  expect(await ops(world, ['erase', '--user', USER])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('add --yes') as unknown,
  });
  expect(await ops(world, ['erase', '--yes'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('erase needs --user') as unknown,
  });
  const gone = await done<Erased>(world, 'erase', '--user', USER, '--yes');
  expect(gone.erased).toMatchObject({ requests: 3, links: 3, joins: 2, ledgerEntries: 4, deadLetters: 1 });
  expect([...gone.requestIds].sort()).toEqual(all.map(({ requestId }) => requestId).sort());
  // Three purchases, three links, two joins and a dead letter.
  if (messages === 'removed') expect(gone).toMatchObject({ erased: { messages: 9 }, keptMessages: 0 });
  else
    expect(gone).toMatchObject({
      erased: { messages: 0 },
      keptMessages: 9,
      keptUntil: expect.stringMatching(/^\d{4}-/) as unknown,
    });
  const actions = world.printed
    .split('\n')
    .filter((line) => line.includes('operator action') && line.includes('person.erase'));
  expect(actions.length).toBeGreaterThan(0);
  for (const line of actions) expect(line).not.toContain(USER);

  const expectNothingBack = async (): Promise<void> => {
    for (const { requestId } of all) {
      const status = await statusOf(world.url, requestId);
      expect(status).toMatchObject({ status: 'ERASED', attempts: 0 });
      expect(status?.inviteLink ?? status?.joinedAt).toBeUndefined();
    }
    expect(await done(world, 'dead-letters', 'list')).toMatchObject({ deadLetters: [] });
  };
  await expectNothingBack();
  const before = outsideCalls(world);
  for (const subscription of SUBSCRIPTIONS) {
    const { messages: count } = await done<{ readonly messages: number }>(
      world,
      'replay',
      '--subscription',
      subscription,
      '--since',
      since,
      '--dry-run',
    );
    const seen = acknowledged(world, subscription);
    await done(world, 'replay', '--subscription', subscription, '--since', since);
    await eventually(() => expect(acknowledged(world, subscription)).toBeGreaterThanOrEqual(seen + count));
  }
  await done(world, 'queue', 'pause');
  const rebuilt = await done<{ readonly restored: object }>(world, 'rebuild', '--since', since);
  expect(rebuilt.restored).toMatchObject({
    requests: 0,
    links: 0,
    joins: 0,
    ledger: 0,
    erased: messages === 'removed' ? 0 : 5,
  });
  await done(world, 'queue', 'resume');
  await expectNothingBack();
  expect(outsideCalls(world)).toEqual(before);
  expect(await statusOf(world.url, other.requestId)).toMatchObject({
    status: 'DONE',
    joinEventFired: true,
    inviteLink: await linkInMessage(world, other),
  });
  expect(new Set(links).size).toBe(3);

  // The same purchase once more is a new one: another link, and its own events, which the emptied ledger does not
  // swallow.
  const again = await buy(world.url, { userId: USER, transactionId: 'first' });
  expect(again.requestId).toBe(theirs[0]?.requestId);
  await eventually(async () =>
    expect(await statusOf(world.url, again.requestId)).toMatchObject({
      status: 'DONE',
      weLinkEventFired: true,
      joinEventFired: false,
    }),
  );
  const newLink = (await statusOf(world.url, again.requestId))?.inviteLink ?? '';
  expect(links).not.toContain(newLink);
  expect(world.telegram.join({ inviteLink: newLink }).ok).toBe(true);
  await eventually(async () =>
    expect(await statusOf(world.url, again.requestId)).toMatchObject({ joinEventFired: true }),
  );
  const afterwards = outsideCalls(world);
  expect(afterwards).toEqual({ ...before, links: before.links + 1, events: before.events + 2 });
  await done(world, 'replay', '--subscription', SUBSCRIPTIONS[0] ?? '', '--since', since);
  await done(world, 'queue', 'pause');
  await done(world, 'rebuild', '--since', since);
  await done(world, 'queue', 'resume');
  expect(await statusOf(world.url, again.requestId)).toMatchObject({
    status: 'DONE',
    inviteLink: newLink,
    joinEventFired: true,
  });
  expect(outsideCalls(world)).toEqual(afterwards);
}
