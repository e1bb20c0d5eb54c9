import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';
import { deadLetterId, deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import { emissions } from '@paid-community/shared/model/emissions/emission.ts';
import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import { joins as joinsCollection, recordedOn, type Join } from '@paid-community/shared/model/memberships/join.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import { traceparentFrom } from '@paid-community/shared/platform/trace/traceparent.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import { joinedMembersForEventEmitter } from '@paid-community/shared/topology.ts';
import type { Joins } from './joins.ts';
import { publishJoin } from './publish-join.ts';

const DAY_MS = 24 * 3_600_000;
/** A system that was down for so long has lost updates, too: Telegram keeps them for a day. */
const DAYS_BACK = 7;
/** Longer than a join takes from its record to WebEngage when all is well. */
const PATIENCE_MS = 120_000;
const PAGE = 100;
/** In one look, so that it ends while somebody waits for it; the next one goes on. */
const MOST_IN_A_LOOK = 2_000;
const MOST_PUBLISHED_IN_A_LOOK = 200;

export interface UntoldJoinsDeps {
  readonly joins: Joins;
  readonly store: DocumentStore;
  readonly eventBus: EventBus;
  /** Events of joins that wait to be taken by event-emitter; undefined where nobody knows. */
  readonly waitingEvents: () => Promise<number | undefined>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Finds joins that were recorded and not told: the process died before it published them, and neither Telegram nor
 * anybody else came back to them. It holds what was recorded against the ledger, so no write is spent on it when all
 * goes well.
 */
export class UntoldJoins {
  readonly #deps: UntoldJoinsDeps;
  /** All that was recorded before has been looked at; what of it was not told is in `#untold`. */
  #lookedUntilMs: number | undefined;
  readonly #untold = new Map<string, Join>();

  constructor(deps: UntoldJoinsDeps) {
    this.#deps = deps;
  }

  /** Publishes those that nobody will, and says what was found, or why it could not look. */
  async look(): Promise<Finding> {
    try {
      return await this.#lookAndPublish();
    } catch (error) {
      this.#deps.log.warn(
        { error },
        'joins that were not told could not be looked for; the next health check tries again',
      );
      return {
        check: 'joins_told',
        state: 'unknown',
        meaning: `Not seen whether every recorded join was told: ${errorMessage(error)}`,
      };
    }
  }

  async #lookAndPublish(): Promise<Finding> {
    await this.#forgetTold();
    const isComplete = await this.#lookOn();
    const check = 'joins_told';
    const untold = this.#untold.size;
    if (untold === 0)
      return {
        check,
        state: 'ok',
        meaning: `Every recorded join has been told${isComplete ? '' : ', as far as was looked'}`,
      };
    // Each event that waits accounts for one of them at most: no more than that can be only late.
    const waiting = await this.#deps.waitingEvents();
    if (waiting !== undefined && untold <= waiting)
      return {
        check,
        state: 'ok',
        meaning: `${untold} recorded joins are not told yet; their events wait for WebEngage to take them`,
      };
    const published = await this.#publish();
    this.#deps.log.warn({ untold, published }, 'joins were recorded and not told; their events are published again');
    return {
      check,
      state: 'warning',
      meaning: `${untold} joins were recorded and not told; the events of ${published} were published just now`,
      advice:
        'Nothing: it happens when the process dies in the wrong moment. If it stays, see what keeps event-emitter',
    };
  }

  async #forgetTold(): Promise<void> {
    for (const join of [...this.#untold.values()]) if (await this.#isTold(join)) this.#untold.delete(join.requestId);
  }

  /** False when there is more than one look takes. */
  async #lookOn(): Promise<boolean> {
    const { store, clock } = this.#deps;
    const untilMs = clock.now() - PATIENCE_MS;
    // A clock that was set back records before what was looked at last.
    const fromMs = Math.min(this.#lookedUntilMs ?? untilMs - DAYS_BACK * DAY_MS, untilMs - PATIENCE_MS);
    let left = MOST_IN_A_LOOK;
    for (let dayMs = Date.parse(recordedOn(fromMs)); dayMs <= untilMs; dayMs += DAY_MS) {
      for (let cursor: string | undefined; ;) {
        const bounds = { from: new Date(fromMs).toISOString(), before: new Date(untilMs).toISOString() };
        const page = await store.query({
          collection: joinsCollection,
          where: { recordedOn: recordedOn(dayMs) },
          orderBy: { field: 'recordedAt', direction: 'ascending', ...bounds },
          limit: PAGE,
          cursor,
        });
        await Promise.all(
          page.documents.map(async ({ data }) =>
            (await this.#isTold(data)) ? undefined : this.#untold.set(data.requestId, data),
          ),
        );
        left -= page.documents.length;
        cursor = page.nextCursor;
        const last = page.documents.at(-1)?.data.recordedAt;
        if (left <= 0 && last !== undefined) {
          this.#lookedUntilMs = Date.parse(last);
          return false;
        }
        if (cursor === undefined) break;
        await nextTurn();
      }
    }
    this.#lookedUntilMs = untilMs;
    return true;
  }

  /** Or is with the dead letters, where it is in sight; or nobody is left to be told of. */
  async #isTold({ requestId, telegramUserId, generation }: Join): Promise<boolean> {
    const { store } = this.#deps;
    if (telegramUserId === '') return true;
    const eventId = MemberJoined.idOf(requestId, generation);
    if ((await store.get(emissions, eventId)) !== undefined) return true;
    return (await store.get(deadLetters, deadLetterId(joinedMembersForEventEmitter.name, eventId))) !== undefined;
  }

  async #publish(): Promise<number> {
    const { joins, eventBus } = this.#deps;
    let published = 0;
    for (const join of [...this.#untold.values()].slice(0, MOST_PUBLISHED_IN_A_LOOK)) {
      const purchase = await joins.findByHash(join.inviteLinkHash);
      if (await publishJoin(join, purchase, traceparentFrom(purchase?.traceparent), eventBus)) published += 1;
      else this.#untold.delete(join.requestId);
    }
    return published;
  }
}
