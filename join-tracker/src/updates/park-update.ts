import { toDeadLetter } from '@paid-community/shared/platform/delivery/dead-letter.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import { deadLetterTopic } from '@paid-community/shared/model/topics.ts';

/** What the dead letters of updates name as their source. */
const UPDATES_SOURCE = 'telegram-updates';
/**
 * Far more than is kept of it to read; a message has an end, and what cannot be published would stand in the way for
 * good.
 */
const LONGEST_UPDATE = 1_000_000;

/**
 * Puts an update that can never be handled with the dead letters: it stays in sight and holds up nothing. What somebody
 * wrote in a chat is left out.
 * @param botId - The bot that it came by; undefined for the default one. Each bot counts its updates by itself.
 * @throws RetryableError
 */
export async function parkUpdate(
  update: { readonly update_id: number },
  botId: string | undefined,
  why: { readonly attempts: number; readonly code: string; readonly reason: string },
  { eventBus, log }: { readonly eventBus: EventBus; readonly log: Logger },
): Promise<void> {
  const updateId = update.update_id;
  const message = {
    data: JSON.stringify({ ...update, message: undefined }).slice(0, LONGEST_UPDATE),
    attributes: { id: `telegram-update-${botId === undefined ? '' : `${botId}-`}${updateId}` },
  };
  await eventBus.publish(deadLetterTopic, toDeadLetter(message, { source: UPDATES_SOURCE, ...why }));
  log.error({ updateId, botId, ...why, outcome: 'dead_lettered' }, 'an update of Telegram could not be handled');
}
