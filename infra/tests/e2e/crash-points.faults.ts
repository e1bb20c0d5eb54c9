import { afterEach, describe, expect, test } from '@jest/globals';
import type { CrashPoint } from './harness/crash-point.ts';
import { clean, oneOrphan, sentOnceOrTwice, sentTwice, surviveCrash, type Outcomes } from './harness/survive-crash.ts';
import { closeWorlds } from './harness/world.ts';

afterEach(closeWorlds);

describe('a process that dies on the way to the link', () => {
  test.each<[CrashPoint['moment'], string, Outcomes]>([
    ['before', 'publish purchase-events', clean],
    ['after', 'publish purchase-events', clean],
    ['before', 'create invite_requests', clean],
    ['after', 'create invite_requests', clean],
    ['before', 'enqueue tg-invite-queue', clean],
    ['after', 'enqueue tg-invite-queue', clean],
    ['before', 'acknowledge link-worker-purchase-events', clean],
    // Telegram has answered and nothing is recorded: the one moment that costs a link.
    ['before', 'update invite_requests', oneOrphan],
    ['after', 'update invite_requests', clean],
    ['before', 'publish link-created-events', clean],
    // The task comes again and publishes the event again. Two deliveries at once may both find the ledger empty.
    ['after', 'publish link-created-events', sentOnceOrTwice],
    ['before', 'acknowledge tg-invite-queue', sentOnceOrTwice],
    // WebEngage has the event and the ledger does not: WebEngage drops the repeat.
    ['before', 'create emissions', sentTwice],
    ['after', 'create emissions', clean],
    ['before', 'acknowledge event-emitter-link-created-events', clean],
  ])('%s "%s" still keeps the promise', async (moment, operation, outcomes) => {
    expect(outcomes).toContainEqual(await surviveCrash({ moment, operation }));
  });
});

test.each(['publish purchase-events', 'create joins', 'publish member-joined-events'])(
  'nobody gets an acknowledgement while "%s" is still under way',
  async (operation) => {
    // What was acknowledged in this time would be lost, and never sent again.
    expect(clean).toContainEqual(await surviveCrash({ moment: 'before', operation, holdMs: 400 }));
  },
);

describe('a process that dies on the way from the join', () => {
  test.each<[CrashPoint['moment'], string, number, Outcomes]>([
    // Somebody who joins at once may be faster than the ledger of the event that brought the link.
    ['before', 'create joins', 1, sentOnceOrTwice],
    ['after', 'create joins', 1, clean],
    ['before', 'publish member-joined-events', 1, clean],
    // Telegram got no 200 and sends the update again, which publishes the same event again.
    ['after', 'publish member-joined-events', 1, sentOnceOrTwice],
    ['before', 'create emissions', 2, sentTwice],
    ['after', 'create emissions', 2, clean],
    ['before', 'acknowledge event-emitter-member-joined-events', 1, clean],
  ])('%s "%s" (call %i) still keeps the promise', async (moment, operation, call, outcomes) => {
    expect(outcomes).toContainEqual(await surviveCrash({ moment, operation, call }));
  });
});
