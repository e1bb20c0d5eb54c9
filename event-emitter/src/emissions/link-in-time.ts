import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { emissions } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import type { LinkCreatedData } from '@paid-community/shared/model/links/link-created.ts';
import { LinkExpired } from '@paid-community/shared/model/links/link-expired.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { EmitDeps } from './emit-once.ts';
import { errorOfAnswer } from '../webengage/errors.ts';

/** What is told within so long needs no second look: nobody has replaced the link yet. */
const PROMPT_MS = 60_000;

/** A link has to live on for the message to arrive and be read: so much of its life, and no more than that. */
const LEAST_SHARE_LEFT = 0.1;
const ENOUGH_LEFT_MS = 3_600_000;

/** The first call of WebEngage after a time of silence; the real one follows with the new link. */
const LOOK_TIMEOUT_MS = 4_000;

export type NotTold = 'already_sent' | 'superseded' | 'expired';

export interface LinkInTimeDeps extends EmitDeps {
  readonly eventBus: EventBus;
}

/**
 * Whether the event of a link is still to be told; undefined when it is. An event that has waited, because WebEngage
 * was down, may tell of a link that another one has replaced, which is told by itself; or of one that has expired, and
 * then another link is asked for first. Only once WebEngage answers again: before that, the next link would expire as
 * well.
 * @throws RetryableError when store, bus or WebEngage do not answer.
 */
export async function whyNotTold(
  event: DomainEvent<LinkCreatedData>,
  deps: LinkInTimeDeps,
): Promise<NotTold | undefined> {
  const { store, eventBus, webEngage, clock, log } = deps;
  const { requestId, communityId = DEFAULT_COMMUNITY, generation, linkExpiresAt } = event.data;
  const now = clock.now();
  const isSpent =
    linkExpiresAt !== undefined && now >= latestTelling(Date.parse(event.time), Date.parse(linkExpiresAt));
  if (!isSpent && now - Date.parse(event.time) < PROMPT_MS) return undefined;
  if ((await store.get(emissions, event.id)) !== undefined) return 'already_sent';
  const request = (await store.get(inviteRequests, requestId))?.data;
  if ((request?.generation ?? 1) > (generation ?? 1)) {
    log.info({ eventId: event.id, requestId, outcome: 'superseded' }, 'emission');
    return 'superseded';
  }
  if (!isSpent) return undefined;
  const answer = await webEngage.probe(LOOK_TIMEOUT_MS);
  const refusal = answer.status < 300 ? undefined : errorOfAnswer(answer);
  if (refusal instanceof RetryableError) throw refusal;
  await LinkExpired.publish(
    eventBus,
    LinkExpired.create({
      generation,
      time: new Date(now).toISOString(),
      traceparent: event.traceparent,
      data: { requestId, communityId, linkExpiresAt, ...(generation === undefined ? {} : { generation }) },
    }),
  );
  log.warn({ eventId: event.id, requestId, linkExpiresAt, outcome: 'expired' }, 'emission');
  return 'expired';
}

function latestTelling(createdAt: number, expiresAt: number): number {
  return expiresAt - Math.min(ENOUGH_LEFT_MS, LEAST_SHARE_LEFT * (expiresAt - createdAt));
}
