import { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { on } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import { oneAtATime } from '@paid-community/shared/platform/delivery/one-at-a-time.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import type { MembershipEventType } from '@paid-community/shared/model/memberships/membership-event-types.ts';
import { membershipEventDefinitions } from '@paid-community/shared/model/memberships/membership-events.ts';
import { answerHealthCheck } from '@paid-community/shared/health/answer-health-check.ts';
import { proxyFindings } from '@paid-community/shared/health/proxy-finding.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { Service } from '@paid-community/shared/platform/service/service.ts';
import { examineOwner, type ServedOwner } from '@paid-community/shared/store-owner/examine-owner.ts';
import type { Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import {
  createdLinksForEventEmitter,
  healthChecksForEventEmitter,
  joinedMembersForEventEmitter,
  membershipsForEventEmitter,
} from '@paid-community/shared/topology.ts';
import type { EventEmitterConfig } from './config.ts';
import { examineWebEngage } from './health/examine-webengage.ts';
import { measureEvents, measureMembershipEvents, waitingSince } from './measurements.ts';
import { reportJoinOnMemberJoined } from './emissions/report-join-on-member-joined.ts';
import { reportLinkOnLinkCreated } from './emissions/report-link-on-link-created.ts';
import { reportMembershipEvent } from './emissions/report-membership-event.ts';
import { userKeeper } from './users/keep-user-current.ts';
import type { WebEngageClient } from './webengage/client.ts';

const MEMBERSHIP_EVENTS = Object.keys(membershipEventDefinitions) as MembershipEventType[];

export interface EventEmitterDeps {
  readonly config: Pick<EventEmitterConfig, 'RETENTION_DAYS' | 'WEBENGAGE_USER_ATTRIBUTES'>;
  readonly eventBus: EventBus;
  readonly store: DocumentStore;
  readonly webEngage: WebEngageClient;
  /** Held against the store at each health check. */
  readonly owner?: ServedOwner | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Telemetry;
}

/** Tells WebEngage what happened, each fact once. */
export function eventEmitter({ config, store, owner, telemetry, ...deps }: EventEmitterDeps): Service {
  const communities = new KnownCommunities({ ...deps, store });
  const emitDeps = { ...deps, store, communities, retentionDays: config.RETENTION_DAYS };
  const measured = measureEvents(telemetry, deps.clock);
  const measuredOfMembership = measureMembershipEvents(telemetry);
  const keepingUser = userKeeper({ ...deps, config, store, telemetry });
  // Of two deliveries of one event at the same moment both would find the ledger empty; the second sees what the first
  // wrote.
  const inOrderOfEvent = oneAtATime();
  // So that a person hears of several things in the order in which they happened, as long as none has to be repeated.
  const inOrderOfPerson = oneAtATime();
  return {
    name: 'event-emitter',
    routes: [],
    subscriptions: [
      {
        subscription: createdLinksForEventEmitter,
        handlers: [
          on(LinkCreated, (event) =>
            inOrderOfEvent(event.id, () =>
              measured(
                'link_created',
                event.data,
                () => reportLinkOnLinkCreated(event, emitDeps),
                waitingSince(event.data),
              ),
            ),
          ),
        ],
      },
      {
        subscription: joinedMembersForEventEmitter,
        handlers: [
          on(MemberJoined, (event) =>
            inOrderOfEvent(event.id, () => {
              const report = (): Promise<void> =>
                measured('joined', event.data, () => reportJoinOnMemberJoined(event, emitDeps));
              return event.data.membershipId === undefined ? report() : keepingUser(event.data, report);
            }),
          ),
        ],
      },
      {
        subscription: membershipsForEventEmitter,
        handlers: MEMBERSHIP_EVENTS.map((type) =>
          on(membershipEventDefinitions[type], (event) =>
            inOrderOfPerson(event.data.userId, () =>
              keepingUser(event.data, () =>
                measuredOfMembership(type, event.data, () => reportMembershipEvent(type, event, emitDeps)),
              ),
            ),
          ),
        ),
      },
      {
        subscription: healthChecksForEventEmitter,
        handlers: answerHealthCheck(
          'event-emitter',
          async ({ chatId }) => {
            if (chatId !== undefined) return undefined;
            const owned = owner === undefined ? [] : [await examineOwner(owner, store)];
            const examination = await examineWebEngage(deps);
            return {
              ...examination,
              findings: [...owned, ...proxyFindings(deps.webEngage.apiRoot), ...examination.findings],
            };
          },
          emitDeps,
        ),
      },
    ],
    tasks: [],
  };
}
