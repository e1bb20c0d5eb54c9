import { botRateId, botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';

export const PaceAnswer = Type.Object({
  botId: Type.String(),
  linksPerSecond: Type.Optional(
    Type.Number({ description: 'as Telegram has allowed it so far; absent while nothing was learned' }),
  ),
  pausedUntil: Type.Optional(
    Type.String({ format: 'date-time', description: 'Telegram wants no call that makes a link before it' }),
  ),
});

export async function paceOf(
  botIds: readonly string[],
  { store, clock }: { readonly store: DocumentStore; readonly clock: Clock },
): Promise<Written<Static<typeof PaceAnswer>>[]> {
  return Promise.all(
    botIds.map(async (botId) => {
      const rate = (await store.get(botRates, botRateId(botId, 'link')))?.data;
      const isPaused = rate !== undefined && Date.parse(rate.pausedUntil) > clock.now();
      const pausedUntil = isPaused ? rate.pausedUntil : undefined;
      return { botId, linksPerSecond: rate?.learned?.['perSecond'], pausedUntil };
    }),
  );
}
