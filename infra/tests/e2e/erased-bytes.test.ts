import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, statusOf } from './harness/buyer.ts';
import { ops } from './harness/ops.ts';
import { join as enter, linkInMessage } from './harness/promise.ts';
import { done } from './harness/recovery.ts';
import { ticking } from './harness/link-pool.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

const TIMEOUT_MS = 180_000;
const USER = 'private-person-7431';
const TRANSACTIONS = ['private-purchase-one', 'private-purchase-two', 'private-purchase-three'];

afterEach(closeWorlds);

/** Reads the disk: how often each text is in the files of the store. */
function occurrences(world: World, texts: readonly string[]): Readonly<Record<string, number>> {
  const files = readdirSync(world.dataDir, { withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = Buffer.concat(files.map(({ name }) => readFileSync(join(world.dataDir, name)))).toString('latin1');
  return Object.fromEntries(texts.map((text) => [text, bytes.split(text).length - 1]));
}

const nowhere = (texts: readonly string[]): object => Object.fromEntries(texts.map((text) => [text, 0]));

/** Among many others, so that rows have moved between pages. Returns what must not be found later. */
async function sellAndJoin(
  world: World,
): Promise<{ readonly persons: readonly string[]; readonly links: readonly string[] }> {
  const others = Array.from({ length: 150 }, (_, n) =>
    buy(world.url, { userId: `other-${n * 7_919}`, transactionId: `t-${n}` }),
  );
  const purchases = await Promise.all(
    TRANSACTIONS.map((transactionId) => buy(world.url, { userId: USER, transactionId })),
  );
  await Promise.all(others);
  const links = await Promise.all(purchases.map((purchase) => linkInMessage(world, purchase)));
  const [first] = purchases;
  if (first === undefined) throw new Error('Nothing was sold');
  await enter(world, first);
  await eventually(async () =>
    expect(await statusOf(world.url, first.requestId)).toMatchObject({ joinEventFired: true }),
  );
  for (const purchase of await Promise.all(others)) await linkInMessage(world, purchase);
  return {
    persons: [USER, ...TRANSACTIONS],
    links: [...links, ...links.map((link) => link.replace(/^.*\+/, ''))],
  };
}

test(
  'after an erasure no byte of the person is in the store or its log, while the system runs and when it has stopped',
  async () => {
    const world = await openWorld(ticking);
    await world.start();
    const { persons, links } = await sellAndJoin(world);
    const texts = [...persons, ...links];
    for (const [text, count] of Object.entries(occurrences(world, texts)))
      expect([text, count > 0]).toEqual([text, true]);
    await done(world, 'erase', '--user', USER, '--yes');
    expect(occurrences(world, persons)).toEqual(nowhere(persons));
    // The links are known until they are revoked: nobody may come through them any more.
    await eventually(() => expect(world.telegram.calls.of('revokeChatInviteLink')).toBe(TRANSACTIONS.length));
    await world.process.stop();
    expect(occurrences(world, texts)).toEqual(nowhere(texts));
  },
  TIMEOUT_MS,
);

test(
  'an erasure during which the process was killed leaves no byte when it is run again',
  async () => {
    const world = await openWorld(ticking);
    await world.start();
    const { persons, links } = await sellAndJoin(world);
    const texts = [...persons, ...links];
    await world.process.stop();
    await world.start({ crashAt: { moment: 'after', operation: 'update invite_requests', call: 1 } });
    expect((await ops(world, ['erase', '--user', USER, '--yes'])).code).not.toBe(0);
    await world.process.exited;
    await world.start();
    await ops(world, ['erase', '--user', USER, '--yes']);
    expect(occurrences(world, persons)).toEqual(nowhere(persons));
    await eventually(() => expect(world.telegram.calls.of('revokeChatInviteLink')).toBe(TRANSACTIONS.length));
    await world.process.stop();
    expect(occurrences(world, texts)).toEqual(nowhere(texts));
  },
  TIMEOUT_MS,
);
