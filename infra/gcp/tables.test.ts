import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { permissions } from './permissions.ts';
import { permissionTable, withTables } from './tables.ts';
import { stackConfig } from './testing/stack-configs.ts';

const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');

test('the tables of README.md are what the program has (to write them anew: npm run write-tables)', () => {
  expect(withTables(readme)).toBe(readme);
});

test('every role that a stack binds is in the table of README.md', () => {
  const rows = permissionTable().split('\n');
  for (const { role, on, why } of permissions(stackConfig().values)) {
    const place = 'name' in on && on.kind !== 'account' ? on.name : '';
    expect([role, rows.some((row) => row.includes(`\`${role}\``) && row.includes(place) && row.includes(why))]).toEqual([role, true]);
  }
});

test('a table without a place in the document is an error, not left out', () => {
  expect(() => withTables('nothing here')).toThrow('There is no place for the table permissions');
});
