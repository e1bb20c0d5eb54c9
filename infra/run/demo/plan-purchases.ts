import { randomBytes } from 'node:crypto';
import type { PurchaseFile } from './read-purchases.ts';

export interface PlannedPurchase {
  /** Where it comes from, for messages: "line 12". */
  readonly origin: string;
  readonly userId: string;
  readonly transactionId: string;
  /** The same for two rows that are the same purchase. */
  readonly identity: string;
  /** With an empty transactionId: makes a retry the same purchase, and two such rows different ones. */
  readonly idempotencyKey: string | undefined;
  /** Whether the buyer joins. */
  readonly joins: boolean;
}

export interface Plan {
  readonly purchases: readonly PlannedPurchase[];
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
  { count = Infinity, joinRate }: { readonly count: number | undefined; readonly joinRate: number },
): Plan {
  const purchases: PlannedPurchase[] = [];
  const joining = new Map<string, boolean>();
  let joins = 0;
  const add = (purchase: Omit<PlannedPurchase, 'joins'>): void => {
    if (!joining.has(purchase.identity)) {
      // Spread evenly: of the first n buyers, n × rate join.
      const decision = Math.round((joining.size + 1) * joinRate) > joins;
      if (decision) joins += 1;
      joining.set(purchase.identity, decision);
    }
    purchases.push({ ...purchase, joins: joining.get(purchase.identity) ?? false });
  };
  for (const { line, userId, transactionId } of file.rows) {
    const origin = `line ${line}`;
    const identity = transactionId === '' ? origin : JSON.stringify([userId, transactionId]);
    if (joining.size >= count && !joining.has(identity)) break;
    add({
      origin,
      userId,
      transactionId,
      identity,
      idempotencyKey: transactionId === '' ? `demo-${file.fingerprint}-line-${line}` : undefined,
    });
  }
  const run = randomBytes(4).toString('hex');
  const generated = count === Infinity ? 0 : count - joining.size;
  for (let number = 1; number <= generated; number += 1) {
    const suffix = `${run}_${String(number).padStart(6, '0')}`;
    const origin = `generated ${number}`;
    add({
      origin,
      userId: `demo_user_${suffix}`,
      transactionId: `demo_txn_${suffix}`,
      identity: origin,
      idempotencyKey: undefined,
    });
  }
  return { purchases, different: joining.size, joins };
}
