import { randomUUID } from 'node:crypto';
import { on } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import { onTask } from '@paid-community/shared/platform/delivery/task-handlers.ts';
import { oneAtATime } from '@paid-community/shared/platform/delivery/one-at-a-time.ts';
import { LinkNeeded } from '@paid-community/shared/model/links/link-needed.ts';
import { LinkExpired } from '@paid-community/shared/model/links/link-expired.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { answerHealthCheck } from '@paid-community/shared/health/answer-health-check.ts';
import { proxyFindings } from '@paid-community/shared/health/proxy-finding.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { Service } from '@paid-community/shared/platform/service/service.ts';
import { examineOwner, type ServedOwner } from '@paid-community/shared/store-owner/examine-owner.ts';
import { LinkPoolTick } from '@paid-community/shared/model/links/link-pool-tick.ts';
import { CreateInviteLink } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { environmentCommunity } from '@paid-community/shared/model/communities/default-community.ts';
import { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { durationMs } from '@paid-community/shared/model/communities/durations.ts';
import { botIdOf } from '@paid-community/shared/telegram/bot-tokens.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import type { Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import {
  healthChecksForLinkWorker,
  linkPoolTicksForLinkWorker,
  purchasesForLinkWorker,
} from '@paid-community/shared/topology.ts';
import { Bots } from './bots/bots.ts';
import { registerAtStart } from './bots/register-at-start.ts';
import { rateBounds, type LinkWorkerConfig } from './config.ts';
import { createInviteLink } from './links/create-invite-link.ts';
import { giveLinkOnLinkNeeded } from './links/give-link-on-link-needed.ts';
import { examineTelegram } from './health/examine-telegram.ts';
import { lookAtStart } from './health/look-at-start.ts';
import type { UpdatesSetting } from './health/webhook-findings.ts';
import { measureLinks, observePause } from './measurements.ts';
import { releaseWaiting } from './links/release-waiting.ts';
import { replaceLinkOnLinkExpired } from './links/replace-link-on-link-expired.ts';
import { requestLinkOnPurchaseReceived } from './links/request-link-on-purchase-received.ts';
import { memberTasks } from './members/member-tasks.ts';
import { PoolDemand } from './pool/pool-demand.ts';
import { examinePools } from './pool/pool-findings.ts';
import { PoolCandidates } from './pool/pool-candidates.ts';
import { keepPools } from './pool/keep-pools.ts';
import { poolTasks } from './pool/pool-tasks.ts';
import { operatorTasks } from './questions/operator-tasks.ts';
import { WantedPools } from './pool/wanted-pools.ts';
import { linkCallsBy } from './links/link-calls-by.ts';
import { followUp } from './links/link-outcome.ts';

const HOUR_MS = 3_600_000;

export interface LinkWorkerDeps {
  readonly config: Omit<LinkWorkerConfig, 'STORE_OWNER_CHANGE' | 'TASKS_MAX_DISPATCHES_PER_SECOND'>;
  readonly eventBus: EventBus;
  readonly taskQueue: TaskQueue;
  readonly store: DocumentStore;
  /** By the id of the bot; the default bot comes first. */
  readonly botApis: ReadonlyMap<string, BotApi>;
  /** Held against the store at each health check. */
  readonly owner?: ServedOwner | undefined;
  /** Asked anew each time: a system on a free port knows its URL only once it listens. */
  readonly updates: () => UpdatesSetting;
  /** Whether a start registers the webhooks, and looks at the chats. */
  readonly callsTelegramAtStart: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Telemetry;
}

