import { seededRandom } from '@paid-community/shared/platform/testing/seeded-random.ts';
import { joinUpdate, LINK, LINK_NAME, OWN_CHAT } from './open-tracker.ts';

/** Values at the edges of what JSON, a double, a date and a text can be. */
const ODD: readonly unknown[] = [
  ...[
    null,
    true,
    '',
    ' ',
    'x'.repeat(5_000),
    '\u0000',
    '\ud800',
    '😀'.repeat(600),
    '../../x',
    '__proto__',
    [],
    [[]],
    {},
    { a: { b: {} } },
  ],
  ...[
    0,
    -0,
    -1,
    1.5,
    1e300,
    -1e300,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53,
    8_640_000_000_000,
    8_640_000_000_001,
    253_402_300_799,
    1_767_261_600,
  ],
  ...[LINK, LINK_NAME, OWN_CHAT, String(OWN_CHAT), 'member', 'left', 'restricted', 'kicked', 'creator', 'hovering'],
];
const DATES = [0, 1, 1_767_261_600, 2 ** 31, 2 ** 32 - 1, 8_640_000_000_000, 253_402_300_799];
const STATUSES = ['member', 'left', 'restricted', 'kicked', 'creator', 'administrator'];

/** Updates of Telegram, most of them bent at one place or several; the same for the same seed. */
export function randomUpdates(seed: number, count: number): unknown[] {
  const random = seededRandom(seed);
  const oneOf = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const bend = (value: unknown): unknown => {
    if (random() < 0.04) return oneOf(ODD);
    if (Array.isArray(value)) return value.map(bend);
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value)
      .filter(() => random() > 0.02)
      .map(([name, inner]) => [name, bend(inner)] as const);
    return Object.fromEntries(random() < 0.02 ? [...kept, ['__proto__', oneOf(ODD)]] : kept);
  };
  return Array.from({ length: count }, () => {
    const links = [
      undefined,
      { invite_link: LINK },
      { invite_link: 'https://t.me/+AbCd...', name: LINK_NAME },
      { invite_link: 'https://t.me/+AbCd...' },
    ];
    const update = joinUpdate({
      userId: Math.floor(random() * 1e10),
      chat: { id: oneOf([OWN_CHAT, OWN_CHAT, -1009999999999, 77]) },
      link: oneOf(links),
      date: random() < 0.5 ? 1_767_261_600 : oneOf(DATES),
    });
    const change = update['chat_member'] as {
      chat: object;
      date: number;
      old_chat_member: object;
      new_chat_member: object;
    };
    const changed = {
      ...change,
      old_chat_member: { ...change.old_chat_member, status: oneOf(STATUSES) },
      new_chat_member: { ...change.new_chat_member, status: oneOf(STATUSES), is_member: random() < 0.5 },
    };
    return bend(
      oneOf([
        { chat_member: changed },
        { chat_member: changed },
        { my_chat_member: changed },
        {
          chat_join_request: {
            chat: change.chat,
            from: { id: 77 },
            date: change.date,
            invite_link: oneOf(links),
          },
        },
        { message: { text: 'hello', from: { id: 1 } } },
        { chat_member: changed, my_chat_member: changed },
      ]),
    );
  });
}
