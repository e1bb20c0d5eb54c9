import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { explainListenError } from '@paid-community/shared/platform/http/explain-listen-error.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { startSimulators, type Simulators } from '../simulators/simulators.ts';
import { simulatorPort } from './contradictions.ts';
import type { LocalConfig } from './settings.ts';
import { chatsOf, SIMULATED_CHAT_ID, type SimulatedCommunity } from './simulated-communities.ts';

/**
 * Both, when at least one side has no credentials; undefined when both sides are real. @throws ConfigError, or an Error
 * that names the port.
 */
export async function startNeededSimulators(
  { values, simulated }: Pick<LocalConfig, 'values' | 'simulated'>,
  communities: readonly SimulatedCommunity[],
  clock: Clock = systemClock,
): Promise<Simulators | undefined> {
  if (!simulated.telegram && !simulated.webEngage) return undefined;
  const port = simulatorPort(values);
  const host = '127.0.0.1';
  try {
    return await startSimulators({
      port,
      host,
      clock,
      telegram: {
        botToken: values.TELEGRAM_BOT_TOKEN,
        chatId: SIMULATED_CHAT_ID,
        bots: values.TELEGRAM_BOT_TOKENS.map((token, at) => ({ token, username: `simulated_bot_${at + 2}` })),
        chats: chatsOf(communities),
        linkCallsPerSecond: values.SIMULATOR_LINKS_PER_SECOND,
      },
      webengage: {
        licenseCode: values.WEBENGAGE_LICENSE_CODE,
        apiKey: values.WEBENGAGE_API_KEY,
        eventsPerMinute: values.WEBENGAGE_EVENTS_PER_MINUTE,
      },
    });
  } catch (error) {
    throw explainListenError(error, {
      port,
      host,
      portSetting:
        values.SIMULATOR_PORT === undefined ? 'SIMULATOR_PORT (not set, so that it is PORT + 10:)' : 'SIMULATOR_PORT',
    });
  }
}

/** The settings, with the addresses of the simulators in the place of the sides that have no credentials. */
export function withSimulators(
  { values, simulated }: Pick<LocalConfig, 'values' | 'simulated'>,
  simulators: Simulators | undefined,
): LocalConfig['values'] {
  if (simulators === undefined) return values;
  return {
    ...values,
    TELEGRAM_API_ROOT: simulated.telegram ? simulators.telegram.url : values.TELEGRAM_API_ROOT,
    WEBENGAGE_API_ROOT: simulated.webEngage ? simulators.webengage.url : values.WEBENGAGE_API_ROOT,
  };
}
