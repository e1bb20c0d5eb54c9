import { describe, expect, test } from '@jest/globals';
import { readMemberList } from './read-member-list.ts';

const read = (text: string): ReturnType<typeof readMemberList> => readMemberList(text, 'Asia/Kolkata');

describe('a list of members', () => {
  test.each([
    ['commas', 'userId,telegramUserId,planId,endsAt\nasha,42,monthly,2026-06-30\n'],
    [
      'semicolons, quotes and Windows line ends',
      '"User ID";"Telegram ID";"Plan";"Paid until"\r\n"asha";"42";"monthly";"2026-06-30"\r\n',
    ],
    ['tabs and other letters', 'user_id\tTELEGRAM_USER_ID\tplan-id\tExpires At\nasha\t42\tmonthly\t2026-06-30'],
  ])('is read with %s', (_name, text) => {
    expect(read(text)).toMatchObject({
      rows: [
        // The end of that day in Kolkata.
        { line: 2, userId: 'asha', telegramUserId: '42', planId: 'monthly', endsAt: '2026-06-30T18:30:00.000Z' },
      ],
      refused: [],
      ignored: [],
    });
  });

  test.each([
    ['2026-06-30T10:00:00Z', '2026-06-30T10:00:00.000Z'],
    ['2026-06-30T10:00+02:00', '2026-06-30T08:00:00.000Z'],
    ['2026-06-30 10:00', '2026-06-30T04:30:00.000Z'],
  ])('may end at %s, which is %s', (given, endsAt) => {
    expect(read(`userId,endsAt\nasha,${given}`).rows).toMatchObject([{ endsAt }]);
  });

  test('starts a day at its start, leaves empty cells out, and names the columns that it does not read', () => {
    const { rows, ignored } = read('name,userId,telegramUserId,plan,start\nAsha,asha,,monthly,2026-01-01\n');
    expect(rows).toEqual([
      {
        line: 2,
        userId: 'asha',
        telegramUserId: undefined,
        planId: 'monthly',
        startsAt: '2025-12-31T18:30:00.000Z',
        endsAt: undefined,
      },
    ]);
    expect(ignored).toEqual(['name']);
  });

  test('says by line what is no day, and who is there twice', () => {
    const text = [
      'userId,telegramUserId,endsAt',
      'asha,1,30/06/2026',
      '',
      'ben,2,2026-02-30',
      'chen,3,2026-06-30',
      'chen,4,2026-07-30',
      'dev,3,2026-06-30',
    ];
    const { rows, refused } = read(text.join('\n'));
    expect(rows.map(({ line }) => line)).toEqual([5, 6, 7]);
    expect(refused).toEqual([
      { line: 2, reason: expect.stringContaining('endsAt must be a day that there is, such as 2026-12-31') },
      { line: 4, reason: expect.stringContaining('endsAt must be a day') },
      { line: 6, reason: 'the person is in line 5 already' },
      { line: 7, reason: 'the person is in line 5 already' },
    ]);
  });

  test.each([
    ['', 'The list is empty'],
    ['userId\nasha', 'and planId or endsAt; it has userId'],
    ['user,endsOn\nasha,2026-06-30', 'it has user, endsOn. Did you mean endsAt?'],
    ['userId,user,endsAt\na,b,2026-06-30', 'Two columns are userId: userId, user. Which one?'],
    ['userId,endsAt\na,2026-06-30,more', 'The list cannot be read: Invalid Record Length'],
    ['userId,endsAt\n"a,2026-06-30', 'The list cannot be read: Quote Not Closed'],
  ])('that reads %j is refused: %s', (text, words) => {
    expect(() => read(text)).toThrow(words);
  });
});
