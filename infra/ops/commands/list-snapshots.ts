import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';

interface Answer {
  readonly snapshots: readonly { readonly name: string; readonly topic: string; readonly expiresAt: string }[];
}

export const listSnapshots = defineCommand({
  name: 'snapshot list',
  summary: 'The snapshots that can be replayed.',
  parameters: [],
  options: {},
  run: async (_, { api, output }) => {
    const { snapshots } = await api.get<Answer>('/snapshots');
    output.result({ snapshots }, () =>
      snapshots.length === 0
        ? 'There are no snapshots.'
        : formatTable(
            ['name', 'topic', 'until'],
            snapshots.map(({ name, topic, expiresAt }) => [name, topic, expiresAt]),
          ),
    );
    return exitCodes.done;
  },
});
