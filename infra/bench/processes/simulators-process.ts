import { startSimulators, type Simulators } from '../../run/simulators/simulators.ts';
import { botIdOf } from '@paid-community/shared/telegram/bot-tokens.ts';
import { chatOfCommunity } from '../load/communities.ts';
import { answerParent } from './answer-parent.ts';

export interface SimulatorAddress {
  readonly telegramRoot: string;
  readonly botToken: string;
  /** Of the bots besides the first one. */
  readonly furtherTokens: readonly string[];
  readonly chatId: number;
  readonly webEngageRoot: string;
  readonly licenseCode: string;
  readonly webEngageKey: string;
}

export interface SimulatorCounts {
  readonly linkCalls: number;
  readonly links: number;
  readonly events: number;
  readonly repeatedEvents: number;
}

export type SimulatorQuestion = 'start' | 'counts' | { readonly start: SimulatedSize };

/** Chats of communities besides `default`, and bots that may invite in each of them. */
export interface SimulatedSize {
  readonly communities: number;
  readonly bots: number;
}

let simulators: Simulators | undefined;

// Both sides without limits, and without keeping what they saw beyond its number.
answerParent(async (question: SimulatorQuestion): Promise<SimulatorAddress | SimulatorCounts> => {
  if (question !== 'counts') {
    const { communities, bots } = question === 'start' ? { communities: 0, bots: 1 } : question.start;
    const tokens = Array.from({ length: bots }, (_, index) => `${1_000_000_001 + index}:TOKEN-OF-THE-BENCH`);
    const [botToken = '', ...furtherTokens] = tokens;
    simulators ??= await startSimulators({
      telegram: {
        botToken,
        chatId: -1_001_000_000_001,
        bots: furtherTokens.map((token) => ({ token })),
        chats: Array.from({ length: communities }, (_, index) => ({
          chatId: chatOfCommunity(index),
          title: `Community ${index}`,
          kind: 'supergroup' as const,
          bots: tokens.map((token) => ({ botId: Number(botIdOf(token)), standing: 'inviting_administrator' as const })),
        })),
        linkCallsPerSecond: 'unlimited',
        recordLinkCalls: false,
      },
      webengage: { licenseCode: 'bench', apiKey: 'bench-key', eventsPerMinute: 'unlimited', recordEvents: false },
    });
    const { telegram, webengage } = simulators;
    return {
      telegramRoot: telegram.url,
      botToken: telegram.botToken,
      furtherTokens,
      chatId: telegram.chatId,
      webEngageRoot: webengage.url,
      licenseCode: webengage.licenseCode,
      webEngageKey: webengage.apiKey,
    };
  }
  return {
    linkCalls: simulators?.telegram.calls.of('createChatInviteLink') ?? 0,
    links: simulators?.telegram.links.size ?? 0,
    events: simulators?.webengage.eventCount ?? 0,
    repeatedEvents: simulators?.webengage.repeatsIgnored ?? 0,
  };
});
