import { retentionSettings } from '@paid-community/shared/retention-settings.ts';
import { readSettings } from '@paid-community/shared/platform/config/settings.ts';
import { SERVICES, topology } from '@paid-community/shared/topology.ts';
import { BILLED_PER_INVITE, BILLED_PER_JOIN, type Billed } from './billed.ts';
import { DAILY_BACKUPS_KEPT_DAYS, WEEKLY_BACKUPS_KEPT_WEEKS } from './firestore.ts';
import { alerts } from './monitoring/alerts.ts';
import { stackSettings } from './stack-settings.ts';

// The costs of docs/cost.md, in the root of the repository: quantities are made of what the program declares and of what a
// test counts.

export const INVITES_A_MONTH = 3_000_000;
export const JOINS_A_MONTH = 2_000_000;

const DAYS_A_MONTH = 30;
export const GIB = 2 ** 30;
/** Pub/Sub bills a message as at least so much. */
export const MESSAGE_BYTES = 1_024;

/** In US dollars, before free tiers. Assumed: they were not looked up for any region. */
export const ASSUMED_PRICES = {
  firestoreWrites: { dollars: 0.18, for: 100_000 },
  firestoreReads: { dollars: 0.06, for: 100_000 },
  firestoreTtlDeletes: { dollars: 0.02, for: 100_000 },
  firestoreStorage: { dollars: 0.18, for: 1 },
  firestoreRecovery: { dollars: 0.18, for: 1 },
  firestoreBackups: { dollars: 0.03, for: 1 },
  tasks: { dollars: 0.4, for: 1_000_000 },
  pubsub: { dollars: 40, for: 1_024 },
  pubsubStorage: { dollars: 0.27, for: 1 },
  cloudRunRequests: { dollars: 0.4, for: 1_000_000 },
  /** One processor and half a GiB that wait, a month of 30 days. */
  idleInstances: { dollars: 9.72, for: 1 },
  alertConditions: { dollars: 1.5, for: 1 },
} as const;

export interface Cost {
  readonly what: string;
  readonly quantity: number;
  readonly unit: 'operations' | 'GiB' | 'pieces';
  readonly price: (typeof ASSUMED_PRICES)[keyof typeof ASSUMED_PRICES];
}

/**
 * Of a month. Those under `passing` come with purchases and joins; the others with what is kept, and with what is
 * there.
 */
export function costs(): { readonly passing: readonly Cost[]; readonly kept: readonly Cost[] } {
  const { RETENTION_DAYS: retentionDays, alertOldestMessageMinutes } = readSettings(
    {},
    { ...retentionSettings, alertOldestMessageMinutes: stackSettings.alertOldestMessageMinutes },
  );
  const inAndOut = (2 * monthly('messages') * MESSAGE_BYTES) / GIB;
  const retainedDays = Math.max(...topology.topics.map(({ retentionSeconds }) => retentionSeconds)) / 86_400;
  const retained = (monthly('messages') * MESSAGE_BYTES * retainedDays) / DAYS_A_MONTH / GIB;
  const database = (monthly('storedBytes') * retentionDays) / DAYS_A_MONTH / GIB;
  const copies = DAILY_BACKUPS_KEPT_DAYS + WEEKLY_BACKUPS_KEPT_WEEKS;
  const cost = (what: string, quantity: number, unit: Cost['unit'], price: keyof typeof ASSUMED_PRICES): Cost => ({
    what,
    quantity,
    unit,
    price: ASSUMED_PRICES[price],
  });
  return {
    passing: [
      cost('Firestore writes', monthly('writes'), 'operations', 'firestoreWrites'),
      cost('Firestore reads', monthly('reads'), 'operations', 'firestoreReads'),
      cost('Firestore deletes of what has expired', monthly('documents'), 'operations', 'firestoreTtlDeletes'),
      cost('Cloud Tasks operations', monthly('taskOperations'), 'operations', 'tasks'),
      cost('Pub/Sub, 1 KiB a message in and out', inAndOut, 'GiB', 'pubsub'),
      cost('Pub/Sub, messages that topics keep a week', retained, 'GiB', 'pubsubStorage'),
      // Billed from the second day on: nobody acknowledges them.
      cost(
        'Pub/Sub, the same in the archive subscriptions',
        (retained * (retainedDays - 1)) / retainedDays,
        'GiB',
        'pubsubStorage',
      ),
      cost('Cloud Run requests', monthly('requests'), 'operations', 'cloudRunRequests'),
    ],
    kept: [
      cost(
        `Firestore storage, with indexes, after ${retentionDays} days (RETENTION_DAYS)`,
        database,
        'GiB',
        'firestoreStorage',
      ),
      cost('Firestore point-in-time recovery, assumed to be as much again', database, 'GiB', 'firestoreRecovery'),
      cost(
        `Firestore backups: ${DAILY_BACKUPS_KEPT_DAYS} daily and ${WEEKLY_BACKUPS_KEPT_WEEKS} weekly copies`,
        database * copies,
        'GiB',
        'firestoreBackups',
      ),
      cost(
        'Cloud Run, one instance of each service that waits (minInstances: 1, as production has it)',
        SERVICES.length,
        'pieces',
        'idleInstances',
      ),
      cost(
        'Alert conditions',
        alerts({ config: { values: { alertOldestMessageMinutes } } }).length,
        'pieces',
        'alertConditions',
      ),
    ],
  };
}

export function dollars({ quantity, price }: Cost): number {
  return (quantity / price.for) * price.dollars;
}

function monthly(what: keyof Billed): number {
  return INVITES_A_MONTH * BILLED_PER_INVITE[what] + JOINS_A_MONTH * BILLED_PER_JOIN[what];
}

/** The sums are those of the amounts as they are printed. */
export function costTable(): string {
  const { passing, kept } = costs();
  const cents = (parts: readonly Cost[]): number =>
    parts.reduce((sum, part) => sum + Math.round(dollars(part) * 100), 0);
  const rowsOf = (parts: readonly Cost[]): readonly string[] =>
    parts.map((part) =>
      row(part.what, quantityText(part), priceText(part), inDollars(Math.round(dollars(part) * 100))),
    );
  return [
    row('', 'quantity', 'price assumed', 'a month'),
    '| --- | ---: | --- | ---: |',
    ...rowsOf(passing),
    row('**what passes**', '', '', `**${inDollars(cents(passing))}**`),
    ...rowsOf(kept),
    row('**what is kept, and waits**', '', '', `**${inDollars(cents(kept))}**`),
    row('**sum**', '', '', `**${inDollars(cents([...passing, ...kept]))}**`),
  ].join('\n');
}

export function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function quantityText({ quantity, unit }: Cost): string {
  if (unit === 'operations') return `${quantity / 1_000_000} million`;
  return unit === 'GiB' ? `${quantity < 100 ? quantity.toFixed(1) : Math.round(quantity)} GiB` : String(quantity);
}

function priceText({ price, unit }: Cost): string {
  const each = { 1: unit === 'GiB' ? 'GiB' : 'each', 1_024: 'TiB', 100_000: '100,000', 1_000_000: 'million' }[
    price.for
  ];
  return each === 'each' ? `$${price.dollars.toFixed(2)} each` : `$${price.dollars.toFixed(2)} per ${each}`;
}

export function inDollars(cents: number): string {
  return `$${(cents / 100).toFixed(2)}`;
}
