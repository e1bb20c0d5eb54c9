import type { Collection } from '../../platform/ports/topology-types.ts';

/** A chat that somebody made a bot an administrator of, and that is no community's. An operator may connect it. */
export interface ChatCandidate {
  readonly chatId: string;
  readonly botId: string;
  /** Anybody may make a bot an administrator of a chat of any name. */
  readonly title: string;
  /** As Telegram calls it: supergroup, channel, group (basic). */
  readonly kind: string;
  readonly seenAt: string;
  readonly expiresAt: string;
}

const KEPT_MS = 24 * 3_600_000;
/** Of Telegram's own, 128 characters at most. */
const LONGEST_TITLE = 256;

export function chatCandidate(
  { title, ...seen }: Pick<ChatCandidate, 'chatId' | 'botId' | 'title' | 'kind'>,
  nowMs: number,
): ChatCandidate {
  return {
    ...seen,
    title: title.slice(0, LONGEST_TITLE).toWellFormed(),
    seenAt: new Date(nowMs).toISOString(),
    expiresAt: new Date(nowMs + KEPT_MS).toISOString(),
  };
}

export function chatCandidateId({ chatId, botId }: Pick<ChatCandidate, 'chatId' | 'botId'>): string {
  return `${chatId}.${botId}`;
}

/** Id: chatCandidateId(candidate). */
export const chatCandidates: Collection<ChatCandidate> = {
  name: 'chat_candidates',
  owner: 'join-tracker',
  operatorWrites: false,
  keyedBy: 'chatAndBot',
  personalFields: {},
  onErasure: { keep: 'is about chats and bots, and gone within a day' },
  indexes: [{ where: [], orderBy: 'seenAt' }],
  ttlField: 'expiresAt',
};
