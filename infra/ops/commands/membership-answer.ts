import { formatFields, formatTable } from '../table.ts';

/** As the OpenAPI file has them. */
export interface MembershipSummary {
  readonly membershipId: string;
  readonly communityId: string;
  readonly userId: string;
  readonly telegramUserId?: string;
  readonly planId?: string;
  readonly state: 'pending' | 'active' | 'grace' | 'expired' | 'revoked';
  readonly presence: 'inside' | 'outside' | 'unknown';
  readonly startsAt?: string;
  readonly endsAt?: string;
  readonly exempt: boolean;
  readonly test: boolean;
}

export interface Membership extends MembershipSummary {
  readonly planName?: string;
  readonly transactionId?: string;
  readonly requestId?: string;
  readonly presenceAt?: string;
  readonly departure?: 'left' | 'kicked' | 'removed';
  readonly admitted: boolean;
  readonly cancelledAt?: string;
  readonly endedAt?: string;
  readonly endReason?: string;
  readonly removal?: { readonly status: string; readonly reason: string; readonly since: string };
  readonly nextAt?: string;
  readonly untold: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** To the minute: a table has 80 columns. */
export function minuteOf(time: string | undefined): string | undefined {
  return time === undefined ? undefined : `${time.slice(0, 16)}Z`;
}

export function endOf({ startsAt, endsAt }: Pick<MembershipSummary, 'startsAt' | 'endsAt'>): string {
  if (startsAt === undefined) return 'nothing paid';
  return minuteOf(endsAt) ?? 'no end';
}

/** `isOfOne`: all are of one community, so that the person is of interest. */
export function tableOfMemberships(memberships: readonly MembershipSummary[], isOfOne: boolean): string {
  const rows = memberships.map((each) => [
    each.membershipId,
    isOfOne ? personOf(each) : each.communityId,
    stateOf(each),
    each.presence,
    endOf(each),
  ]);
  return formatTable(['membership', isOfOne ? 'person' : 'community', 'state', 'is', 'ends'], rows);
}

function personOf({ userId, telegramUserId = '' }: MembershipSummary): string {
  return userId === '' ? `tg ${telegramUserId}` : userId;
}

function stateOf({ state, exempt, test }: MembershipSummary): string {
  return [state, ...(exempt ? ['exempt'] : []), ...(test ? ['test'] : [])].join(', ');
}

export function describeMembership(membership: Membership): string {
  const { planId, planName, removal, untold } = membership;
  return [
    formatFields({
      membership: membership.membershipId,
      community: membership.communityId,
      user: membership.userId === '' ? undefined : membership.userId,
      'Telegram account': membership.telegramUserId ?? 'none is bound yet',
      state: stateOf(membership),
      plan: planName === undefined ? planId : `${planName} (${planId ?? ''})`,
      'paid from': membership.startsAt,
      'paid until': membership.startsAt === undefined ? 'nothing is paid for' : (membership.endsAt ?? 'no end'),
      cancelled: membership.cancelledAt,
      ended: membership.endedAt,
      because: membership.endReason,
      is: describePresence(membership),
      removal: removal === undefined ? undefined : `${removal.status}: ${removal.reason}`,
      'next look': membership.nextAt,
      'told by the next tick': untold === 0 ? undefined : untold,
      purchase: membership.requestId,
    }),
    ...adviceFor(membership).map((line) => `\n${line}`),
  ].join('\n');
}

function describePresence({ presence, presenceAt, departure }: Membership): string {
  if (presenceAt === undefined) return `${presence}: Telegram has told nothing of the account yet`;
  return `${presence}${departure === undefined ? '' : ` (${departure})`}, as seen at ${presenceAt}`;
}

/** What an operator may want to do, with the command. */
function adviceFor(membership: Membership): readonly string[] {
  const { membershipId, communityId, presence, departure, requestId, exempt, removal, state } = membership;
  const isOver = state === 'expired' || state === 'revoked';
  if (isOver && exempt)
    return [
      `It is over, and the person stays: exempt. npm run ops -- memberships exempt ${membershipId} --off ends that.`,
    ];
  if (isOver) {
    const advice: Readonly<Record<string, string>> = {
      due: 'The next tick lets it go, at the pace that Telegram allows.',
      held: `All removals of ${communityId} are held. npm run ops -- removals list --community ${communityId} tells why.`,
      dry_run: `It is only said who would go. npm run ops -- communities change ${communityId} --removal on lets them go.`,
      impossible: `Telegram does not remove this account: an administrator of the chat must, or npm run ops -- memberships exempt ${membershipId} lets it stay.`,
    };
    if (removal !== undefined) return [advice[removal.status] ?? ''].filter((line) => line !== '');
    if (presence !== 'outside' && !membership.admitted)
      return ['Nobody is removed whom this system did not let in: to have it managed, import the person.'];
    if (presence !== 'outside')
      return [
        `The community removes nobody. npm run ops -- communities change ${communityId} --removal dry_run shows who would go.`,
      ];
    return [];
  }
  if (departure === 'kicked')
    return ['An administrator put the person out, so no link is made by itself.', ...anotherLink(requestId)];
  if (presence === 'outside') return ['The person has paid, and is out.', ...anotherLink(requestId)];
  if (state === 'pending' && requestId !== undefined)
    return [`Nobody has come in yet. npm run ops -- show ${requestId} tells what became of the link.`];
  return [];
}

function anotherLink(requestId: string | undefined): readonly string[] {
  return requestId === undefined ? [] : [`npm run ops -- requests reissue ${requestId} --force makes another link.`];
}
