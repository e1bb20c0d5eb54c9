import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { buy, purchaseBodies, statusOf } from '../e2e/harness/buyer.ts';
import { NEXT_OPERATOR_KEY } from '../e2e/harness/credentials.ts';
import { ops } from '../e2e/harness/ops.ts';
import { eventsOf, linkInMessage } from '../e2e/harness/promise.ts';
import { LINK_CREATED, type Purchase } from '../e2e/harness/wire.ts';
import { CloudWorld } from './harness/cloud-world.ts';

// The operator's look-up, dead letters and requests where each service is a process of its own.

const PATIENCE = { intervalMs: 100 };

let world: CloudWorld;

withEmulators(['cloud-firestore-emulator', 'pubsub-emulator'], () => {
  beforeAll(async () => {
    world = await CloudWorld.open({ settings: { MAX_ATTEMPTS: '2', BASE_BACKOFF_SEC: '0.05' } });
  });
  afterAll(() => world.close());
  describe('the operator on Google Cloud', operatorOnGoogleCloud);
});

function operatorOnGoogleCloud(): void {
  async function inState(purchases: readonly Purchase[], status: string): Promise<void> {
    await eventually(async () => {
      for (const { requestId } of purchases) expect(await statusOf(world.url, requestId)).toMatchObject({ status });
    }, PATIENCE);
  }

  async function storyOf(requestId: string): Promise<readonly string[]> {
    const { json } = await ops(world, ['show', requestId, '--json']);
    return (json as { readonly timeline: readonly { readonly what: string }[] }).timeline.map(({ what }) => what);
  }

  test('requests that were given up are listed, and retried by two operators at once: each gets one link', async () => {
    const refusal = {
      kind: 'answer',
      status: 400,
      body: { ok: false, error_code: 400, description: 'Bad Request: not enough rights to manage chat invite link' },
    } as const;
    world.telegram.faults.behaviour = ({ method }) => (method === 'createChatInviteLink' ? refusal : undefined);
    const purchases = await Promise.all(purchaseBodies('given-up', 4).map((body) => buy(world.url, body)));
    await inState(purchases, 'FAILED');
    await eventually(
      async () =>
        expect(
          (await ops(world, ['dead-letters', 'list', '--source', 'tg-invite-queue', '--json'])).json,
        ).toMatchObject({ total: 4 }),
      PATIENCE,
    );
    expect((await ops(world, ['requests', 'list', '--failed', '--json'])).json).toMatchObject({
      requests: purchases.map(() => ({ status: 'FAILED' })),
    });
    world.telegram.faults.clear();
    const both = await Promise.all([
      ops(world, ['requests', 'retry', '--all', '--json']),
      ops(world, ['dead-letters', 'retry', '--all', '--json'], { OPERATOR_API_KEY: NEXT_OPERATOR_KEY }),
    ]);
    expect(
      both.map(({ json }) => (json as { readonly retried: number }).retried).reduce((sum, retried) => sum + retried, 0),
    ).toBe(4);
    await inState(purchases, 'DONE');
    for (const purchase of purchases) await linkInMessage(world, purchase);
    expect(world.telegram.links.size).toBe(4);
    expect((await ops(world, ['dead-letters', 'list', '--json'])).json).toMatchObject({ total: 0 });
    expect(await storyOf(purchases[0]?.requestId ?? '')).toEqual([
      'accepted',
      'attempt failed',
      'attempt failed',
      'dead letter',
      'retried by operator',
      'link created',
      'link event sent',
    ]);
  });

  test('a letter that fails again is the same one with a longer history, found by times, and can be discarded', async () => {
    world.webengage.faults.next(
      'events',
      ...[1, 2].map(
        () =>
          ({
            kind: 'answer',
            status: 400,
            body: { response: { status: 'error', message: 'no such event' } },
          }) as const,
      ),
    );
    await buy(world.url, { userId: 'refused', transactionId: 'refused' });
    const all = ['dead-letters', 'list', '--since', '10m', '--json'];
    await eventually(
      async () => expect((await ops(world, all)).json).toMatchObject({ deadLetters: [{ failures: 1 }] }),
      PATIENCE,
    );
    const { deadLetters } = (await ops(world, all)).json as {
      readonly deadLetters: readonly { readonly id: string }[];
    };
    expect(await ops(world, ['dead-letters', 'show', deadLetters[0]?.id ?? ''])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('no such event') as unknown,
    });
    expect(await ops(world, ['dead-letters', 'retry', '--since', '10m'])).toMatchObject({
      code: 0,
      stdout: '1 retried, 0 skipped, 0 failed.\n',
    });
    await eventually(
      async () => expect((await ops(world, all)).json).toMatchObject({ deadLetters: [{ failures: 2, retries: 1 }] }),
      PATIENCE,
    );
    expect(await ops(world, ['dead-letters', 'discard', '--all', '--reason', 'a test', '--yes'])).toMatchObject({
      code: 0,
      stdout: '1 discarded, 0 skipped, 0 failed.\n',
    });
  });

  test('another link is made in the place of the first, and found by either, by user and by transaction', async () => {
    const purchase = await buy(world.url, { userId: 'reissue', transactionId: 'reissue' });
    const first = await linkInMessage(world, purchase);
    expect(await ops(world, ['requests', 'reissue', purchase.requestId, '--yes'])).toMatchObject({ code: 0 });
    const secondEvent = await eventually(() => {
      const events = eventsOf(world, LINK_CREATED).filter(({ userId }) => userId === 'reissue');
      if (events[1] === undefined) throw new Error('Only one link was told so far');
      return events[1];
    }, PATIENCE);
    const second = String(secondEvent.eventData['inviteLink']);
    expect(world.telegram.links.get(first)).toMatchObject({ revoked: true });
    expect(world.telegram.links.get(second)).toMatchObject({ revoked: false });
    for (const way of [
      ['--link', first],
      ['--link', second],
      ['--user', 'reissue'],
      ['--transaction', 'reissue'],
    ]) {
      expect((await ops(world, ['find', ...way, '--json'])).json).toMatchObject({
        requests: [{ requestId: purchase.requestId, status: 'DONE' }],
      });
    }
  });

  test('a request is given another task beside the one it has: it gets one link all the same', async () => {
    expect(await ops(world, ['queue', 'pause'])).toMatchObject({ code: 0 });
    const purchase = await buy(world.url, { userId: 'requeued', transactionId: 'requeued' });
    await inState([purchase], 'QUEUED');
    const links = world.telegram.links.size;
    expect(await ops(world, ['requests', 'requeue', purchase.requestId])).toMatchObject({
      code: 0,
      stdout: '1 requeued, 0 skipped, 0 failed.\n',
    });
    expect(await ops(world, ['queue', 'resume'])).toMatchObject({ code: 0 });
    await linkInMessage(world, purchase);
    await inState([purchase], 'DONE');
    expect(await storyOf(purchase.requestId)).toContain('link created');
    expect(world.telegram.links.size).toBe(links + 1);
  });
}
