import type { Simulators } from '../simulators/simulators.ts';
import type { LocalConfig } from './settings.ts';
import type { SimulatedCommunity } from './simulated-communities.ts';

// What a person at the terminal is told once a system is ready.

/** Which sides are simulated, a line each; `telegramNote` ends the line of a real Telegram. */
export function sideLines(
  { values, simulated }: Pick<LocalConfig, 'values' | 'simulated'>,
  telegramNote = '',
): readonly string[] {
  return [
    simulated.telegram
      ? `Telegram is SIMULATED, because TELEGRAM_BOT_TOKEN is not set: the links lead nowhere. It allows ${values.SIMULATOR_LINKS_PER_SECOND} links a second.`
      : `Telegram is real: links are made in chat ${values.TELEGRAM_CHAT_ID}${telegramNote}.`,
    simulated.webEngage
      ? 'WebEngage is SIMULATED, because WEBENGAGE_API_KEY is not set: nobody gets a message.'
      : `WebEngage is real: events go to ${values.WEBENGAGE_API_ROOT}.`,
  ];
}

/** How to request a link. Only a key that everybody can read in this repository is shown. */
export function requestLines(
  url: string,
  { values }: Pick<LocalConfig, 'values'>,
  { knownKey, communities }: { readonly knownKey: string; readonly communities: readonly SimulatedCommunity[] },
): readonly string[] {
  const key = values.INTAKE_API_KEYS.includes(knownKey) ? knownKey : '<one of INTAKE_API_KEYS>';
  const request = (body: object): string =>
    `  curl -X POST ${url}/v1/invite/request -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
  const purchase = { userId: '12345', transactionId: 'txn_abc' };
  return [
    'Request a link:',
    request(purchase),
    ...communities.flatMap(({ communityId, name, kind, plan }) =>
      plan === undefined
        ? [`Request one for ${name}, a ${kind}:`, request({ ...purchase, communityId })]
        : [
            `Buy ${plan.name.toLowerCase()} of access, a membership that lives and ends while you watch:`,
            request({ ...purchase, planId: plan.planId }),
          ],
    ),
  ];
}

export function simulatorLines(simulators: Simulators | undefined): readonly string[] {
  if (simulators === undefined) return [];
  return [
    'Come in by a link, which the look-up of its request tells:',
    `  curl -X POST ${simulators.url}/control/join -d '{"inviteLink": "https://t.me/+…"}'`,
    `What the simulated side has seen: curl ${simulators.url}/control/state`,
  ];
}
