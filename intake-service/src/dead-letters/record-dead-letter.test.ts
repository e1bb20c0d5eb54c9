import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import { openOperator, type Operator } from '../operator/testing/open-operator.ts';

let operator: Operator;

beforeEach(() => {
  operator = openOperator();
});

afterEach(() => operator.close());

test.each([
  ['an event that names one', JSON.stringify({ data: { communityId: 'signals' } }), 'signals'],
  ['an event of before there were several', JSON.stringify({ data: { requestId: 'r1' } }), undefined],
  ['a message that is no event', '{"data":{"communityId":', undefined],
])('a dead letter names the community of its event: %s', async (_, data, communityId) => {
  await operator.deadLetter('m1', { data, attributes: { id: 'e1' } });
  const { documents } = await operator.backend.store.query({
    collection: deadLetters,
    where: { status: 'open' },
    orderBy: { field: 'lastAt', direction: 'ascending' },
    limit: 10,
  });
  expect(documents.map((letter) => letter.data.communityId)).toEqual([communityId]);
});
