import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

interface Answer {
  readonly communityId: string;
  readonly released: boolean;
  readonly due: number;
}

export const releaseRemovals = defineCommand({
  name: 'removals release',
  summary: 'Lets the removals of a community go that are held because there are so many of them.',
  parameters: [{ name: 'communityId', description: 'as removals list shows it' }],
  options: {},
  run: async ({ parameters: [communityId = ''] }, { api, output, confirm }) => {
    await confirm(`All who are due in ${communityId} will be removed: npm run ops -- removals list shows who.`);
    const { released, due } = await api.post<Answer>('/removals/release', { communityId });
    output.result({ communityId, released, due }, () =>
      released
        ? `${due} removals of ${communityId} go from the next tick on, at the pace that Telegram allows.`
        : `Nothing is held in ${communityId}; ${due} removals are due there.`,
    );
    return exitCodes.done;
  },
});
