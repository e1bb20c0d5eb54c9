import { describe, expect, test } from '@jest/globals';
import {
  MAX_WAIT_MS as MAX_WAIT_FOR_WEBENGAGE_MS,
  WEBENGAGE_ATTEMPTS,
  WEBENGAGE_TIMEOUT_MS,
} from '@paid-community/event-emitter/webengage/client.ts';
import { MAX_WAIT_MS } from '@paid-community/link-worker/bots/call-pacer.ts';
import { linkWorkerSettings } from '@paid-community/link-worker/config.ts';
import { LOOK_TIMEOUT_MS } from '@paid-community/link-worker/health/look-at-bot.ts';
import { RELEASE_WITHIN_MS } from '@paid-community/link-worker/links/release-waiting.ts';
import { CALL_DEADLINE_MS, LONGEST_CALL_MS } from '@paid-community/shared/platform/backends/gcp/call-limits.ts';
import type { Subscription } from '@paid-community/shared/platform/ports/topology-types.ts';
import { TELEGRAM_TIMEOUT_MS } from '@paid-community/shared/telegram/bot-api.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import {
  healthChecksForLinkWorker,
  joinedMembersForEventEmitter,
  membershipsForEventEmitter,
  purchasesForLinkWorker,
  REQUEST_TIMEOUT_SECONDS,
  topology,
} from '@paid-community/shared/topology.ts';

/** tdlib/td: what its client absorbs of a flood wait before the Bot API answers. */
const TELEGRAM_SLOW_MS = 8_000;

const calls = (count: number): number => count * LONGEST_CALL_MS;

describe('the limits of time fit into one another', () => {
  test('a slow Telegram is waited for: a link that is made but not heard of is an orphan', () => {
    expect(TELEGRAM_TIMEOUT_MS).toBeGreaterThan(3 * TELEGRAM_SLOW_MS);
  });

  test('the slowest honest task ends before its dispatch deadline', () => {
    // The request; a slice of the pace, which another instance takes first, and a look at its start; the link; the
    // commit, and once more after a conflict, when it is also seen whether the link is known; the event or the dead
    // letter.
    const slowestMs =
      calls(1) +
      calls(4) +
      calls(1) +
      MAX_WAIT_MS +
      TELEGRAM_TIMEOUT_MS +
      calls(1) +
      calls(2) +
      calls(1) +
      calls(1) +
      calls(1);
    expect(slowestMs).toBeLessThan(inviteQueue.dispatchDeadlineSeconds * 1_000);
  });

  test('the queue lets through what the pace may rise to: else it is the queue that decides', () => {
    expect(linkWorkerSettings.LINK_RATE_CEILING_PER_SECOND.fallback).toBeLessThanOrEqual(
      inviteQueue.maxDispatchesPerSecond,
    );
  });

  test('the slowest honest delivery ends before its ack deadline', () => {
    const purchaseMs = calls(3) + calls(1);
    // An event that has waited: the ledger and the request are looked at, then it is told like any other.
    const emissionMs =
      calls(2) + calls(1) + MAX_WAIT_FOR_WEBENGAGE_MS + WEBENGAGE_ATTEMPTS * WEBENGAGE_TIMEOUT_MS + calls(1) + calls(1);
    // The memberships of the person and the membership of the event; the attributes, in one attempt.
    const userMs = calls(2) + MAX_WAIT_FOR_WEBENGAGE_MS + WEBENGAGE_TIMEOUT_MS;
    // The report and its two conflicts at most; what the chat became; the pause; and of Telegram, when it is slow and
    // the group has moved: the webhook is read and set, and then everything is looked at. What waited for an
    // administrator is released, the last of it late.
    const healthCheckMs = calls(6) + calls(3) + calls(1) + 4 * LOOK_TIMEOUT_MS + RELEASE_WITHIN_MS + calls(2);
    expect(healthCheckMs).toBeLessThan(healthChecksForLinkWorker.ackDeadlineSeconds * 1_000);
    const settingUsers = new Set<Subscription>([membershipsForEventEmitter, joinedMembersForEventEmitter]);
    for (const subscription of topology.subscriptions) {
      const slowestMs =
        (subscription === purchasesForLinkWorker ? purchaseMs : emissionMs) +
        (settingUsers.has(subscription) ? userMs : 0);
      expect(slowestMs).toBeLessThan(subscription.ackDeadlineSeconds * 1_000);
    }
  });

  test('nothing that Google would refuse, and no platform that hangs up first', () => {
    for (const { ackDeadlineSeconds, minBackoffSeconds, maxBackoffSeconds, deadLetter } of topology.subscriptions) {
      expect(ackDeadlineSeconds).toBeGreaterThanOrEqual(10);
      expect(ackDeadlineSeconds).toBeLessThanOrEqual(600);
      expect(minBackoffSeconds).toBeLessThanOrEqual(maxBackoffSeconds);
      expect(maxBackoffSeconds).toBeLessThanOrEqual(600);
      expect(REQUEST_TIMEOUT_SECONDS).toBeGreaterThan(ackDeadlineSeconds);
      if (deadLetter?.maxDeliveryAttempts === undefined) continue;
      expect(deadLetter.maxDeliveryAttempts).toBeGreaterThanOrEqual(5);
      expect(deadLetter.maxDeliveryAttempts).toBeLessThanOrEqual(100);
    }
    for (const { retentionSeconds } of topology.topics) {
      expect(retentionSeconds).toBeGreaterThanOrEqual(600);
      expect(retentionSeconds).toBeLessThanOrEqual(31 * 24 * 3_600);
    }
    for (const { dispatchDeadlineSeconds } of topology.queues) {
      expect(dispatchDeadlineSeconds).toBeGreaterThanOrEqual(15);
      expect(dispatchDeadlineSeconds).toBeLessThanOrEqual(1_800);
      expect(REQUEST_TIMEOUT_SECONDS).toBeGreaterThan(dispatchDeadlineSeconds);
    }
    expect(CALL_DEADLINE_MS).toBeLessThan(LONGEST_CALL_MS);
  });
});
