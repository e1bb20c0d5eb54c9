import { botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import { chatStandings } from '@paid-community/shared/model/communities/chat-standing.ts';
import { healthReports } from '@paid-community/shared/model/operations/health-report.ts';
import { polledUpdates } from '@paid-community/shared/model/operations/polled-update.ts';
import { rebuildMarks } from '@paid-community/shared/model/operations/rebuild-mark.ts';
import { retainedReadings } from '@paid-community/shared/model/operations/retained-reading.ts';
import { storeOwners } from '@paid-community/shared/model/operations/store-owner.ts';
import { telegramAnswers } from '@paid-community/shared/model/operations/telegram-answer.ts';
import { healthChecks, linkPoolTicks } from '@paid-community/shared/model/topics.ts';
import { topology } from '@paid-community/shared/topology.ts';
import type { Collection, Topic } from '@paid-community/shared/platform/ports/topology-types.ts';

/**
 * Of the place that they are in: which updates a poll has begun (Google Cloud has a webhook), how far a reading or a
 * rebuild has come, and what an operator waits for.
 */
const OF_THE_PLACE: ReadonlySet<string> = new Set(
  [polledUpdates, retainedReadings, rebuildMarks, telegramAnswers].map(({ name }) => name),
);

/** What the services there have seen themselves is newer, and right: no conflict. Owners were compared before. */
const THEIRS_WINS: ReadonlySet<string> = new Set(
  [botRates, chatStandings, healthReports, storeOwners].map(({ name }) => name),
);

export const movedCollections: readonly Collection<object>[] = topology.collections.filter(
  ({ name }) => !OF_THE_PLACE.has(name),
);

export const leftCollections: readonly Collection<object>[] = topology.collections.filter(({ name }) =>
  OF_THE_PLACE.has(name),
);

/** A question how this place is, and a tick of its timer, concern no other one. */
const TICKS: ReadonlySet<string> = new Set([healthChecks, linkPoolTicks].map(({ name }) => name));

export const movedTopics: readonly Topic[] = topology.topics.filter(({ name }) => !TICKS.has(name));

export function theirsWins({ name }: Collection<object>): boolean {
  return THEIRS_WINS.has(name);
}