/** Turns purchases into invite links, at the pace that Telegram allows. */
export function linkWorker({
  config,
  store,
  botApis,
  owner,
  updates,
  callsTelegramAtStart,
  telemetry,
  ...deps
}: LinkWorkerDeps): Service {
  const { RETENTION_DAYS: retentionDays } = config;
  const environment = { chatId: config.TELEGRAM_CHAT_ID, botId: botIdOf(config.TELEGRAM_BOT_TOKEN) };
  const communities = new KnownCommunities({ ...deps, store }, environmentCommunity(environment));
  const bots = new Bots(
    {
      apis: botApis,
      instanceId: randomUUID(),
      bounds: rateBounds(config),
      atOnce: config.TASKS_MAX_CONCURRENT_DISPATCHES,
    },
    { ...deps, store, communities },
  );
  const calls = linkCallsBy(bots);
  const limits = { maxAttempts: config.MAX_ATTEMPTS, baseBackoffMs: config.BASE_BACKOFF_SEC * 1_000 };
  const linkTtlMsOf = ({ linkTtl }: { readonly linkTtl?: string | undefined } = {}): number | undefined => {
    if (linkTtl !== undefined) return durationMs(linkTtl, deps.clock.now());
    return config.LINK_TTL_HOURS === 0 ? undefined : config.LINK_TTL_HOURS * HOUR_MS;
  };
  const wantedPools = new WantedPools(communities, {
    maxAgeMs: config.LINK_POOL_MAX_AGE_HOURS * HOUR_MS,
    linkTtlMsOf,
  });
  const candidates = new PoolCandidates({ ...deps, store });
  const { startPerSecond } = rateBounds(config);
  const demand = new PoolDemand(startPerSecond, { ...deps, store });
  const measure = measureLinks(telemetry);
  observePause(bots, { ...deps, store }, telemetry);
  // Two deliveries of one request at the same moment would make two links; the second sees what the first did.
  const inOrderOfRequest = oneAtATime();
  return {
    name: 'link-worker',
    routes: [],
    subscriptions: [
      {
        subscription: purchasesForLinkWorker,
        // With links ready, a buyer has one a moment after the acknowledgement, and later ones wait a little for theirs.
        isUrgent: () => candidates.areThere,
        handlers: [
          on(PurchaseReceived, (event) =>
            requestLinkOnPurchaseReceived(event, {
              ...deps,
              store,
              communities,
              wantedPools,
              candidates,
              measure,
              demand,
              retentionDays,
              placeInLine: (communityId) => bots.placeInLine(communityId),
            }),
          ),
          on(LinkNeeded, (event) => giveLinkOnLinkNeeded(event, { ...deps, store })),
          on(LinkExpired, (event) => replaceLinkOnLinkExpired(event, { ...deps, store })),
        ],
      },
      {
        subscription: linkPoolTicksForLinkWorker,
        handlers: [on(LinkPoolTick, () => keepPools({ ...deps, store, wantedPools }))],
      },
      {
        subscription: healthChecksForLinkWorker,
        handlers: answerHealthCheck(
          'link-worker',
          async (check, known) => {
            const examination = await examineTelegram(check, known, {
              ...deps,
              store,
              bots,
              communities,
              updates: updates(),
              otherFindings: async () => [
                ...(owner === undefined ? [] : [await examineOwner(owner, store)]),
                ...proxyFindings(config.TELEGRAM_API_ROOT),
                ...(await examinePools({ ...deps, store, wantedPools, startPerSecond })),
              ],
            });
            if (examination === undefined) return undefined;
            const { restored, ...report } = examination;
            if (restored.size > 0) await releaseWaiting(restored, { ...deps, store });
            // Operators are told how large a pool can be.
            const poolMaxAgeHours = String(config.LINK_POOL_MAX_AGE_HOURS);
            const linksPerSecondAtStart = String(startPerSecond);
            return { ...report, facts: { ...report.facts, poolMaxAgeHours, linksPerSecondAtStart } };
          },
          { ...deps, store },
        ),
      },
    ],
    tasks: [
      {
        queue: inviteQueue,
        handlers: [
          onTask(CreateInviteLink, (task) =>
            inOrderOfRequest(task.requestId, async () => {
              const outcome = await createInviteLink(task, {
                ...deps,
                store,
                ...calls,
                communities,
                limits,
                linkTtlMsOf,
              });
              measure(outcome);
              await followUp(outcome, deps);
            }),
          ),
        ],
      },
      ...memberTasks({ ...deps, bots, communities, store, limits }),
      poolTasks({ ...deps, ...calls, store, limits, wantedPools, retentionDays }),
      operatorTasks({ ...deps, store, bots, communities, retentionDays, chatOfSettings: environment.chatId }),
    ],
    background: callsTelegramAtStart
      ? async (signal) => {
          await Promise.all([
            registerAtStart(updates(), bots.all, { ...deps, store }, signal),
            lookAtStart({ ...deps, store, bots, communities }),
          ]);
        }
      : undefined,
  };
}
