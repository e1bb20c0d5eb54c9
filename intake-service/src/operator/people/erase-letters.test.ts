import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import { park, update } from './testing/messages.ts';
import { openOperator, type Operator } from '../testing/open-operator.ts';
import { EVE } from './testing/two-people.ts';
import { erase, rows } from './testing/erasure.ts';

let operator: Operator;
beforeEach(() => {
  operator = openOperator();
});
afterEach(() => operator.close());

test('an erasure finds letters of every state, however old, and beyond the first page', async () => {
  for (let n = 0; n < 230; n += 1)
    await park(
      operator,
      String(n),
      { data: update(n % 2 === 0 ? EVE.telegramUserId : '5', 'x'), attributes: { id: `telegram-update-${n}` } },
      'telegram-updates',
    );
  const { documents } = await operator.backend.store.query({
    collection: deadLetters,
    where: { status: 'open' },
    orderBy: { field: 'lastAt', direction: 'ascending' },
    limit: 3,
  });
  for (const letter of documents)
    await operator.call('dead-letters.discard', { ids: [letter.id], reason: `"id":${EVE.telegramUserId}` });
  // The messages that they came by are long gone.
  operator.clock.advance(30 * 86_400_000);
  expect(await erase(operator, { userId: EVE.userId, telegramUserId: EVE.telegramUserId })).toMatchObject({
    deadLetters: expect.any(Number),
  });
  expect(
    (await rows(operator)).filter((row) => row.startsWith('documents') && row.includes(EVE.telegramUserId)),
  ).toEqual([]);
  expect(await operator.backend.store.count({ collection: deadLetters, where: { status: 'open' } })).toBeGreaterThan(
    110,
  );
});

test('an update that is too broken to hold an id is found by the username', async () => {
  await park(
    operator,
    '1',
    {
      data: '{"update_id":1,"chat_member":{"from":{"username":"Eve_Secret"}}}',
      attributes: { id: 'telegram-update-1' },
    },
    'telegram-updates',
  );
  expect(await erase(operator, { userId: EVE.userId, telegramUsername: '@eve_secret' })).toMatchObject({
    deadLetters: 1,
    messages: 1,
  });
});
