import type { SeeMember, SeenMember } from '@paid-community/shared/model/operations/telegram-questions.ts';
import type { Bots } from '../bots/bots.ts';
import { seeMember } from '../members/see-member.ts';

/** As a look at a chat it waits for no turn: it is asked for one account at a time. @throws RetryableError */
export async function seeAccount(
  { communityId, telegramUserId }: ReturnType<typeof SeeMember.parse>,
  { bots }: { readonly bots: Pick<Bots, 'soonest'> },
): Promise<SeenMember> {
  const serving = await bots.soonest(communityId, 'member');
  return { place: (await seeMember(serving, telegramUserId)) ?? 'unknown' };
}
