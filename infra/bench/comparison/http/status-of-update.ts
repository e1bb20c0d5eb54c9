import { updateKind } from '../../load/updates.ts';

const FIRST_UPDATE = 700_000_000;

/** A server that checks nothing knows from the number of an update whether the load generator wants it refused. */
export function statusOfUpdate(update: unknown): number {
  const { update_id } = update as { readonly update_id: number };
  return updateKind(update_id - FIRST_UPDATE) === 'forged' ? 401 : 200;
}
