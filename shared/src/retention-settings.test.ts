import { expect, test } from '@jest/globals';
import { expiryOf } from './model/retention.ts';
import { retentionSettings } from './retention-settings.ts';
import { ConfigError, readSettings } from './platform/config/settings.ts';

test.each(['7', '0', '-1', '400.5', 'for ever'])(
  'RETENTION_DAYS=%s is refused, with what would be right: messages are kept for a week',
  (text) => {
    expect(() => readSettings({ RETENTION_DAYS: text }, retentionSettings)).toThrow(ConfigError);
    expect(() => readSettings({ RETENTION_DAYS: text }, retentionSettings)).toThrow(
      /RETENTION_DAYS must be a whole number from 8 to 36500 .*longer than messages are kept for replay/,
    );
  },
);

test('a document expires so many days after what it tells of', () => {
  expect(readSettings({}, retentionSettings).RETENTION_DAYS).toBe(400);
  expect(expiryOf('2026-01-01T00:00:00.000Z', 8)).toBe('2026-01-09T00:00:00.000Z');
});
