import { examinedAgain, told } from '@paid-community/shared/model/communities/change-standing.ts';
import {
  chatStandings,
  type ChatStanding,
  type ExaminedChat,
} from '@paid-community/shared/model/communities/chat-standing.ts';
import type { ConnectedCommunity } from '@paid-community/shared/model/communities/community.ts';
import { CommunityImpaired, CommunityRestored } from '@paid-community/shared/model/communities/community-events.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import { traceparentFrom } from '@paid-community/shared/platform/trace/traceparent.ts';

export interface RecordStandingDeps {
  readonly store: DocumentStore;
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface RecordedStanding {
  readonly standing: ChatStanding;
  /** All holds again that did not hold at the look before. */
  readonly isRestored: boolean;
}

/**
 * Records what a look has shown of the chat of a community, when it is another thing than before, and tells each change
 * of the faults once. A crash between record and event is mended by the next look: the event is then the same.
 * @throws RetryableError when store or bus do not answer.
 */
export async function recordStanding(
  look: ExaminedChat,
  community: ConnectedCommunity,
  deps: RecordStandingDeps,
): Promise<RecordedStanding> {
  const { store, clock } = deps;
  const { communityId } = community;
  let faultsBefore = 0;
  const standing = await changeDocument(store, chatStandings, communityId, (known) => {
    faultsBefore = known?.faults.length ?? 0;
    const next = examinedAgain(known, look, community, clock.now());
    return next === known ? undefined : next;
  });
  // The change never returns undefined where nothing is known.
  if (standing === undefined) throw new Error('There is no standing');
  if (standing.isUntold === true) await tell(standing, deps);
  return { standing, isRestored: faultsBefore > 0 && standing.faults.length === 0 };
}

async function tell(standing: ChatStanding, { store, eventBus, log }: RecordStandingDeps): Promise<void> {
  const { communityId, faults, since = standing.checkedAt } = standing;
  const fact = { time: since, traceparent: traceparentFrom(undefined) };
  if (faults.length === 0) {
    await CommunityRestored.publish(eventBus, CommunityRestored.create({ ...fact, data: { communityId, since } }));
    log.info({ communityId, since }, 'all that the community needs in its chat is there again');
  } else {
    const impaired = CommunityImpaired.create({ ...fact, data: { communityId, since, faults: [...faults] } });
    await CommunityImpaired.publish(eventBus, impaired);
    log.error({ communityId, since, faults }, 'the community lacks what its settings need');
  }
  await changeDocument(store, chatStandings, communityId, (known) =>
    known?.isUntold === true && known.since === since ? told(known) : undefined,
  );
}
