import type { ConnectedCommunity } from '@paid-community/shared/model/communities/community.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';

export function connectedAlready({ chatId }: ConnectedCommunity): HttpError {
  return new HttpError(
    'conflict',
    `This community is connected to the chat ${chatId} already: change its settings with \`communities change\`, or disconnect it first`,
  );
}
