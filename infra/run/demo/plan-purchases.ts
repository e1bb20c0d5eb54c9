import { randomBytes } from 'node:crypto';
import { simulatedCommunities, type SimulatedCommunity } from '../local/simulated-communities.ts';
import type { DemoOptions } from './options.ts';
import type { PurchaseFile } from './read-purchases.ts';

export interface PlannedPurchase {
  /** Where it comes from, for messages: "line 12". */
  readonly origin: string;
  readonly userId: string;
  readonly transactionId: string;
  /** Undefined: the default one, which a purchase need not name. */
  readonly community: SimulatedCommunity | undefined;
  /** The same for two rows that are the same purchase. */
  readonly identity: string;
  /** With an empty transactionId: makes a retry the same purchase, and two such rows different ones. */
  readonly idempotencyKey: string | undefined;
  /** Whether the buyer joins. */
  readonly joins: boolean;
}

export interface Plan {
  readonly purchases: readonly PlannedPurchase[];
  /** What the purchases are spread over, the default one first. */
  readonly communities: readonly (SimulatedCommunity | undefined)[];
  /** Purchases without their repeats. */
  readonly different: number;
  readonly joins: number;
}

/**
 * The rows to send, in order. The same file, count and rate always choose the same rows and the same buyers to join;
 * generated purchases have new ids in every run, so that they are new to a system that has seen an earlier one.
 */
export function planPurchases(
  file: PurchaseFile,
  { count = Infinity, communities: number, joinRate }: Pick<DemoOptions, 'count' | 'communities' | 'joinRate'>,
): Plan {
  const purchases: PlannedPurchase[] = [];
  const communities = [undefined, ...simulatedCommunities(number)];
  const chosen = new Map<string, Pick<PlannedPurchase, 'joins' | 'community'>>();
  const buyers = new Map<SimulatedCommunity | undefined, { readonly all: number; readonly joining: number }>();
  // Spread evenly: of the first n buyers of each community, n × rate join.
  const choose = (): Pick<PlannedPurchase, 'joins' | 'community'> => {
    const community = communities[chosen.size % communities.length];
    const before = buyers.get(community) ?? { all: 0, joining: 0 };
    const joins = Math.round((before.all + 1) * joinRate) > before.joining;
    buyers.set(community, { all: before.all + 1, joining: before.joining + (joins ? 1 : 0) });
    return { community, joins };
  };
  const add = (purchase: Omit<PlannedPurchase, 'joins' | 'community'>): void => {
    const choice = chosen.get(purchase.identity) ?? choose();
    chosen.set(purchase.identity, choice);
    purchases.push({ ...purchase, ...choice });
  };
  for (const { line, userId, transactionId } of file.rows) {
    const origin = `line ${line}`;
    const identity = transactionId === '' ? origin : JSON.stringify([userId, transactionId]);
    if (chosen.size >= count && !chosen.has(identity)) break;
    add({
      origin,
      userId,
      transactionId,
      identity,
      idempotencyKey: transactionId === '' ? `demo-${file.fingerprint}-line-${line}` : undefined,
    });
  }
  const run = randomBytes(4).toString('hex');
  const generated = count === Infinity ? 0 : count - chosen.size;
  for (let at = 1; at <= generated; at += 1) {
    const suffix = `${run}_${String(at).padStart(6, '0')}`;
    const origin = `generated ${at}`;
    add({
      origin,
      userId: `demo_user_${suffix}`,
      transactionId: `demo_txn_${suffix}`,
      identity: origin,
      idempotencyKey: undefined,
    });
  }
  const joins = [...chosen.values()].filter((choice) => choice.joins).length;
  return { purchases, communities, different: chosen.size, joins };
}
