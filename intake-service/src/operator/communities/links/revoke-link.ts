import { byInviteLink } from '@paid-community/shared/model/links/named-link.ts';
import { RevokeNamedLink } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { Type } from 'typebox';
import { defineOperation } from '../../http/operation.ts';
import { askTelegram } from '../../../telegram/ask-telegram.ts';
import { communityField } from '../community-field.ts';
import { describeLink, LinkAnswer } from './link-answer.ts';

export const revokeLink = defineOperation({
  action: 'communities.links.revoke',
  method: 'POST',
  path: '/communities/:communityId/links/revoke',
  refusals: ['not_found', 'conflict'],
  summary: 'Revokes a link that was made by hand: nobody joins through it any more. Whoever is inside stays.',
  input: Type.Object(
    {
      ...communityField,
      inviteLink: Type.String({ minLength: 1, maxLength: 512, description: 'the link, as the list shows it' }),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({ link: LinkAnswer }),
  logged: ({ communityId }, answer) => ({ communityId, botId: answer?.link.botId }),
  run: async ({ communityId, inviteLink }, call) => {
    const [known] = (await call.store.query(byInviteLink(inviteLink))).documents;
    if (known?.data.communityId !== communityId)
      throw new HttpError(
        'not_found',
        'No such link of this community was made by hand; the link of a purchase is replaced by a reissue',
      );
    if (known.data.state === 'revoked') return { link: describeLink(known.data, call.clock.now()) };
    const revoked = await askTelegram(RevokeNamedLink, { linkId: known.id, revokedBy: call.operator }, call);
    return { link: describeLink(revoked, call.clock.now()) };
  },
});
