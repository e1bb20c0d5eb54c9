import { startSimulators, type Simulators } from '../../run/simulators/simulators.ts';
import { answerParent } from './answer-parent.ts';

export interface SimulatorAddress {
  readonly telegramRoot: string;
  readonly botToken: string;
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

export type SimulatorQuestion = 'start' | 'counts';

let simulators: Simulators | undefined;

// Both sides without limits, and without keeping what they saw beyond its number.
answerParent(async (question: SimulatorQuestion): Promise<SimulatorAddress | SimulatorCounts> => {
  if (question === 'start') {
    simulators ??= await startSimulators({
      telegram: {
        botToken: '1000000001:TOKEN-OF-THE-BENCH',
        chatId: -1_001_000_000_001,
        linkCallsPerSecond: 'unlimited',
        recordLinkCalls: false,
      },
      webengage: { licenseCode: 'bench', apiKey: 'bench-key', eventsPerMinute: 'unlimited', recordEvents: false },
    });
    const { telegram, webengage } = simulators;
    return {
      telegramRoot: telegram.url,
      botToken: telegram.botToken,
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
