import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { costTable } from './costs.ts';
import { permissions } from './permissions.ts';
import { permissionTable, COST_TABLES, TABLES, withTables } from './tables.ts';
import { stackConfig } from './testing/stack-configs.ts';

test.each([
  ['README.md', TABLES],
  ['../../../docs/cost.md', COST_TABLES],
])('the tables of %s are what the program has (to write them anew: npm run write-tables)', (file, tables) => {
  const page = readFileSync(join(import.meta.dirname, file), 'utf8');
  expect(withTables(page, tables)).toBe(page);
});

test('the costs add up as they are printed, and name what is easily forgotten', () => {
  const rows = costTable()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.replaceAll('*', '').trim()));
  const amount = (cells: readonly string[]): number => Math.round(Number(cells.at(-2)?.replace('$', '')) * 100);
  const [first = 0, second = 0, whole = 0] = ['what passes', 'what is kept, and waits', 'sum'].map((what) =>
    amount(rows.find((cells) => cells[1] === what) ?? []),
  );
  const parts = rows.slice(2).filter((cells) => cells[2] !== '');
  expect(parts.reduce((sum, cells) => sum + amount(cells), 0)).toBe(whole);
  expect(first + second).toBe(whole);
  for (const part of [
    'archive subscriptions',
    'expired',
    'storage',
    'backups',
    'point-in-time',
    'one instance',
    'Alert',
  ])
    expect([part, parts.some((cells) => cells[1]?.includes(part))]).toEqual([part, true]);
  expect(parts.filter((cells) => amount(cells) <= 0)).toEqual([]);
});

test('every role that a stack binds is in the table of README.md', () => {
  const rows = permissionTable().split('\n');
  for (const { role, on, why } of permissions(stackConfig().values)) {
    const place = 'name' in on && on.kind !== 'account' ? on.name : '';
    expect([role, rows.some((row) => row.includes(`\`${role}\``) && row.includes(place) && row.includes(why))]).toEqual(
      [role, true],
    );
  }
});

test('a table without a place in the document is an error, not left out', () => {
  expect(() => withTables('nothing here', TABLES)).toThrow('There is no place for the table permissions');
});
