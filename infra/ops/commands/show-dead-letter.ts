import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatFields, formatTable } from '../table.ts';

interface Answer {
  readonly deadLetter: {
    readonly id: string;
    readonly source: string;
    readonly status: string;
    readonly code: string;
    readonly reason: string;
    readonly retries: number;
    readonly firstAt: string;
    readonly lastAt: string;
    readonly claimedAt?: string;
    readonly message: {
      readonly data: string;
      readonly attributes: Readonly<Record<string, string>>;
      readonly cutFromCharacters?: number;
    };
    readonly history: readonly {
      readonly at: string;
      readonly code: string;
      readonly reason: string;
      readonly attempts: number;
    }[];
    readonly actions: readonly {
      readonly at: string;
      readonly by: string;
      readonly action: string;
      readonly reason?: string;
    }[];
  };
}

export const showDeadLetter = defineCommand({
  name: 'dead-letters show',
  summary: 'One dead letter: message, source, reason, attempts, times, and what was done about it.',
  parameters: [{ name: 'id', description: 'as the list shows it' }],
  options: {},
  run: async ({ parameters: [id = ''] }, { api, output }) => {
    const { deadLetter } = await api.get<Answer>(`/dead-letters/${encodeURIComponent(id)}`);
    output.result(deadLetter, () => describe(deadLetter));
    return exitCodes.done;
  },
});

function describe({ message, history, actions, ...letter }: Answer['deadLetter']): string {
  const cut =
    message.cutFromCharacters === undefined
      ? ''
      : ` (only the beginning of ${message.cutFromCharacters} characters was kept)`;
  return [
    formatFields({ ...letter, attempts: history.at(-1)?.attempts }),
    '',
    'It failed',
    formatTable(
      ['at', 'attempts', 'code', 'reason'],
      history.map(({ at, attempts, code, reason }) => [at, attempts, code, reason]),
    ),
    ...(actions.length === 0
      ? []
      : [
          '',
          'Operators',
          formatTable(
            ['at', 'who', 'what', 'why'],
            actions.map(({ at, by, action, reason }) => [at, by, action, reason]),
          ),
        ]),
    '',
    `The message${cut}`,
    formatFields(message.attributes),
    // As JSON, so that nothing in it can move the cursor.
    JSON.stringify(message.data),
  ].join('\n');
}
