import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { requestIdOf } from './request-id.ts';

const purchase = { userId: '12345', transactionId: 'txn_abc', idempotencyKey: undefined };
const byKey = { userId: '12345', transactionId: '', idempotencyKey: 'key-1' };

test('ids of the default community are those of before there were others', () => {
  expect(requestIdOf(purchase)).toBe('636f3c3c-bec7-81cf-a1e9-15c55a037a83');
  expect(requestIdOf(byKey)).toBe('16c214d5-6bcb-8bf7-92b1-9418054911cf');
  expect(requestIdOf({ ...purchase, communityId: 'default' })).toBe(requestIdOf(purchase));
});

test('the same purchase in another community is another one, however its texts are cut', () => {
  const text = fc.string({ minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(text, text, text, (userId, transactionId, communityId) => {
      fc.pre(communityId !== 'default');
      const ids = [
        requestIdOf({ communityId, userId, transactionId, idempotencyKey: undefined }),
        requestIdOf({ userId, transactionId, idempotencyKey: undefined }),
        requestIdOf({ communityId, userId, transactionId: '', idempotencyKey: transactionId }),
        requestIdOf({ userId, transactionId: transactionId + communityId, idempotencyKey: undefined }),
      ];
      expect(new Set(ids).size).toBe(4);
      expect(requestIdOf({ communityId, userId, transactionId, idempotencyKey: undefined })).toBe(ids[0]);
    }),
  );
});
