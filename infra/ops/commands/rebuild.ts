import { timeArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { followPages } from './follow-pages.ts';

type Restored = Readonly<Record<'requests' | 'links' | 'joins' | 'ledger' | 'complete' | 'erased', number>>;

interface Answer {
  readonly restored: Restored;
  readonly waiting: readonly string[];
  readonly conflicting: readonly string[];
  readonly withoutLink: readonly string[];
  readonly unreadable: number;
  readonly nextCursor?: string;
}

/** A person wants to see some; --json has all. */
const SHOWN_IDS = 20;

export const rebuild = defineCommand({
  name: 'rebuild',
  summary:
    'After the store came back from an older backup: restores what the retained events tell, without a call to Telegram or WebEngage. Pause the queue first.',
  parameters: [],
  options: {
    since: {
      type: 'string',
      value: 'T',
      description: 'events published from this time on; some hours before the backup was made, such as 26h',
    },
    'dry-run': { type: 'boolean', description: 'only say what is missing' },
  },
  run: async ({ values }, context) => {
    const { api, output } = context;
    const since = timeArgument('since', values.since, context.now());
    if (since === undefined)
      throw new UsageError('rebuild needs --since: some hours before the backup was made, such as 26h');
    const dryRun = values['dry-run'] ?? false;
    const pages = await followPages(
      'documents',
      output,
      (cursor) => api.post<Answer>('/rebuild', { since, dryRun, cursor }),
      ({ restored: { requests, links, joins, ledger } }) => requests + links + joins + ledger,
    );
    const total = (name: keyof Restored): number => pages.reduce((sum, { restored }) => sum + restored[name], 0);
    const restored = {
      requests: total('requests'),
      links: total('links'),
      joins: total('joins'),
      ledger: total('ledger'),
      complete: total('complete'),
      erased: total('erased'),
    };
    const lists = {
      waiting: idsOf(pages, 'waiting'),
      conflicting: idsOf(pages, 'conflicting'),
      withoutLink: idsOf(pages, 'withoutLink'),
    };
    const unreadable = pages.reduce((sum, page) => sum + page.unreadable, 0);
    output.result({ dryRun, restored, ...lists, unreadable }, () => describe(dryRun, restored, lists, unreadable));
    return lists.conflicting.length + unreadable > 0 ? exitCodes.failures : exitCodes.done;
  },
});

function idsOf(pages: readonly Answer[], list: 'waiting' | 'conflicting' | 'withoutLink'): readonly string[] {
  return [...new Set(pages.flatMap((page) => page[list]))];
}

function describe(
  dryRun: boolean,
  restored: Restored,
  lists: { readonly [List in 'waiting' | 'conflicting' | 'withoutLink']: readonly string[] },
  unreadable: number,
): string {
  const { requests, links, joins, ledger, complete, erased } = restored;
  return [
    formatTable(
      [dryRun ? 'would be restored' : 'restored', 'documents'],
      [
        ['requests', requests],
        ['links', links],
        ['joins', joins],
        ['ledger entries', ledger],
      ],
    ),
    `Of ${complete} events nothing was missing; ${erased} were of people whose data was erased, and stay erased.`,
    ...listed('events may not have reached WebEngage yet; they are delivered still', lists.waiting),
    ...listed('requests keep another link than an event tells of', lists.conflicting),
    ...listed(
      'purchases have no link event; a replay of link-worker-purchase-events makes their links',
      lists.withoutLink,
    ),
    ...(unreadable === 0 ? [] : [`${unreadable} messages are no events.`]),
  ].join('\n');
}

function listed(what: string, ids: readonly string[]): string[] {
  if (ids.length === 0) return [];
  return [
    `${ids.length} ${what}:`,
    ...ids.slice(0, SHOWN_IDS).map((id) => `  ${id}`),
    ...(ids.length > SHOWN_IDS ? [`  and ${ids.length - SHOWN_IDS} more; --json lists all`] : []),
  ];
}
