import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { SETTINGS_PAGE, settingsPage } from './settings-page.ts';

test('the tables of docs/settings.md are .env.example (to write them anew: npx node infra/deploy/generated/settings/write-settings-page.ts)', () => {
  expect(readFileSync(SETTINGS_PAGE, 'utf8')).toBe(settingsPage());
});

test('each setting has a default or none, and a meaning', () => {
  const rows = settingsPage()
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows.filter((row) => !/^\| `[A-Z_]+` \| (`.+`)? \| .+[^ ] \|$/.test(row))).toEqual([]);
});

test('a page without the marks is an error, not left as it is', () => {
  expect(() => settingsPage('# Settings')).toThrow('docs/settings.md needs the marks');
});
