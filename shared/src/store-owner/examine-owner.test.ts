import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chatMigrations } from '../model/communities/chat-migration.ts';
import { storeOwners } from '../model/operations/store-owner.ts';
import { createDocument } from '../platform/ports/document-store.ts';
import { ManualClock } from '../platform/testing/manual-clock.ts';
import { openTemporaryBackend } from '../platform/testing/temporary-backend.ts';
import { telegramClaim } from './claim.ts';
import { examineOwner } from './examine-owner.ts';

const claimOf = (chat: string, bot = '1'): ReturnType<typeof telegramClaim> =>
  telegramClaim({ TELEGRAM_BOT_TOKEN: `${bot}:AAAAAAAA`, TELEGRAM_CHAT_ID: chat });
let opened: ReturnType<typeof openTemporaryBackend>;

beforeEach(() => {
  opened = openTemporaryBackend(new ManualClock());
});
afterEach(() => opened.close());

describe('a service that holds a secret by itself', () => {
  const examine = (chat: string, bot?: string, leaving: readonly string[] = []): ReturnType<typeof examineOwner> =>
    examineOwner({ claim: claimOf(chat, bot), leaving }, opened.backend.store);

  test('records whose the store is at its first check, and finds it again', async () => {
    expect(await examine('-1')).toMatchObject({ check: 'store_owner', state: 'ok' });
    expect((await opened.backend.store.get(storeOwners, 'telegram'))?.data).toMatchObject({
      kind: 'real',
      account: '1',
      place: '-1',
    });
    expect(await examine('-1')).toMatchObject({ state: 'ok', meaning: 'The store is that of bot 1 in chat -1' });
  });

  test('tells of another bot or chat, and what to do when it is meant', async () => {
    await examine('-1');
    expect(await examine('-1', '2')).toMatchObject({
      state: 'failing',
      meaning: expect.stringContaining('bot 2'),
      advice: expect.stringContaining('telegram:1/-1'),
    });
    expect(await examine('-5')).toMatchObject({
      state: 'failing',
      advice: expect.stringContaining('STORE_OWNER_CHANGE'),
    });
    expect(await examine('-5', '2', ['telegram:1/-1'])).toMatchObject({ state: 'ok' });
    expect(await examine('-5', '2')).toMatchObject({ state: 'ok' });
  });

  test('follows a group that became a supergroup', async () => {
    await examine('-1');
    await opened.backend.store.commit([
      createDocument(chatMigrations, '-1', { chatId: '-1002', migratedAt: '2026-01-01T00:00:00.000Z' }),
    ]);
    expect(await examine('-1002')).toMatchObject({ state: 'ok' });
    expect(await examine('-1')).toMatchObject({ state: 'ok' });
  });
});
