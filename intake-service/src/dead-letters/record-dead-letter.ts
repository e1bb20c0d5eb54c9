import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { deadLetterAttributes } from '@paid-community/shared/platform/delivery/dead-letter.ts';
import {
  DEAD_LETTER_DATA_CHARACTERS,
  deadLetterId,
  deadLetters,
  occurredAgain,
  parked,
  type DeadLetterOccurrence,
  type LetterMessage,
  type Parked,
} from '@paid-community/shared/model/operations/dead-letter.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { ReceivedMessage } from '@paid-community/shared/platform/ports/event-bus.ts';
import { CreateInviteLink } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';
import { keepInSight } from './keep-in-sight.ts';

/** Keeps a dead letter where an operator can find it, and its purchase among the failed ones. */
export async function recordDeadLetter(
  message: ReceivedMessage,
  store: DocumentStore,
  retentionDays: number,
): Promise<void> {
  const read = readDeadLetter(message);
  await keepLetter(message, read, store, retentionDays);
  await keepInSight({ ...read, data: message.data }, store, retentionDays);
}

/** A message that comes again adds to the history of the one that is there. */
async function keepLetter(
  message: ReceivedMessage,
  { source, occurrence, original }: ReadDeadLetter,
  store: DocumentStore,
  retentionDays: number,
): Promise<void> {
  const again: Parked = {
    source,
    communityId: communityIdOf(message.data),
    message: original,
    occurrence,
    expiresAt: expiryOf(occurrence.at, retentionDays),
  };
  await changeDocument(store, deadLetters, deadLetterId(source, factOf(source, message)), (known) =>
    known === undefined ? parked(again) : occurredAgain(known, again),
  );
}

const validateAboutCommunity = compileValidator(
  Type.Object({ data: Type.Object({ communityId: Type.String({ minLength: 1 }) }) }),
);

/** Undefined where the message is no event, or one of an older version. */
function communityIdOf(data: string): string | undefined {
  try {
    const about = validateAboutCommunity(JSON.parse(data));
    return about.valid ? about.value.data.communityId : undefined;
  } catch {
    // No JSON: that may be why it is here.
    return undefined;
  }
}

function factOf(source: string, { data, attributes, messageId }: ReceivedMessage): string {
  if (source === inviteQueue.name) {
    try {
      return CreateInviteLink.parse(data).requestId;
    } catch {
      // No task of ours: that is why it is here. Its name is all there is.
    }
  }
  return attributes['id'] ?? messageId;
}

interface ReadDeadLetter {
  readonly source: string;
  readonly occurrence: DeadLetterOccurrence;
  readonly original: LetterMessage;
}

// Pub/Sub's own dead letters carry no code and no reason.
function readDeadLetter(message: ReceivedMessage): ReadDeadLetter {
  const added = new Set<string>(Object.values(deadLetterAttributes));
  const { attributes } = message;
  return {
    source: attributes[deadLetterAttributes.source] ?? 'unknown',
    occurrence: {
      messageId: message.messageId,
      at: message.publishTime.toISOString(),
      code: attributes[deadLetterAttributes.code] ?? 'delivery_attempts_exhausted',
      reason:
        attributes[deadLetterAttributes.reason] ?? 'Every delivery failed; see the log of the service for the reasons',
      attempts: Number(attributes[deadLetterAttributes.attempts] ?? 0),
    },
    original: {
      data: message.data.slice(0, DEAD_LETTER_DATA_CHARACTERS),
      attributes: Object.fromEntries(Object.entries(attributes).filter(([name]) => !added.has(name))),
      cutFromCharacters: message.data.length > DEAD_LETTER_DATA_CHARACTERS ? message.data.length : undefined,
    },
  };
}
