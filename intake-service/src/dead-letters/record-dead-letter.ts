import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { deadLetterAttributes } from '@paid-community/shared/platform/delivery/dead-letter.ts';
import { ConflictError } from '@paid-community/shared/platform/delivery/errors.ts';
import {
  DEAD_LETTER_DATA_CHARACTERS,
  DEAD_LETTER_HISTORY,
  deadLetterId,
  deadLetters,
  type DeadLetter,
  type DeadLetterOccurrence,
} from '@paid-community/shared/model/operations/dead-letter.ts';
import {
  createDocument,
  updateDocument,
  type DocumentStore,
} from '@paid-community/shared/platform/ports/document-store.ts';
import type { ReceivedMessage } from '@paid-community/shared/platform/ports/event-bus.ts';
import { parseCreateInviteLinkTask } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { keepInSight } from './keep-in-sight.ts';

const MAX_CONFLICTS = 5;

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
  const id = deadLetterId(source, factOf(source, message));
  for (let conflicts = 0; ; conflicts += 1) {
    const known = await store.get(deadLetters, id);
    if (known?.data.history.some((entry) => entry.messageId === occurrence.messageId) === true) return;
    const history = [...(known?.data.history ?? []), occurrence].slice(-DEAD_LETTER_HISTORY);
    const letter: DeadLetter = {
      source,
      message: original,
      status: 'open',
      code: occurrence.code,
      retries: known?.data.retries ?? 0,
      firstAt: known?.data.firstAt ?? occurrence.at,
      lastAt: occurrence.at,
      history,
      actions: known?.data.actions ?? [],
      expiresAt: expiryOf(occurrence.at, retentionDays),
    };
    try {
      await store.commit([
        known === undefined ? createDocument(deadLetters, id, letter) : updateDocument(deadLetters, known, letter),
      ]);
      return;
    } catch (error) {
      if (!(error instanceof ConflictError) || conflicts >= MAX_CONFLICTS) throw error;
    }
  }
}

function factOf(source: string, { data, attributes, messageId }: ReceivedMessage): string {
  if (source === inviteQueue.name) {
    try {
      return parseCreateInviteLinkTask(data).requestId;
    } catch {
      // No task of ours: that is why it is here. Its name is all there is.
    }
  }
  return attributes['id'] ?? messageId;
}

interface ReadDeadLetter {
  readonly source: string;
  readonly occurrence: DeadLetterOccurrence;
  readonly original: DeadLetter['message'];
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
      ...(message.data.length > DEAD_LETTER_DATA_CHARACTERS ? { cutFromCharacters: message.data.length } : {}),
    },
  };
}
