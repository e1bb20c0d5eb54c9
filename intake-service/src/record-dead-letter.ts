import { createHash } from 'node:crypto';
import { deadLetterAttributes } from '@paid-community/shared/delivery/dead-letter.ts';
import { ConflictError } from '@paid-community/shared/delivery/errors.ts';
import { DEAD_LETTER_HISTORY, deadLetters, type DeadLetter, type DeadLetterOccurrence } from '@paid-community/shared/documents/dead-letters.ts';
import { createDocument, updateDocument, type DocumentStore } from '@paid-community/shared/ports/document-store.ts';
import type { ReceivedMessage } from '@paid-community/shared/ports/event-bus.ts';

const MAX_CONFLICTS = 5;

/**
 * A Firestore document holds 1 MiB, a Pub/Sub message 10 MB. Our own events are a hundredth of this, so what is cut was never
 * one of them; it stays whole in the topic as long as that keeps messages.
 */
const MAX_DATA_BYTES = 700 * 1_024;
const CUT_MARK = '… (cut)';

/** Keeps a dead letter where an operator can find it. A message that comes again adds to the history of the one that is there. */
export async function recordDeadLetter(message: ReceivedMessage, store: DocumentStore): Promise<void> {
  const { source, occurrence, original } = readDeadLetter(message);
  const id = createHash('sha256').update(JSON.stringify([source, original.attributes['id'] ?? message.messageId])).digest('hex');
  for (let conflicts = 0; ; conflicts += 1) {
    const known = await store.get(deadLetters, id);
    if (known?.data.history.some((entry) => entry.messageId === occurrence.messageId) === true) return;
    const history = [...(known?.data.history ?? []), occurrence].slice(-DEAD_LETTER_HISTORY);
    const letter: DeadLetter = { source, message: original, firstAt: known?.data.firstAt ?? occurrence.at, lastAt: occurrence.at, history };
    try {
      await store.commit([known === undefined ? createDocument(deadLetters, id, letter) : updateDocument(deadLetters, known, letter)]);
      return;
    } catch (error) {
      if (!(error instanceof ConflictError) || conflicts >= MAX_CONFLICTS) throw error;
    }
  }
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
      reason: attributes[deadLetterAttributes.reason] ?? 'Every delivery failed; see the log of the service for the reasons',
      attempts: Number(attributes[deadLetterAttributes.attempts] ?? 0),
    },
    original: { data: cut(message.data), attributes: Object.fromEntries(Object.entries(attributes).filter(([name]) => !added.has(name))) },
  };
}

function cut(data: string): string {
  if (Buffer.byteLength(data) <= MAX_DATA_BYTES) return data;
  // Three bytes a character are the most that UTF-8 takes for one unit of a string.
  return data.slice(0, Math.floor(MAX_DATA_BYTES / 3)) + CUT_MARK;
}
