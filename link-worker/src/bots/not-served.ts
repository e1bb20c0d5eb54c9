import type { Community } from '@paid-community/shared/model/communities/community.ts';
import { NO_TOKEN } from '@paid-community/shared/outside-errors/known-error.ts';
import { PermanentError } from '@paid-community/shared/platform/ports/errors.ts';

/**
 * A token is missing from the settings. Nothing that waits for it is given up at once: a start with the token lets it go
 * on.
 */
export class NoTokenError extends PermanentError {
  constructor(botIds: readonly string[], forWhat: string) {
    super(
      NO_TOKEN,
      `${forWhat} needs the bot ${botIds.join(' or ')}, whose token is in neither TELEGRAM_BOT_TOKEN nor TELEGRAM_BOT_TOKENS: add it and restart`,
    );
  }
}

/** For the dead letters: nobody serves the community until an operator has connected it. */
export function notConnected(communityId: string, community: Community | undefined): PermanentError {
  switch (community?.state) {
    case undefined:
    case 'connected':
      return new PermanentError('unknown_community', `There is no community "${communityId}": connect it, then retry`);
    case 'waiting':
      return new PermanentError(
        'community_waiting',
        `The community "${communityId}" has no chat yet: connect it, then retry`,
      );
    case 'disconnected':
      return new PermanentError(
        'community_disconnected',
        `The community "${communityId}" was disconnected at ${community.disconnectedAt}: connect it again, then retry`,
      );
  }
}
