import type { Side, StoreOwner } from '../model/operations/store-owner.ts';
import { botIdOf } from '../telegram/bot-tokens.ts';

/** Who a process is about to serve a store for, on one side. */
export interface Claim {
  readonly side: Side;
  readonly kind: StoreOwner['kind'];
  readonly account: string;
  readonly place: string;
}

export interface TelegramCredentials {
  readonly TELEGRAM_BOT_TOKEN: string;
  readonly TELEGRAM_CHAT_ID: string;
}

export interface WebEngageCredentials {
  readonly WEBENGAGE_LICENSE_CODE: string;
  readonly WEBENGAGE_API_ROOT: string;
}

export function telegramClaim(
  { TELEGRAM_BOT_TOKEN, TELEGRAM_CHAT_ID }: TelegramCredentials,
  kind: Claim['kind'] = 'real',
): Claim {
  // A name counts the same in small and large letters.
  return {
    side: 'telegram',
    kind,
    account: botIdOf(TELEGRAM_BOT_TOKEN),
    place: TELEGRAM_CHAT_ID.toLowerCase(),
  };
}

export function webEngageClaim(
  { WEBENGAGE_LICENSE_CODE, WEBENGAGE_API_ROOT }: WebEngageCredentials,
  kind: Claim['kind'] = 'real',
): Claim {
  return { side: 'webengage', kind, account: WEBENGAGE_LICENSE_CODE, place: new URL(WEBENGAGE_API_ROOT).host };
}

export const SIDES = {
  telegram: {
    name: 'Telegram',
    credential: 'TELEGRAM_BOT_TOKEN',
    settings: 'TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID',
    owner: (account: string, place: string) => `bot ${account} in chat ${place}`,
  },
  webengage: {
    name: 'WebEngage',
    credential: 'WEBENGAGE_API_KEY',
    settings: 'WEBENGAGE_LICENSE_CODE',
    owner: (account: string, place: string) => `licence ${account} at ${place}`,
  },
} as const;

type Owner = Pick<StoreOwner, 'kind' | 'account' | 'place'>;

/** What is recorded of a claim. */
export function ownerOf({ kind, account, place }: Claim): StoreOwner {
  return { kind, account, place };
}

/** In a sentence, after "this store is that of". */
export function describeOwner(side: Side, { kind, account, place }: Owner): string {
  return kind === 'simulated'
    ? `a simulated ${SIDES[side].name}`
    : SIDES[side].owner(account ?? '(unknown)', place ?? '(unknown)');
}

/** How STORE_OWNER_CHANGE names the owner that a store is taken away from. */
export function nameOfOwner(side: Side, { kind, account, place }: Owner): string {
  if (kind === 'simulated') return `${side}:simulated`;
  return side === 'telegram'
    ? `${side}:${account ?? 'unknown'}/${place ?? 'unknown'}`
    : `${side}:${account ?? 'unknown'}`;
}
