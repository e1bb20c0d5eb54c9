import type { StoreContents } from '../platform/backends/store-contents.ts';
import { isLoopback } from '../platform/config/hosts.ts';
import { botOfRate, botRates } from '../model/communities/bot-rate.ts';
import { healthReports } from '../model/operations/health-report.ts';
import { inviteRequests } from '../model/links/invite-request.ts';
import type { Side, StoreOwner } from '../model/operations/store-owner.ts';
import { createdLinksForEventEmitter } from '../topology.ts';
import type { Claim } from './claim.ts';

type Derived = Pick<StoreOwner, 'kind' | 'account' | 'place'> | undefined;

/** So many show which bots and chats there were; their ids are hashes, so that these are of all times. */
const LOOKED_AT = 1_000;

/**
 * Who a store of an older version was served for, which did not record it. `simulated` are the claims of a simulated
 * start. Undefined: it does not say.
 */
export function deriveOwner(claim: Claim, simulated: Readonly<Record<Side, Claim>>, contents: StoreContents): Derived {
  const telegram = deriveTelegram(claim, simulated.telegram, contents);
  return claim.side === 'telegram' ? telegram : deriveWebEngage(telegram, contents);
}

function deriveTelegram(claim: Claim, simulated: Claim, contents: StoreContents): Derived {
  const bots = contents.some(botRates, LOOKED_AT).map(({ id }) => botOfRate(id));
  const real = bots.filter((id) => id !== simulated.account);
  const chats = contents
    .some(inviteRequests, LOOKED_AT)
    .flatMap(({ data: { telegramChatId, linkCreatedAt = '' } }) =>
      telegramChatId === undefined || telegramChatId === simulated.place ? [] : [{ telegramChatId, linkCreatedAt }],
    )
    .toSorted((left, right) => (left.linkCreatedAt < right.linkCreatedAt ? 1 : -1));
  if (real.length === 0 && chats.length === 0)
    return bots.length === 0 ? undefined : { kind: 'simulated', account: simulated.account, place: simulated.place };
  return {
    kind: 'real',
    account: real.includes(claim.account) ? claim.account : real[0],
    place: chats[0]?.telegramChatId.toLowerCase(),
  };
}

/**
 * The last look of event-emitter says where WebEngage was. Without one: nothing waits long for a simulated WebEngage,
 * so waiting events are meant for a real one.
 */
function deriveWebEngage(telegram: Derived, contents: StoreContents): Derived {
  const looked = contents
    .get(healthReports, 'event-emitter')
    ?.findings.find(({ check }) => check === 'webengage_credentials');
  const root = / at (https?:\/\/\S+)$/.exec(looked?.meaning ?? '')?.[1];
  if (root === undefined || !URL.canParse(root))
    return telegram?.kind === 'real' && contents.undelivered(createdLinksForEventEmitter) > 0
      ? { kind: 'real' }
      : undefined;
  const { hostname, host } = new URL(root);
  return isLoopback(hostname) ? { kind: 'simulated' } : { kind: 'real', place: host };
}
