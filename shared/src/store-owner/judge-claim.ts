import type { StoreOwner } from '../model/operations/store-owner.ts';
import { describeOwner, nameOfOwner, SIDES, type Claim } from './claim.ts';

export interface Circumstances {
  /** Undefined: nobody has served the store yet. */
  readonly recorded: Pick<StoreOwner, 'kind' | 'account' | 'place'> | undefined;
  /**
   * What the chat of the recorded owner is called as well: a group that became a supergroup has two ids, and a public
   * chat a name.
   */
  readonly otherPlaces: readonly string[];
  /** Purchases or events that have not reached this side yet. */
  readonly waiting: number;
  /** STORE_OWNER_CHANGE */
  readonly leaving: readonly string[];
}

/**
 * `known` = as it was. `taken` = the store is this owner's from now on; `says` tells it to a person, `meant` is the
 * part of STORE_OWNER_CHANGE that allowed it. `refused` = what would be worked off belongs to somebody else; nothing
 * may be delivered.
 */
export type Verdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'taken'; readonly says?: string; readonly meant?: string }
  | { readonly kind: 'refused'; readonly why: string; readonly advice: string };

/** Whether a store may be served for the owner of the claim. */
export function judgeClaim(claim: Claim, { recorded, otherPlaces, waiting, leaving }: Circumstances): Verdict {
  const { side } = claim;
  if (recorded === undefined) return { kind: 'taken' };
  const before = describeOwner(side, recorded);
  const now = describeOwner(side, claim);
  const name = nameOfOwner(side, recorded);
  const taken = { kind: 'taken', says: `The store was that of ${before}, and is that of ${now} from now on` } as const;
  const unlessMeant = (why: string, otherwise: string): Verdict =>
    leaving.includes(name)
      ? { ...taken, meant: name }
      : {
          kind: 'refused',
          why,
          advice: `${otherwise}, or, if it is meant, put ${name} into STORE_OWNER_CHANGE for this start`,
        };
  const { credential, settings, name: sideName } = SIDES[side];

  if (claim.kind === 'simulated') {
    if (recorded.kind === 'simulated') return { kind: 'known' };
    return unlessMeant(
      `${credential} is not set, and this store is that of ${before}: a simulated ${sideName} would use up what waits, and nobody would get anything`,
      'Set it again',
    );
  }
  if (recorded.kind === 'simulated') {
    if (waiting === 0) return taken;
    return unlessMeant(
      `${settings}: in this store ${waiting} purchases or events wait for ${before}, and would become real`,
      'Choose another DATA_DIR',
    );
  }
  if (recorded.account !== undefined && recorded.account !== claim.account) {
    return unlessMeant(
      `${settings}: they are of ${now}, and this store is that of ${before}: what waits would go to the other one`,
      'Set those of the store, choose another DATA_DIR',
    );
  }
  if (recorded.place === undefined || recorded.place === claim.place) return { kind: 'known' };
  if (side === 'webengage' || otherPlaces.includes(claim.place)) return taken;
  const perhaps =
    recorded.place.startsWith('@') || claim.place.startsWith('@')
      ? ' (whether these are one chat is not known here)'
      : '';
  return unlessMeant(
    `TELEGRAM_CHAT_ID is that of ${now}, and this store is that of ${before}${perhaps}: who waits would get into the other chat`,
    'Set that of the store, choose another DATA_DIR',
  );
}
