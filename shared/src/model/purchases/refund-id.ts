import { hash } from 'node:crypto';

/**
 * Tells one refund of a purchase from another. The same amount for the same reason is the same refund, however often it
 * is reported and however many zeros its amount ends with.
 */
export function refundIdOf({
  amount,
  reason,
}: {
  /** Absent: all of it. */
  readonly amount?: string | undefined;
  readonly reason?: string | undefined;
}): string {
  const value = amount?.includes('.') === true ? amount.replace(/\.?0+$/, '') : amount;
  return hash('sha256', JSON.stringify([value ?? 'all', reason ?? ''])).slice(0, 32);
}
