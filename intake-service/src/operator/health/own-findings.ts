import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import type { InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { explainError } from '@paid-community/shared/outside-errors/explain-error.ts';
import type { Backlog } from '@paid-community/shared/platform/ports/bus-administration.ts';
import type { ClockReport } from '@paid-community/shared/platform/ports/clock-administration.ts';
import type { QueueDescription } from '@paid-community/shared/platform/ports/queue-administration.ts';
import { deadLettersForIntake, purchasesForLinkWorker } from '@paid-community/shared/topology.ts';
import type { Queue, Subscription } from '@paid-community/shared/platform/ports/topology-types.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';

/** A message is delivered within a second; with a backoff that has grown to its maximum, within ten minutes. */
const WAITS_MS = 10 * 60_000;
const STUCK_MS = 60 * 60_000;

/** The database grows by about 4 KB for a purchase with its messages. */
const LITTLE_SPACE_BYTES = 2 * 2 ** 30;
const NO_SPACE_BYTES = 256 * 2 ** 20;

/** `problem` as the backend puts it; undefined when it answers. */
export function backendFinding(problem: string | undefined): Finding {
  const check = 'backend';
  if (problem === undefined) return { check, state: 'ok', meaning: 'Messages, tasks and documents can be stored' };
  return {
    check,
    state: 'failing',
    meaning: `Nothing can be stored, so purchases are refused with 503: ${problem}`,
    advice:
      'When embedded: is the disk full or broken? On Google Cloud: its status page, and the roles of the service accounts',
  };
}

/** The check of the queue of the links has its name from when that was the only queue. */
export function queueCheck({ name }: Queue): string {
  return name === inviteQueue.name ? 'queue' : `queue ${name}`;
}

export function queueFinding(queue: Queue, description: QueueDescription): Finding {
  const { state, waiting, maxDispatchesPerSecond } = description;
  const check = queueCheck(queue);
  const tasks = waiting === undefined ? 'how many tasks wait is not known' : `${waiting} tasks wait`;
  if (state === 'running')
    return { check, state: 'ok', meaning: `The queue runs, at ${maxDispatchesPerSecond} a second at most; ${tasks}` };
  return {
    check,
    state: 'warning',
    meaning: `The queue is paused, so ${queue.name === inviteQueue.name ? 'no links are made' : 'its tasks stand still'}; ${tasks}`,
    advice: 'Somebody has paused it. When the reason is gone, resume it: npm run ops -- queue resume',
  };
}

export function backlogFinding({ name, service }: Subscription, backlog: Backlog | undefined, now: number): Finding {
  const check = `backlog ${name}`;
  if (backlog === undefined)
    return {
      check,
      state: 'unknown',
      meaning: 'Nobody knows what is undelivered (an emulator, or Cloud Monitoring has no figures yet)',
    };
  const { undelivered, oldestPublishTime } = backlog;
  if (oldestPublishTime === undefined)
    return { check, state: 'ok', meaning: `Nothing waits: ${WHAT.get(name)?.none ?? 'every event is sent'}` };
  const ageMs = now - oldestPublishTime.getTime();
  const meaning = `${undelivered} ${WHAT.get(name)?.some ?? 'events are not sent to WebEngage yet'}, the oldest from ${oldestPublishTime.toISOString()}`;
  if (ageMs < WAITS_MS) return { check, state: 'ok', meaning };
  return {
    check,
    state: ageMs < STUCK_MS ? 'warning' : 'failing',
    meaning,
    advice: `They come again by themselves. The log of ${service} says why they are handed back ("outcome":"handed_back"); look at the other lines for a cause`,
  };
}

const WHAT: ReadonlyMap<string, { readonly none: string; readonly some: string }> = new Map([
  [purchasesForLinkWorker.name, { none: 'every purchase has its request', some: 'purchases have no request yet' }],
  [deadLettersForIntake.name, { none: 'every dead letter is recorded', some: 'dead letters are not recorded yet' }],
]);

/** The states that a cause can put us in, worst first. */
const CAUSES = ['administrator', 'unknown', 'passing'] as const;

/**
 * Why purchases wait for another attempt, from what Telegram answered to the last one. `looked` are those whose attempt
 * is due first, `limit` at most.
 */
export function waitingFinding(looked: readonly Pick<InviteRequestDocument, 'lastError'>[], limit: number): Finding {
  const check = 'purchases_waiting';
  const errors = looked.flatMap(({ lastError }) =>
    lastError === undefined ? [] : [{ lastError, explanation: explainError(lastError, 'createChatInviteLink') }],
  );
  const causes = Map.groupBy(errors, ({ explanation }) => {
    if (explanation?.known === false) return 'unknown';
    return explanation?.kind === 'administrator' ? 'administrator' : 'passing';
  });
  const worst = CAUSES.find((cause) => causes.has(cause));
  const [first] = worst === undefined ? [] : (causes.get(worst) ?? []);
  if (worst === undefined || first === undefined)
    return { check, state: 'ok', meaning: 'No purchase waits because an attempt has failed' };
  const { lastError, explanation } = first;
  const count = `${looked.length}${looked.length < limit ? '' : ' or more'} purchases wait for another attempt`;
  const alike = errors.filter((error) => error.explanation?.meaning === explanation?.meaning).length;
  const meaning = `${count}; ${alike} of them because: ${explanation?.meaning ?? lastError.code} ("${lastError.message}")`;
  const state = worst === 'administrator' ? 'failing' : 'warning';
  if (explanation?.advice === undefined) return { check, state, meaning };
  return { check, state, meaning, advice: `${explanation.advice}. They are tried again by themselves` };
}

/** `retrying` are those that somebody is sending again this moment, or began to and never did. */
export function deadLettersFinding(open: number, retrying: number): Finding {
  const check = 'dead_letters';
  if (open === 0 && retrying > 0) {
    const advice =
      'If nobody is retrying any more, a retry was broken off: npm run ops -- dead-letters retry --all goes on with it, two minutes later';
    return {
      check,
      state: 'warning',
      meaning: `${retrying} dead letters are being sent again, and none is open`,
      advice,
    };
  }
  if (open === 0) return { check, state: 'ok', meaning: 'No dead letters are open' };
  return {
    check,
    state: 'warning',
    meaning: `${open} dead letters are open: nobody works on them`,
    advice: 'npm run ops -- dead-letters list shows them; when the cause is mended, retry them',
  };
}

/** A jump is worth a look for so long. */
const RECENT_JUMP_MS = 24 * 60 * 60_000;

export function clockFinding({ lastJump, doubtedMs }: ClockReport, now: number): Finding {
  const check = 'clock';
  const advice =
    'Have the clock of the machine set by a time server (NTP). What waited goes on by itself; times in events and documents from before are as the clock was';
  if (doubtedMs > 0) {
    const meaning = `The clock is ${inWords(doubtedMs)} ahead of the last time at which this store was used. Until it has said so for a day, nothing is deleted and nothing expires on its word`;
    return {
      check,
      state: 'warning',
      meaning,
      advice: `If it is wrong: ${advice}. If it is right (the system was off for so long, or an older backup was put back), there is nothing to do`,
    };
  }
  if (lastJump === undefined || Math.abs(now - lastJump.at.getTime()) > RECENT_JUMP_MS)
    return { check, state: 'ok', meaning: 'The clock of this machine has not jumped in the last day' };
  const { at, byMs } = lastJump;
  const how =
    byMs < 0
      ? `was set back by ${inWords(-byMs)}`
      : `was set ahead by ${inWords(byMs)}, or the machine has slept for so long`;
  return {
    check,
    state: 'warning',
    meaning: `The clock of this machine ${how}; since then it says ${at.toISOString()} and later`,
    advice,
  };
}

function inWords(durationMs: number): string {
  const [unitMs, unit] = (
    [
      [24 * 60 * 60_000, 'days'],
      [60 * 60_000, 'hours'],
      [60_000, 'minutes'],
    ] as const
  ).find(([ms]) => durationMs >= 2 * ms) ?? [1_000, 'seconds'];
  return `${Math.round(durationMs / unitMs)} ${unit}`;
}

export function diskFinding(freeBytes: number, folder: string): Finding {
  const check = 'disk';
  const free =
    freeBytes < 10 * 2 ** 30 ? `${Math.floor(freeBytes / 2 ** 20)} MiB` : `${Math.floor(freeBytes / 2 ** 30)} GiB`;
  const meaning = `${free} are free where the data is (${folder})`;
  if (freeBytes >= LITTLE_SPACE_BYTES) return { check, state: 'ok', meaning };
  return {
    check,
    state: freeBytes < NO_SPACE_BYTES ? 'failing' : 'warning',
    meaning,
    advice:
      'Make room. When the disk is full, purchases are refused with 503 until there is space again; nothing is lost',
  };
}
