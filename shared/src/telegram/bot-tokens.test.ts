import { expect, test } from '@jest/globals';
import { botTokensOf } from './bot-tokens.ts';

const FIRST = '7:AAAAAAAA';
const SECOND = '8:BBBBBBBB';

test('the default bot comes first, and each bot once', () => {
  expect(botTokensOf({ TELEGRAM_BOT_TOKEN: SECOND, TELEGRAM_BOT_TOKENS: [FIRST, SECOND, FIRST] })).toEqual([
    { botId: '8', token: SECOND },
    { botId: '7', token: FIRST },
  ]);
});

test('two tokens of one bot are refused by its id, without the tokens', () => {
  const contradicting = { TELEGRAM_BOT_TOKEN: FIRST, TELEGRAM_BOT_TOKENS: [SECOND, '7:CCCCCCCC'] };
  expect(() => botTokensOf(contradicting)).toThrow(/different tokens of the bot 7: (?!.*(AAAA|CCCC))/);
});

test('the setting that has both tokens is named', () => {
  const inOne = { TELEGRAM_BOT_TOKEN: FIRST, TELEGRAM_BOT_TOKENS: [SECOND, '8:CCCCCCCC'] };
  expect(() => botTokensOf(inOne)).toThrow(
    /^(?!.*TELEGRAM_BOT_TOKEN ).*TELEGRAM_BOT_TOKENS has different tokens of the bot 8/s,
  );
});
