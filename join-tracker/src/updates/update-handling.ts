import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import type { JoinTrackerConfig } from '../config.ts';
import type { HandleUpdateDeps } from './handle-update.ts';
import { Joins } from '../joins/joins.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';
import { UnmatchedJoins } from '../joins/unmatched-joins.ts';
import { measureJoins } from '../measurements.ts';
import { CommunitiesOfChats } from '../chats/communities-of-chats.ts';
import type { SeenUpdates } from './seen-updates.ts';

export interface HandlingOptions {
  readonly config: Pick<JoinTrackerConfig, 'RETENTION_DAYS'> & { readonly TELEGRAM_CHAT_ID?: string | undefined };
  readonly eventBus: EventBus;
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly seen: SeenUpdates;
  readonly memberships: MembershipWork;
  readonly telemetry: Telemetry;
}

/** What the handling of an update needs, whether it comes by webhook or by polling. */
export function updateHandling({
  config,
  eventBus,
  store,
  clock,
  log,
  seen,
  memberships,
  telemetry,
}: HandlingOptions): HandleUpdateDeps {
  return {
    joins: new Joins(store, config.RETENTION_DAYS, clock),
    unmatched: new UnmatchedJoins(store, config.RETENTION_DAYS, clock),
    chats: new CommunitiesOfChats(config.TELEGRAM_CHAT_ID, { store, clock }),
    memberships,
    store,
    eventBus,
    clock,
    log,
    seen,
    measureJoin: measureJoins(telemetry),
  };
}
