import type { CallKind } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { RateBounds } from '../pace/rate-state.ts';

// Between which paces the limit of each kind of call is looked for. Those of links are settings, and hold for what
// nobody knows more about.

/** Messages: about 30 a second in bulk, and in one chat 1 a second, 20 a minute in a group (docs/telegram). */
const MESSAGES_PER_SECOND = { start: 25, most: 30 };
const IN_GROUP_PER_SECOND = { start: 20 / 60, most: 1 };
const IN_PRIVATE_PER_SECOND = { start: 1, most: 2 };

/** Of a bot for one kind of call. */
export function boundsOfKind(kind: CallKind, ofLinks: RateBounds): RateBounds {
  return kind === 'message' ? between(MESSAGES_PER_SECOND, ofLinks) : ofLinks;
}

/** Of a bot for the messages in one chat. Groups and channels have negative ids, and some a name. */
export function boundsOfChat(chatId: string, ofLinks: RateBounds): RateBounds {
  return between(/^\d/u.test(chatId) ? IN_PRIVATE_PER_SECOND : IN_GROUP_PER_SECOND, ofLinks);
}

function between({ start, most }: { readonly start: number; readonly most: number }, ofLinks: RateBounds): RateBounds {
  const { adaptive, floorPerSecond } = ofLinks;
  return { adaptive, startPerSecond: start, floorPerSecond: Math.min(floorPerSecond, start), ceilingPerSecond: most };
}
