import { timeRange } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { followPages } from './follow-pages.ts';

interface Answer {
  readonly how: 'set_back' | 'published_again' | 'counted';
  readonly messages?: number;
  readonly firstAt?: string;
  readonly lastAt?: string;
  readonly waiting?: number;
  readonly safetySnapshot?: string;
  readonly nextCursor?: string;
}

export const replay = defineCommand({
  name: 'replay',
  summary:
    'Has a subscription deliver retained messages again. What was done already is found done, and not done twice.',
  parameters: [],
  options: {
    subscription: {
      type: 'string',
      value: 'S',
      description: 'name of the subscription, such as link-worker-purchase-events',
    },
    since: {
      type: 'string',
      value: 'T',
      description: 'messages published from this time on, such as 2h or 2026-11-20T10:00:00Z',
    },
    until: { type: 'string', value: 'T', description: 'and before this time; these are published again, one by one' },
    snapshot: {
      type: 'string',
      value: 'NAME',
      description: 'instead of --since: what was waiting when the snapshot was made, and all since',
    },
    'dry-run': { type: 'boolean', description: 'only count them' },
  },
  run: async ({ values }, context) => {
    const { api, output } = context;
    const { subscription, snapshot } = values;
    const dryRun = values['dry-run'] ?? false;
    const { since, until } = timeRange(values, context.now());
    if (subscription === undefined)
      throw new UsageError('replay needs --subscription, such as link-worker-purchase-events');
    if ((since === undefined) === (snapshot === undefined))
      throw new UsageError('replay needs one of --since (such as 24h) and --snapshot');
    const pages = await followPages(
      'messages',
      output,
      (cursor) => api.post<Answer>('/replay', { subscription, since, snapshot, until, dryRun, cursor }),
      (page) => page.messages ?? 0,
    );
    const [first] = pages;
    const messages = first?.how === 'set_back' ? undefined : pages.reduce((sum, page) => sum + (page.messages ?? 0), 0);
    const firstAt = pages.flatMap((page) => page.firstAt ?? []).toSorted()[0];
    const lastAt = pages
      .flatMap((page) => page.lastAt ?? [])
      .toSorted()
      .at(-1);
    const result = {
      how: first?.how,
      nextCursor: undefined,
      messages,
      firstAt,
      lastAt,
      waiting: first?.waiting,
      safetySnapshot: first?.safetySnapshot,
    };
    output.result(result, () => describe(subscription, result));
    return exitCodes.done;
  },
});

function describe(
  subscription: string,
  {
    how,
    messages,
    firstAt,
    lastAt,
    waiting,
    safetySnapshot,
  }: { readonly [Name in keyof Answer]: Answer[Name] | undefined },
): string {
  if (how !== 'set_back') {
    const range = firstAt === undefined ? '' : `, published from ${firstAt} to ${lastAt ?? firstAt}`;
    return `${messages ?? 0} messages ${how === 'counted' ? `would be delivered to ${subscription} again` : `of ${subscription} were published again`}${range}.`;
  }
  const lines = [
    `${subscription} is set back${waiting === undefined ? '' : `: ${waiting} messages wait to be delivered`}.`,
  ];
  if (safetySnapshot !== undefined)
    lines.push(
      `What waited before is in the snapshot ${safetySnapshot}; --snapshot ${safetySnapshot} brings that back.`,
    );
  return lines.join('\n');
}
