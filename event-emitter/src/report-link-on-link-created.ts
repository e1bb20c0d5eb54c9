import { eventNames } from '@paid-community/shared/documents/emissions.ts';
import type { DomainEvent } from '@paid-community/shared/events/envelope.ts';
import type { LinkCreatedData } from '@paid-community/shared/events/link-created.ts';
import { emitOnce, type EmitDeps, type Emitted } from './emit-once.ts';

/** Tells WebEngage that the buyer's link is there; its journey sends the buyer the message. */
export async function reportLinkOnLinkCreated(event: DomainEvent<LinkCreatedData>, deps: EmitDeps): Promise<Emitted> {
  const { requestId, userId, transactionId, inviteLink } = event.data;
  return emitOnce(
    {
      eventId: event.id,
      userId,
      eventName: eventNames.linkCreated,
      eventTime: new Date(event.time),
      eventData: { transactionId, inviteLink },
    },
    requestId,
    deps,
  );
}
