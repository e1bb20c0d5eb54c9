import { NO_TOKEN, type AnswerKind, type ErrorKind, type KnownError } from './known-error.ts';
import { KNOWN_ERRORS } from './known-errors.ts';

const KINDS: Readonly<Record<ErrorKind, string>> = {
  wait: 'The other side says for how long. It costs no attempt.',
  again: 'It passes by itself. It is tried again, with a backoff.',
  administrator:
    'Nothing works until somebody mends it. An error line, a failing line of doctor and `ops show` say so at once. Waiting work is kept, and goes on afterwards.',
  user: 'Only the person concerned can mend it.',
  done: 'It is done already: a success.',
  final: 'This call can never succeed. It becomes a dead letter.',
};

const ANSWERS: Readonly<Record<Exclude<AnswerKind, number>, string>> = {
  '3xx': '3xx',
  '5xx': '5xx',
  none: 'none',
  unreadable: 'unreadable',
  [NO_TOKEN]: NO_TOKEN,
};

/** docs/errors.md: the table of known errors for people. */
export function errorsPage(): string {
  return `# What Telegram and WebEngage answer, and what it means

Made of \`shared/src/outside-errors/known-errors.ts\`, by which the code decides (to write it anew: \`npx node infra/deploy/generated/errors/write-errors-page.ts\`).
The first row that fits counts. An answer that fits none is tried again, and doctor names it.

| kind | what happens |
| --- | --- |
${Object.entries(KINDS)
  .map(([kind, text]) => `| ${kind} | ${text} |`)
  .join('\n')}

\`none\` stands for no answer, and \`unreadable\` for an answer in another form than that of the API. With \`bot_without_token\` no call was made.

${section('Telegram')}

${section('WebEngage')}

${section('both')}

Sources: **tba** tdlib/telegram-bot-api, **td** tdlib/td, **types** the documentation of the Bot API (@grammyjs/types), **ct.org** core.telegram.org,
**we** docs.webengage.com, **Node** the error codes of Node.js, **seen** met in a test of this system.
`;
}

function section(side: KnownError['side']): string {
  const rows = KNOWN_ERRORS.filter((known) => known.side === side).map(
    ({ answer, says, to, kind, meaning, advice = '', source }) =>
      `| ${answer.map((each) => (typeof each === 'number' ? String(each) : ANSWERS[each])).join(', ')} | ${[says?.map((text) => `\`${text}\``).join(', ') ?? 'anything', to === undefined ? [] : `(to ${to.join(', ')})`].flat().join(' ')} | ${kind} | ${meaning} | ${advice} | ${source} |`,
  );
  return [
    `## ${side === 'both' ? 'Either side' : side}`,
    '',
    '| answer | says | kind | what it means | what to do | source |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
