import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import type { Attempts } from '@paid-community/shared/model/operations/attempts.ts';
import type { LinkOrigin } from '../bots/bots.ts';
import type { CallOutcome } from '../calls/make-call.ts';
import { makeLinkCall, type LinkCallDeps, type LinkTurn } from './link-calls.ts';

interface Revocation {
  readonly turn: LinkTurn;
  readonly attempts: Attempts;
  /** What the log says of it, besides. */
  readonly fields: object;
}

/**
 * Revokes a link, by the bot that made it. One that was revoked already, or is gone, is as good.
 * @throws as makeLinkCall
 */
export async function makeRevocation(
  link: LinkOrigin & { readonly inviteLink: string },
  { turn, attempts, fields }: Revocation,
  deps: LinkCallDeps,
): Promise<CallOutcome<void>> {
  return makeLinkCall(
    deps.callsOfMaker(turn, link),
    {
      method: 'revokeChatInviteLink',
      make: ({ telegram }) => telegram.revokeInviteLink(link),
      alreadyDone: () => undefined,
      attempts,
      line: {
        message: 'link call',
        fields: { ...fields, call: 'revoke' },
        done: () => ({ outcome: 'revoked', inviteLinkHash: inviteLinkId(link.inviteLink) }),
      },
    },
    deps,
  );
}
