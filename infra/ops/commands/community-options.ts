import { commaSeparated } from '../arguments.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { wholeNumber } from '../command-line/whole-number.ts';
import type { Options } from '../command.ts';

/** What an operator sets of a community. Durations are ISO 8601, as in the API. */
export const settingOptions = {
  name: { type: 'string', value: 'S', description: 'what people call it; WebEngage is told it' },
  entry: {
    type: 'string',
    value: 'E',
    description: 'how people get in: link, or request (to join, approved when it is paid for)',
  },
  removal: {
    type: 'string',
    value: 'R',
    description: 'of people whose time is over: off, dry_run or on',
  },
  bots: { type: 'string', value: 'IDS', description: 'the bots that serve it, comma-separated (bots list)' },
  'link-ttl': {
    type: 'string',
    value: 'D',
    description: 'how long an unused link can be used, such as PT12H; none: as LINK_TTL_HOURS',
  },
  grace: {
    type: 'string',
    value: 'D',
    description: 'how long people stay when their time is over, such as P3D',
  },
  reminders: {
    type: 'string',
    value: 'DS',
    description: 'so long before the end, comma-separated, such as P7D,P1D',
  },
  'revoke-after-join': {
    type: 'string',
    value: 'YES',
    description: 'yes or no: a link is revoked after its join',
  },
  'wrong-person': {
    type: 'string',
    value: 'W',
    description: 'what happens to another account that comes by the link of a purchase: report or remove',
  },
  pool: { type: 'string', value: 'N', description: 'links to keep ready' },
  'time-zone': {
    type: 'string',
    value: 'Z',
    description: 'an IANA name such as Asia/Kolkata: in it months are counted',
  },
  'erase-after': { type: 'string', value: 'D', description: 'how long a person is kept after the end and the removal' },
} as const satisfies Options;

type SettingValues = { readonly [Name in keyof typeof settingOptions]?: string };

/** As the API takes them; what is not given is undefined, and what is taken back by `none` is null. @throws UsageError */
export function settingsFrom(values: SettingValues): Readonly<Record<string, unknown>> {
  return {
    name: values.name,
    entry: values.entry,
    removal: values.removal,
    botIds: commaSeparated(values.bots),
    linkTtl: orNone(values['link-ttl'], (text) => text),
    grace: orNone(values.grace, (text) => text),
    reminders: orNone(values.reminders, (text) => commaSeparated(text)),
    revokeAfterJoin: orNone(values['revoke-after-join'], (text) => yesOrNo('revoke-after-join', text)),
    wrongPerson: values['wrong-person'],
    poolSize: values.pool === undefined ? undefined : wholeNumber('--pool', values.pool, 0, 1_000_000_000),
    timeZone: values['time-zone'],
    eraseAfter: orNone(values['erase-after'], (text) => text),
  };
}

/** `none` takes a setting back, for which the API has null. */
function orNone<T>(text: string | undefined, read: (text: string) => T): T | null | undefined {
  if (text === undefined) return undefined;
  return text === 'none' ? null : read(text);
}

function yesOrNo(option: string, text: string): boolean {
  if (text !== 'yes' && text !== 'no') throw new UsageError(`--${option} must be yes or no`);
  return text === 'yes';
}
