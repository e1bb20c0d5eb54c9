import { chatFaults } from './chat-faults.ts';
import type { ChatStanding, ExaminedChat } from './chat-standing.ts';
import type { ConnectedCommunity } from './community.ts';

/** What is only read for its age is written anew after so long. */
const REWRITTEN_AFTER_MS = 3_600_000;

/**
 * The standing after a look. The very object that was known when there is nothing to write. A bot that the look did not
 * see keeps what was known of it.
 */
export function examinedAgain(
  known: ChatStanding | undefined,
  look: ExaminedChat,
  community: ConnectedCommunity,
  nowMs: number,
): ChatStanding {
  const { communityId, chatId, botIds } = community;
  const before = known?.chatId === chatId || known?.chatId === look.chatId ? known : undefined;
  const bots = botIds.flatMap((botId) => [look, before].flatMap((chat) => botOf(chat, botId)).slice(0, 1));
  const { title = before?.title, kind = before?.kind, memberCount = before?.memberCount } = look;
  const chat = { chatId: look.chatId, title, kind, memberCount, bots };
  const seen = { ...community, botIds: bots.map(({ botId }) => botId) };
  const faults = chatFaults(chat, seen);
  const at = new Date(nowMs).toISOString();
  const isChanged = !isSame(faults, known?.faults ?? []);
  const standing = {
    communityId,
    ...chat,
    faults,
    since: isChanged ? at : known?.since,
    isUntold: isChanged ? (true as const) : known?.isUntold,
    checkedAt: at,
  };
  const isFresh = known !== undefined && nowMs - Date.parse(known.checkedAt) < REWRITTEN_AFTER_MS;
  return isFresh && isSame({ ...standing, checkedAt: known.checkedAt }, known) ? known : standing;
}

/** The event of the last change is published. */
export function told(standing: ChatStanding): ChatStanding {
  return { ...standing, isUntold: undefined };
}

function botOf(chat: ExaminedChat | undefined, botId: string): ExaminedChat['bots'] {
  return chat?.bots.filter((bot) => bot.botId === botId) ?? [];
}

/** As they are stored: a field without a value is no difference. */
function isSame(one: object, other: object): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: object): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}
