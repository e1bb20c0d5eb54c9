import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../command-line/usage-error.ts';
import { wholeNumber } from '../command-line/whole-number.ts';
import { defineCommand, type CommandContext } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { ApiError } from '../ops-api.ts';
import { followPages } from './follow-pages.ts';
import type { Membership } from './membership-answer.ts';

interface Journey {
  readonly requestId: string;
  readonly membershipId: string;
  readonly userId: string;
  readonly endsAt: string;
}

interface Step {
  readonly at: string;
  readonly what: string;
  readonly detail?: string | undefined;
}

interface Seen {
  /** Empty when nothing is known of the purchase, or not any more. */
  readonly timeline: readonly Step[];
  readonly shown: { readonly membership: Membership; readonly history: readonly Step[] } | undefined;
}

const POLL_MS = 1_000;
/** A tick a minute, a removal and an erasure, with time to spare. */
const MOST_MS_AFTER_END = 10 * 60_000;

export const tryMembership = defineCommand({
  name: 'try',
  summary:
    'A test journey: a real link for some minutes of access, the removal, and all its data gone afterwards. Waits, and tells each step. Nothing counts it. Open the link with an account that is no administrator of the chat.',
  parameters: [],
  options: {
    community: { type: 'string', value: 'ID', description: 'as communities list shows it (default: default)' },
    minutes: { type: 'string', value: 'N', description: 'how long the access lasts, up to 60 (default: 2)' },
  },
  ifUnfinished:
    'The end and the removal come by themselves; erase --user with the name of the journey removes what is left then',
  run: async ({ values }, context) => {
    const { community = 'default' } = values;
    if (community === '') throw new UsageError('--community must be an id, as communities list shows it');
    const minutes = wholeNumber('--minutes', values.minutes ?? '2', 1, 60);
    const path = `/communities/${encodeURIComponent(community)}/try`;
    const { requestId, membershipId, userId, endsAt } = await context.api.post<Journey>(path, {
      period: `PT${minutes}M`,
    });
    const journey = { requestId, membershipId, userId, endsAt };
    context.output.note(
      `A test journey of ${minutes} min has begun: purchase ${requestId} of ${userId}, until ${endsAt}.`,
    );
    const { steps, isGone } = await follow(journey, context);
    // The tick erased the membership. Its purchase, link and events are of other services.
    if (isGone) await eraseAll(userId, context);
    context.output.result({ ...journey, steps, isGone }, () =>
      isGone
        ? 'The journey is over, and its data is gone.'
        : `The journey is not over. npm run ops -- memberships show ${membershipId} tells how it stands; doctor tells what is wrong.`,
    );
    return isGone ? exitCodes.done : exitCodes.failures;
  },
});

async function eraseAll(userId: string, { api, output }: CommandContext): Promise<void> {
  await followPages(
    'removed',
    output,
    (cursor) => api.post<{ readonly nextCursor?: string }>('/erase', { userId, cursor }),
    () => 1,
  );
}

/** Tells each step once, until the membership that was there is gone. */
async function follow(
  journey: Journey,
  context: CommandContext,
): Promise<{ readonly steps: readonly Step[]; readonly isGone: boolean }> {
  const steps: Step[] = [];
  const known = new Set<string>();
  const deadline = Date.parse(journey.endsAt) + MOST_MS_AFTER_END;
  let wasThere = false;
  for (;;) {
    const { timeline, shown } = await look(journey, context);
    const seen = [...timeline, ...(shown?.history ?? []), ...heldUp(shown?.membership)];
    for (const { at, what, detail } of seen.toSorted((one, other) => (one.at < other.at ? -1 : 1))) {
      const key = JSON.stringify([at, what, detail]);
      if (known.has(key)) continue;
      known.add(key);
      steps.push({ at, what, detail });
      context.output.note([at.slice(11, 19), what, detail ?? ''].join('  ').trimEnd());
    }
    if (wasThere && shown === undefined) return { steps, isGone: true };
    wasThere ||= shown !== undefined;
    if (context.now() > deadline) return { steps, isGone: false };
    await sleep(POLL_MS);
  }
}

async function look({ requestId, membershipId }: Journey, { api }: CommandContext): Promise<Seen> {
  const [story, shown] = await Promise.all([
    found(api.get<{ readonly timeline: readonly Step[] }>(`/requests/${requestId}`)),
    found(api.get<NonNullable<Seen['shown']>>(`/memberships/${membershipId}`)),
  ]);
  return { timeline: story?.timeline ?? [], shown };
}

/** Undefined for what is not there yet, or not any more. */
async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** A removal that does not go on by itself. */
function heldUp(membership: Membership | undefined): readonly Step[] {
  const { removal } = membership ?? {};
  if (removal === undefined || !['held', 'impossible'].includes(removal.status)) return [];
  return [{ at: removal.since, what: `removal ${removal.status}`, detail: removal.reason }];
}
