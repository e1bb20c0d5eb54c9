import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { DECLARED_CONTAINERS, declaredContainersText } from './testing/declared-containers.ts';

test('the images are tried with the variables that the program sets (to write them anew: npm run write-tables)', async () => {
  expect(await declaredContainersText()).toBe(readFileSync(DECLARED_CONTAINERS, 'utf8'));
});
