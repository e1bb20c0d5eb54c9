import { describe, expect, test } from '@jest/globals';
import { PermanentError, RetryableError } from '../delivery/errors.ts';
import type { ReceivedMessage } from '../ports/event-bus.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { RecordingEventBus } from '../testing/recording-ports.ts';
import { createLogger } from '../log/logger.ts';
import { inviteQueue } from '../../model/queues.ts';
import { deadLetterTopic } from '../../model/topics.ts';
import { deadLettersForIntake, purchasesForLinkWorker } from '../../topology.ts';
import { parkPoisonMessages, parkPoisonTasks } from './park-poison.ts';

const message: ReceivedMessage = {
  data: 'x',
  attributes: { id: 'e1' },
  messageId: 'm1',
  publishTime: new Date(0),
  deliveryAttempt: 3,
};

describe('deciding what becomes of a delivery', () => {
  const eventBus = new RecordingEventBus();
  const deps = { eventBus, clock: new ManualClock(), log: createLogger({ level: 'silent', secrets: [] }) };

  async function deliver(failure: Error | undefined): Promise<void> {
    eventBus.published.length = 0;
    const handle = (): Promise<void> => (failure === undefined ? Promise.resolve() : Promise.reject(failure));
    await parkPoisonMessages({ subscription: purchasesForLinkWorker, handle }, deps).handle(message);
  }

  test('a success acknowledges', async () => {
    await deliver(undefined);
    expect(eventBus.published).toEqual([]);
  });

  test('what can never succeed is parked with source, reason and attempts, and acknowledged', async () => {
    await deliver(new PermanentError('invalid_event', 'not an event'));
    expect(eventBus.published).toEqual([
      {
        topic: deadLetterTopic.name,
        message: {
          data: 'x',
          attributes: {
            id: 'e1',
            CloudPubSubDeadLetterSourceSubscription: 'link-worker-purchase-events',
            CloudPubSubDeadLetterSourceDeliveryCount: '3',
            deadLetterCode: 'invalid_event',
            deadLetterReason: 'not an event',
          },
        },
      },
    ]);
  });

  test.each([new RetryableError('busy', 'later'), new TypeError('a bug')])(
    '%s is handed back: an unknown error never costs a message',
    async (failure) => {
      await expect(deliver(failure)).rejects.toBe(failure);
      expect(eventBus.published).toEqual([]);
    },
  );

  test('a message that cannot be parked is handed back', async () => {
    eventBus.failNext = new RetryableError('storage_full', 'no space');
    await expect(deliver(new PermanentError('invalid_event', 'not an event'))).rejects.toMatchObject({
      code: 'storage_full',
    });
  });

  test('a dead letter that cannot be recorded is handed back, not parked again', async () => {
    eventBus.published.length = 0;
    const failure = new PermanentError('invalid_commit', 'too large');
    const binding = { subscription: deadLettersForIntake, handle: () => Promise.reject(failure) };
    await expect(parkPoisonMessages(binding, deps).handle(message)).rejects.toBe(failure);
    expect(eventBus.published).toEqual([]);
  });

  test('a task is parked under its name', async () => {
    eventBus.published.length = 0;
    const handle = (): Promise<void> => Promise.reject(new PermanentError('attempts_exhausted', 'gave up'));
    await parkPoisonTasks({ queue: inviteQueue, handle }, deps).handle({
      name: 'r-50-0',
      payload: '{}',
      attemptNumber: 1,
    });
    expect(eventBus.published).toMatchObject([
      {
        message: {
          data: '{}',
          attributes: { id: 'r-50-0', CloudPubSubDeadLetterSourceSubscription: 'tg-invite-queue' },
        },
      },
    ]);
  });
});
