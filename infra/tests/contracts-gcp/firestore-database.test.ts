import { afterAll, expect, test } from '@jest/globals';
import { FirestoreDocumentStore } from '@paid-community/shared/platform/backends/gcp/firestore-document-store.ts';
import { chatMigrations } from '@paid-community/shared/model/communities/chat-migration.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { sharedEmulator } from '../emulators/shared-emulators.ts';

withEmulators(['cloud-firestore-emulator'], () => {
  const firestore = sharedEmulator('firestore');
  const stores: FirestoreDocumentStore[] = [];

  function open(database?: string): FirestoreDocumentStore {
    const store = new FirestoreDocumentStore(
      { projectId: 'databases', database, emulatorHost: firestore() },
      topology,
      systemClock,
    );
    stores.push(store);
    return store;
  }

  afterAll(() => Promise.all(stores.map((store) => store.close())));

  test('the services open the database of their setting: what is in a restored one is not in the default one', async () => {
    const usual = open();
    const restored = open('restored-2026');
    await restored.checkReady();
    await restored.commit([
      createDocument(chatMigrations, 'x', { chatId: '-1', migratedAt: '2026-01-01T00:00:00.000Z' }),
    ]);
    expect(await restored.get(chatMigrations, 'x')).toMatchObject({ data: { chatId: '-1' } });
    expect(await usual.get(chatMigrations, 'x')).toBeUndefined();
    expect(await open('(default)').get(chatMigrations, 'x')).toBeUndefined();
  });
});
