import { afterEach, expect, test } from '@jest/globals';
import type { CrashPoint } from './harness/crash-point.ts';
import { clean, oneOrphan, sentTwice, surviveCrash, type Outcomes } from './harness/survive-crash.ts';
import { closeWorlds } from './harness/world.ts';

afterEach(closeWorlds);

// One moment of each step; crash-points.faults.ts has all of them.
test.each<[CrashPoint['moment'], string, Outcomes]>([
  ['before', 'publish purchase-events', clean],
  ['after', 'create invite_requests', clean],
  ['before', 'update invite_requests', oneOrphan],
  ['before', 'create emissions', sentTwice],
  ['before', 'publish member-joined-events', clean],
])('a process that dies %s "%s" still keeps the promise', async (moment, operation, outcomes) => {
  expect(outcomes).toContainEqual(await surviveCrash({ moment, operation }));
});
