import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { Fault } from '../../run/simulators/http/faults.ts';
import { buyUntilAccepted, purchaseBodies } from './harness/buyer.ts';
import { ops } from './harness/ops.ts';
import { expectPromiseKept, linkInMessage } from './harness/promise.ts';
import { linkNameOf, type Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

let supervisors: Supervisor[] = [];

afterEach(async () => {
  for (const supervisor of supervisors) supervisor.stop();
  supervisors = [];
  await closeWorlds();
});

const HANG: Fault = { kind: 'hang', afterWork: false };
/** The first one, after which it is noted who is at work, the one that makes suspects, and four that count. */
const DEATHS = 6;

/** As systemd does: starts every process that ends again. */
class Supervisor {
  deaths = 0;
  readonly #stopping = new AbortController();

  constructor(world: World) {
    void this.#run(world);
    supervisors.push(this);
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #run(world: World): Promise<void> {
    for (;;) {
      await world.spawn().exited;
      if (this.#stopping.signal.aborted) return;
      this.deaths += 1;
    }
  }
}

interface Listed {
  readonly deadLetters: readonly { readonly source: string; readonly code: string; readonly reason: string }[];
}

async function listed(world: World): Promise<Listed['deadLetters']> {
  return ((await ops(world, ['dead-letters', 'list', '--json'])).json as Listed | undefined)?.deadLetters ?? [];
}

/** The process does not live through the call that this is about; all others are answered. */
const KILLERS: readonly (readonly [string, string, (world: World, poison: Purchase) => void])[] = [
  [
    'task',
    'tg-invite-queue',
    (world, { requestId }) => {
      world.telegram.faults.behaviour = ({ parameters }) => {
        if (parameters['name'] !== linkNameOf(requestId)) return undefined;
        world.process.signal('SIGKILL');
        return HANG;
      };
    },
  ],
  [
    'message',
    'event-emitter-link-created-events',
    (world, { userId }) => {
      world.webengage.faults.behaviour = ({ body }) => {
        if ((body as { userId?: string } | undefined)?.userId !== userId) return undefined;
        world.process.signal('SIGKILL');
        return HANG;
      };
    },
  ],
];

describe('a process that dies each time it handles the same one', () => {
  test.each(KILLERS)(
    '%s gives it up after its attempts; buyers meanwhile have a link, also while it dies',
    async (_what, source, killBy) => {
      const world = await openWorld();
      await world.start();
      // Whose id is known before it can do any harm.
      expect((await ops(world, ['queue', 'pause', '--yes'])).code).toBe(0);
      const poison = await buyUntilAccepted(world.url, { userId: 'poison', transactionId: 'p' });
      await world.process.stop();
      killBy(world, poison);
      const supervisor = new Supervisor(world);
      await eventually(async () => expect((await ops(world, ['queue', 'resume', '--yes'])).code).toBe(0));

      const purchases: Purchase[] = [];
      for (const body of purchaseBodies('beside', 12)) {
        const purchase = await buyUntilAccepted(world.url, body);
        purchases.push(purchase);
        // Before the next one dies of it: nobody waits for the poison's end.
        await linkInMessage(world, purchase);
      }
      expect(supervisor.deaths).toBeLessThan(DEATHS);
      await eventually(
        async () =>
          expect(await listed(world)).toMatchObject([
            { source, code: 'process_died', reason: expect.stringContaining('died 4 times') },
          ]),
        { intervalMs: 500 },
      );
      expect(supervisor.deaths).toBe(DEATHS);
      const links = source === 'tg-invite-queue' ? purchases : [...purchases, poison];
      expect(world.telegram.links.size).toBeGreaterThanOrEqual(links.length);
      for (const purchase of purchases) await linkInMessage(world, purchase);
      supervisor.stop();
      expect(world.process.isRunning).toBe(true);
      if (source === 'tg-invite-queue') {
        world.telegram.faults.clear();
        await expectPromiseKept(world, { purchases });
      }
    },
  );
});
