import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import { healthReports } from '@paid-community/shared/model/operations/health-report.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { CommunitiesApi, WITHOUT_CHAT } from '../testing/communities-api.ts';

let api: CommunitiesApi;

beforeEach(() => {
  api = new CommunitiesApi();
});

afterEach(() => api.close());

test('a pool that would be old before it is full is refused, with the largest that would not', async () => {
  // 0.1 links a second, half of them for the pool, 720 hours.
  const rate = { pausedUntil: '', grantedUntil: '', grantedTo: '', learned: { perSecond: 0.1 } };
  await api.operator.backend.store.commit([createDocument(botRates, '111', rate)]);
  const refusal = {
    code: 'invalid_request',
    issues: [{ path: '/poolSize', message: expect.stringContaining('129600') }],
  };
  await expect(api.connect({ poolSize: 129_601 })).rejects.toMatchObject(refusal);
  await expect(api.call('communities.connect', { ...WITHOUT_CHAT, poolSize: 129_601 })).rejects.toMatchObject(refusal);
  expect(await api.stored()).toBeUndefined();
  await api.connect({ poolSize: 129_600 });
  await expect(api.call('communities.change', { communityId: 'gold', poolSize: 1_000_000 })).rejects.toMatchObject(
    refusal,
  );
});

test('of bots of which nothing was learned, each counts with the pace at which link-worker begins', async () => {
  const refusalOf = (most: number): object => ({
    issues: [{ message: expect.stringContaining(`at most ${most}:`) }],
  });
  const large = { botIds: ['111', '222'], poolSize: 1_000_000_000 };
  await expect(api.connect(large)).rejects.toMatchObject(refusalOf(12_960_000));
  const report = {
    service: 'link-worker' as const,
    checkedAt: '2026-01-01T00:00:00.000Z',
    checkIds: [],
    findings: [],
    facts: { poolMaxAgeHours: '10', linksPerSecondAtStart: '1' },
  };
  await api.operator.backend.store.commit([createDocument(healthReports, 'link-worker', report)]);
  await expect(api.connect(large)).rejects.toMatchObject(refusalOf(36_000));
  await expect(api.call('communities.change', { communityId: 'default', poolSize: 18_001 })).rejects.toMatchObject(
    refusalOf(18_000),
  );
});
