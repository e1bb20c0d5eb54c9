import { linkRevoked, namedLinks, type RevokedNamedLink } from '@paid-community/shared/model/links/named-link.ts';
import type { RevokeNamedLink } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { createInviteLinkClient } from '../links/invite-link-client.ts';
import { QuestionRefused } from './answer-question.ts';
import { callForOperator } from './call-for-operator.ts';
import type { NamedLinkDeps } from './make-named-link.ts';

/**
 * Revokes a link that an operator made by hand, by the bot that made it, in the chat of the link. A link that is revoked already is as good.
 * @throws QuestionRefused, QuestionDeferred, RetryableError
 */
export async function revokeNamedLink(
  { askId, linkId, revokedBy, deferrals = 0 }: ReturnType<typeof RevokeNamedLink.parse>,
  { store, retentionDays, ...deps }: NamedLinkDeps,
): Promise<RevokedNamedLink> {
  const known = (await store.get(namedLinks, linkId))?.data;
  if (known?.state === 'revoked') return known;
  if (known?.state !== 'made') throw new QuestionRefused('unknown_link', 'There is no such link made by hand');
  const { communityId } = known;
  const maker = await deps.bots.maker(communityId, known);
  await callForOperator(
    {
      method: 'revokeChatInviteLink',
      kind: 'link',
      turn: { communityId, callClass: 'removal' },
      make: () => createInviteLinkClient(maker).revokeInviteLink(known),
      alreadyDone: () => undefined,
      askId,
    },
    maker,
    deferrals,
    deps,
  );
  const changed = linkRevoked(known, { revokedBy, now: deps.clock.now() }, retentionDays);
  const stored = await changeDocument(store, namedLinks, linkId, (link) =>
    link?.state === 'made' ? changed : undefined,
  );
  return stored?.state === 'revoked' ? stored : changed;
}
