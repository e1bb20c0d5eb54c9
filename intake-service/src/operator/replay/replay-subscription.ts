import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { Backlog, RetainedMessage } from '@paid-community/shared/platform/ports/bus-administration.ts';
import type { Subscription } from '@paid-community/shared/platform/ports/topology-types.ts';
import { Type } from 'typebox';
import { subscriptionNamed } from '../find-in-topology.ts';
import { defineOperation, type OperatorCall } from '../http/operation.ts';
import { readPage } from './retained-reading.ts';
import { retainedSince, sinceField, untilField } from './retained-range.ts';

const PAGE = 200;

export const replaySubscription = defineOperation({
  action: 'subscription.replay',
  method: 'POST',
  path: '/replay',
  refusals: ['not_found', 'conflict'],
  summary:
    'Delivers retained messages again. With until they are published again, a page at a time; without it the subscription is set back; with dryRun they are only counted.',
  input: Type.Object(
    {
      subscription: Type.String({ minLength: 1 }),
      since: Type.Optional(sinceField),
      snapshot: Type.Optional(Type.String({ minLength: 1, description: 'instead of since' })),
      until: Type.Optional(untilField),
      dryRun: Type.Optional(Type.Boolean()),
      cursor: Type.Optional(Type.String({ minLength: 1 })),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    how: Type.Enum(['set_back', 'published_again', 'counted']),
    messages: Type.Optional(Type.Integer({ description: 'of this page; absent when the subscription was set back' })),
    firstAt: Type.Optional(Type.String()),
    lastAt: Type.Optional(Type.String()),
    waiting: Type.Optional(
      Type.Integer({
        description: 'undelivered messages right after the subscription was set back, where that is known',
      }),
    ),
    safetySnapshot: Type.Optional(
      Type.String({ description: 'what was waiting before; a replay from it undoes this one' }),
    ),
    nextCursor: Type.Optional(Type.String()),
  }),
  logged: ({ subscription, since, snapshot, until, dryRun }, answer) => ({
    subscription,
    since,
    snapshot,
    until,
    dryRun,
    how: answer?.how,
    messages: answer?.messages,
  }),
  run: async ({ subscription: name, since: sinceText, snapshot, until: untilText, dryRun = false, cursor }, call) => {
    const subscription = subscriptionNamed(name);
    const since = sinceText === undefined ? undefined : retainedSince(sinceText, subscription.topic, call.clock.now());
    if ((since === undefined) === (snapshot === undefined))
      throw new HttpError('invalid_request', 'A replay starts at a time or at a snapshot: one of since and snapshot');
    const until = untilText === undefined ? undefined : new Date(untilText);
    const from = since ?? { snapshot: snapshot ?? '' };
    if (!dryRun && until === undefined) return setBack(subscription, from, call);
    const { messages, nextCursor } = await readPage({ topic: subscription.topic, from, until }, cursor, PAGE, call);
    if (!dryRun)
      await Promise.all(
        messages.map(({ data, attributes }) => call.eventBus.publish(subscription.topic, { data, attributes })),
      );
    return {
      how: dryRun ? ('counted' as const) : ('published_again' as const),
      messages: messages.length,
      ...timesOf(messages),
      nextCursor,
    };
  },
});

/**
 * Pub/Sub takes what is waiting from before that time for acknowledged, so a replay that would lose it is refused; and
 * unless the bus knows that nothing waits, a snapshot is taken first.
 */
async function setBack(
  subscription: Subscription,
  from: Date | { readonly snapshot: string },
  call: OperatorCall,
): Promise<{ how: 'set_back'; waiting: number | undefined; safetySnapshot: string | undefined }> {
  const { eventBus, administration, clock } = call;
  const backlog = await backlogOf(subscription, call);
  const oldest = backlog?.oldestPublishTime;
  if (from instanceof Date && oldest !== undefined && oldest < from) {
    throw new HttpError(
      'conflict',
      `${subscription.name} has messages from ${oldest.toISOString()} on that are not delivered yet, and would lose them: begin at that time or before, or give until as well`,
    );
  }
  const isIdle = backlog?.undelivered === 0;
  const safetySnapshot = isIdle
    ? undefined
    : `before-replay-${new Date(clock.now()).toISOString().replaceAll(/[^0-9TZ]/g, '')}`;
  if (safetySnapshot !== undefined) await administration.bus.createSnapshot(safetySnapshot, subscription);
  if (from instanceof Date) await eventBus.seek(subscription, from);
  else await administration.bus.seekToSnapshot(subscription, from.snapshot);
  return { how: 'set_back', waiting: (await backlogOf(subscription, call))?.undelivered, safetySnapshot };
}

/** A recovery must not wait for Cloud Monitoring: without its figures the backlog is unknown. */
async function backlogOf(
  subscription: Subscription,
  { administration, log }: OperatorCall,
): Promise<Backlog | undefined> {
  try {
    return await administration.bus.backlog(subscription);
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    log.warn({ subscription: subscription.name, error }, 'backlog unknown');
    return undefined;
  }
}

function timesOf(messages: readonly RetainedMessage[]): {
  readonly firstAt: string | undefined;
  readonly lastAt: string | undefined;
} {
  const times = messages.map(({ publishTime }) => publishTime.toISOString()).toSorted();
  return { firstAt: times[0], lastAt: times.at(-1) };
}
