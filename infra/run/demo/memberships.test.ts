import { expect, test } from '@jest/globals';
import { cleanUpAfterEach, demo } from './testing/run-demo-process.ts';

cleanUpAfterEach();

test('--memberships tells a story in which whoever paid is in at the end, and nobody else', async () => {
  const { stdout, exitCode } = await demo(['--memberships']);
  expect(stdout).toMatch(/ben {8}→ member removed\n/);
  expect(stdout).toMatch(/dev {8}→ wrong person joined\n/);
  expect(stdout).toMatch(/esha {7}→ membership revoked\n/);
  expect(stdout).toMatch(
    /have paid: asha, chitra, dev\nare inside: asha, chitra, dev\nWhoever paid is in, and nobody else\.\n$/,
  );
  expect(exitCode).toBe(0);
}, 120_000);
