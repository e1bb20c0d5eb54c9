import { expect, test } from '@jest/globals';
import { readOptions } from './options.ts';

test.each([
  { args: [], isMeasured: false },
  { args: ['--only', 'intake,memberships'], isMeasured: true },
  { args: ['--long'], isMeasured: true },
  { args: ['--quick'], isMeasured: true },
])('with $args, the ten minutes of memberships are measured: $isMeasured', ({ args, isMeasured }) => {
  const { sections } = readOptions(args);
  expect(sections.has('memberships')).toBe(isMeasured);
  expect(sections.has('intake')).toBe(true);
});
