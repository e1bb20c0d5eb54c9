import type { Directory } from './directory.ts';
import { isInside, rightsOf } from './standing.ts';
import type { BotRight } from './telegram-options.ts';
import type { Tap } from './telegram-simulator.ts';

interface OpenedLink {
  readonly username: string;
  /** Undefined in the link for channels. */
  readonly code: string | undefined;
  readonly isForChannels: boolean;
  readonly rights: readonly BotRight[];
}

/** What a link may ask for, of the rights that are imitated here. */
const ASKED: ReadonlyMap<string, BotRight> = new Map([
  ['invite_users', 'can_invite_users'],
  ['restrict_members', 'can_restrict_members'],
  ['post_messages', 'can_post_messages'],
]);

/**
 * As Telegram's clients do it: the rights of the bot are joined with those that the link asks for, the bot becomes an
 * administrator, and in a group `/start@bot code` follows. In a channel no code follows [td, internalLinkTypeBotStartInGroup
 * and internalLinkTypeBotAddToChannel].
 * @throws when the link leads to no bot, or asks for a chat of another kind.
 */
export function tap(directory: Directory, { link, chatId, rights }: Tap): void {
  const opened = openLink(link);
  const bot = directory.botNamed(opened.username);
  if (bot === undefined) throw new Error(`There is no bot @${opened.username}`);
  const place = directory.chat(chatId);
  if (place.kind === 'private' || opened.isForChannels !== (place.kind === 'channel'))
    throw new Error(
      `The link asks for a ${opened.isForChannels ? 'channel' : 'group'}, and ${chatId} is a ${place.kind}`,
    );
  const before = place.standingOf(bot.botId);
  const confirmed = opened.rights.filter((right) => rights === undefined || rights.includes(right));
  if (confirmed.length > 0) {
    place.setBotStanding(bot.botId, { rights: [...new Set([...(rightsOf(before) ?? []), ...confirmed])] });
  } else if (!isInside(before)) {
    place.setBotStanding(bot.botId, opened.isForChannels ? 'administrator' : 'member');
  }
  if (!opened.isForChannels) place.command(bot, [`/start@${bot.username}`, opened.code].filter(Boolean).join(' '));
}

function openLink(link: string): OpenedLink {
  const url = URL.parse(link);
  const username = url?.pathname.slice(1) ?? '';
  const isForGroups = url?.searchParams.has('startgroup') === true;
  const isForChannels = url?.searchParams.has('startchannel') === true;
  if (url?.hostname !== 't.me' || username === '' || isForGroups === isForChannels)
    throw new Error('The link must be https://t.me/<bot>?startgroup=<code>&admin=… or ?startchannel&admin=…');
  // Telegram writes the rights with +, which a query reads as a space.
  const asked = url.searchParams.get('admin')?.split(/[ +]/) ?? [];
  return {
    username,
    code: url.searchParams.get('startgroup') ?? undefined,
    isForChannels,
    rights: asked.flatMap((name) => ASKED.get(name) ?? []),
  };
}
