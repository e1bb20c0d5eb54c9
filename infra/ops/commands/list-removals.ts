import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';
import { minuteOf } from './membership-answer.ts';
import { linesOfNextPage, pageOf, pageOptions } from './page-options.ts';

interface Answer {
  readonly removals: readonly {
    readonly membershipId: string;
    readonly communityId: string;
    readonly userId: string;
    readonly telegramUserId?: string;
    readonly status: string;
    readonly reason: string;
    readonly since: string;
  }[];
  readonly held: readonly {
    readonly communityId: string;
    readonly since: string;
    readonly due?: number;
    readonly inside?: number;
  }[];
  readonly nextCursor?: string;
}

export const listRemovals = defineCommand({
  name: 'removals list',
  summary: 'Who is removed next, or would be, and why; whose removals are held, and whom Telegram does not remove.',
  parameters: [],
  options: {
    community: { type: 'string', value: 'C', description: 'of this community' },
    status: { type: 'string', value: 'S', description: 'only due, held, dry_run or impossible ones' },
    ...pageOptions,
  },
  run: async ({ values }, { api, output }) => {
    const { removals, held, nextCursor } = await api.get<Answer>('/removals', {
      communityId: values.community,
      status: values.status,
      ...pageOf(values),
    });
    output.result({ removals, held, nextCursor }, () => describe({ removals, held }, nextCursor));
    return exitCodes.done;
  },
});

type Removal = Answer['removals'][number];

function describe({ removals, held }: Answer, nextCursor: string | undefined): string {
  const groups = Map.groupBy(removals, ({ communityId, status }) => `${communityId}: ${status}`);
  return [
    ...held.flatMap((each) => [...describeHeld(each), '']),
    removals.length === 0
      ? 'Nobody is to be removed.'
      : [...groups].map(([title, group]) => describeGroup(title, group)).join('\n\n'),
    ...linesOfNextPage(nextCursor),
  ].join('\n');
}

function describeGroup(title: string, group: readonly Removal[]): string {
  const { status, communityId } = group[0] ?? {};
  const advice: Readonly<Record<string, string>> = {
    dry_run: `Nobody goes. npm run ops -- communities change ${communityId ?? ''} --removal on lets them go.`,
    impossible:
      'An administrator of the chat must remove them; or npm run ops -- memberships exempt <membership> lets one stay.',
  };
  const rows = group.map(({ userId, telegramUserId, since, reason, membershipId }) => [
    userId === '' ? `tg ${telegramUserId ?? ''}` : userId,
    minuteOf(since),
    membershipId,
    reason,
  ]);
  const next = advice[status ?? ''];
  return [
    title,
    formatTable(['person', 'over since', 'membership', 'why'], rows),
    ...(next === undefined ? [] : [next]),
  ].join('\n');
}

function describeHeld({ communityId, since, due, inside }: Answer['held'][number]): readonly string[] {
  return [
    `HELD: all removals of ${communityId}, since ${since}: ${due ?? 'many'} of ${inside ?? 'the'} people inside at once.`,
    'Is it a wrong clock, a bad import, a restored backup? Then nobody goes meanwhile.',
    'Whom you extend or exempt, and who pays, stays; the others go with',
    `  npm run ops -- removals release ${communityId}`,
  ];
}
