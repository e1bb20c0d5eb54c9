import { describe, expect, test } from '@jest/globals';
import { telegramClaim, webEngageClaim, type Claim } from './claim.ts';
import { judgeClaim, type Circumstances } from './judge-claim.ts';

const telegram = (bot: string, chat: string): Claim =>
  telegramClaim({ TELEGRAM_BOT_TOKEN: `${bot}:AAAAAAAA`, TELEGRAM_CHAT_ID: chat });
const webEngage = (licence: string, root = 'https://api.webengage.com'): Claim =>
  webEngageClaim({ WEBENGAGE_LICENSE_CODE: licence, WEBENGAGE_API_ROOT: root });
const simulated: Claim = { ...telegram('1', '-1'), kind: 'simulated' };

function verdict(recorded: Circumstances['recorded'], claim: Claim, more: Partial<Circumstances> = {}): string {
  return judgeClaim(claim, { recorded, otherPlaces: [], waiting: 0, leaving: [], ...more }).kind;
}

describe('whose a store is', () => {
  test.each<
    [what: string, recorded: Circumstances['recorded'], claim: Claim, expected: string, more?: Partial<Circumstances>]
  >([
    ['nobody has served it', undefined, telegram('1', '-1'), 'taken'],
    ['the same bot with a new token, and chat', telegram('1', '-1'), { ...telegram('1', '-1') }, 'known'],
    ['a name in other letters', telegram('1', '@Community'), telegram('1', '@community'), 'known'],
    ['another bot', telegram('1', '-1'), telegram('2', '-1'), 'refused'],
    ['another chat', telegram('1', '-1'), telegram('1', '-2'), 'refused'],
    [
      'another chat and bot, on purpose',
      telegram('1', '-1'),
      telegram('2', '-2'),
      'taken',
      { leaving: ['telegram:1/-1'] },
    ],
    [
      'another chat, while something else is meant',
      telegram('1', '-1'),
      telegram('1', '-2'),
      'refused',
      { leaving: ['telegram:1/-2', 'webengage:1', 'telegram:simulated'] },
    ],
    ['the other id of a group', telegram('1', '-1'), telegram('1', '-1002'), 'taken', { otherPlaces: ['-1002'] }],
    [
      'another bot in the other id of a group',
      telegram('1', '-1'),
      telegram('2', '-1002'),
      'refused',
      { otherPlaces: ['-1002'] },
    ],
    ['simulated on real', telegram('1', '-1'), simulated, 'refused'],
    ['simulated on real, on purpose', telegram('1', '-1'), simulated, 'taken', { leaving: ['telegram:1/-1'] }],
    ['simulated on real of an older version that did not say who', { kind: 'real' }, simulated, 'refused'],
    ['simulated on simulated', simulated, simulated, 'known', { waiting: 5 }],
    ['real on simulated', simulated, telegram('1', '-1'), 'taken'],
    ['real on simulated that waits', simulated, telegram('1', '-1'), 'refused', { waiting: 1 }],
    [
      'real on simulated that waits, on purpose',
      simulated,
      telegram('1', '-1'),
      'taken',
      { waiting: 1, leaving: ['telegram:simulated'] },
    ],
    ['real, where only the chat is known', { kind: 'real', place: '-1' }, telegram('1', '-1'), 'known'],
    ['another chat, where only the chat is known', { kind: 'real', place: '-1' }, telegram('1', '-2'), 'refused'],
    ['the same licence', webEngage('~1'), webEngage('~1'), 'known'],
    ['another licence', webEngage('~1'), webEngage('~2'), 'refused'],
    ['another licence, on purpose', webEngage('~1'), webEngage('~2'), 'taken', { leaving: ['webengage:~1'] }],
    [
      'the same licence at another data centre',
      webEngage('~1'),
      webEngage('~1', 'https://api.in.webengage.com'),
      'taken',
    ],
  ])('%s', (_what, recorded, claim, expected, more = {}) => {
    expect(verdict(recorded, claim, more)).toBe(expected);
  });

  test('what a refused start says can be followed: the name that it gives lets the start through', () => {
    const others = [telegram('2', '-1'), telegram('1', '@other'), simulated];
    for (const claim of others) {
      const circumstances = { recorded: telegram('1', '-1'), otherPlaces: [], waiting: 3, leaving: [] };
      const refusal = judgeClaim(claim, circumstances);
      const name =
        refusal.kind === 'refused' ? /put (\S+) into STORE_OWNER_CHANGE/.exec(refusal.advice)?.[1] : undefined;
      expect(judgeClaim(claim, { ...circumstances, leaving: [name ?? ''] })).toMatchObject({
        kind: 'taken',
        meant: name,
      });
    }
  });
});
