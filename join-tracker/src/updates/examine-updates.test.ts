import { expect, test } from '@jest/globals';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { examineUpdates } from './examine-updates.ts';
import { SeenUpdates } from './seen-updates.ts';

const config = { TELEGRAM_UPDATES: 'polling', TELEGRAM_WEBHOOK_SECRET: [] } as const;

test('the report tells of each community when its chat was heard of last, by whichever instance', () => {
  const clock = new ManualClock();
  const seen = new SeenUpdates(clock);
  seen.noteCommunity('gold');
  seen.noteCommunity('silver');
  const { facts } = examineUpdates(config, seen, {
    service: 'join-tracker',
    checkedAt: '',
    checkIds: [],
    findings: [],
    facts: {
      'lastUpdateAt gold': '2025-01-01T00:00:00.000Z',
      'lastUpdateAt silver': '2027-01-01T00:00:00.000Z',
      'lastUpdateAt bronze': '2024-01-01T00:00:00.000Z',
      other: 'x',
    },
  });
  expect(facts).toEqual({
    'lastUpdateAt gold': new Date(clock.now()).toISOString(),
    'lastUpdateAt silver': '2027-01-01T00:00:00.000Z',
    'lastUpdateAt bronze': '2024-01-01T00:00:00.000Z',
  });
});
