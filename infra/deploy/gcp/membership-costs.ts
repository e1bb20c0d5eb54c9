import {
  BILLED_PER_END,
  BILLED_PER_MEMBER,
  BILLED_PER_REMINDER,
  BILLED_PER_RENEWAL,
  BILLED_PER_TICK,
  type BilledOfMembership,
} from './billed.ts';
import { ASSUMED_PRICES, GIB, inDollars, MESSAGE_BYTES, row } from './costs.ts';

// What memberships cost a shop of 10,000 people who pay by the month, for docs/cost.md.

const MEMBERS = 10_000;
/** Assumed: so many of them come and go in a month. */
const COME_AND_GO = 1_000;
const REMINDERS_EACH = 2;
const MINUTES_A_MONTH = 30 * 24 * 60;

/** What happens in a month. */
const MONTH: readonly (readonly [what: string, times: number, billed: BilledOfMembership])[] = [
  ['A first purchase with its join', COME_AND_GO, BILLED_PER_MEMBER],
  ['A renewal by somebody inside', MEMBERS - COME_AND_GO, BILLED_PER_RENEWAL],
  ['A reminder, two for each member', MEMBERS * REMINDERS_EACH, BILLED_PER_REMINDER],
  ['An end with grace and removal', COME_AND_GO, BILLED_PER_END],
  ['A tick with nothing due, one a minute', MINUTES_A_MONTH, BILLED_PER_TICK],
];

export function membershipCostTable(): string {
  const amounts = MONTH.map(([, times, billed]) => cents(times, billed));
  const rows = MONTH.map(([what, times, billed], index) =>
    row(
      what,
      times.toLocaleString('en-US'),
      ...[billed.writes, billed.reads, billed.documents, billed.taskOperations, billed.messages, billed.requests].map(
        String,
      ),
      inDollars(amounts[index] ?? 0),
    ),
  );
  const sum = inDollars(amounts.reduce((whole, each) => whole + each, 0));
  return [
    row('', 'a month', 'writes', 'reads', 'deletes', 'task operations', 'messages', 'requests', 'dollars a month'),
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    row('**sum**', '', '', '', '', '', '', '', `**${sum}**`),
  ].join('\n');
}

/** Of what passes. Deletes are those of what has expired. */
function cents(times: number, billed: BilledOfMembership): number {
  const { firestoreWrites, firestoreReads, firestoreTtlDeletes, tasks, pubsub, cloudRunRequests } = ASSUMED_PRICES;
  const inAndOutGib = (2 * billed.messages * MESSAGE_BYTES) / GIB;
  const parts: readonly (readonly [quantity: number, price: { readonly dollars: number; readonly for: number }])[] = [
    [billed.writes, firestoreWrites],
    [billed.reads, firestoreReads],
    [billed.documents, firestoreTtlDeletes],
    [billed.taskOperations, tasks],
    [inAndOutGib, pubsub],
    [billed.requests, cloudRunRequests],
  ];
  return Math.round(
    times * 100 * parts.reduce((sum, [quantity, price]) => sum + (quantity / price.for) * price.dollars, 0),
  );
}
