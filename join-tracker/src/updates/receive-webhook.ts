import { errorCode, errorMessage, PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import { headerSecretAuthentication } from '@paid-community/shared/platform/http/authenticate.ts';
import { defineEndpoint, type EndpointDefinition } from '@paid-community/shared/platform/http/endpoint.ts';
import type { Authenticate } from '@paid-community/shared/platform/http/route.ts';
import { derivedSecret, SECRET_HEADER, WEBHOOK_PATH } from '@paid-community/shared/telegram/webhook.ts';
import { Type } from 'typebox';
import { handleUpdate, type HandleUpdateDeps } from './handle-update.ts';
import { parkUpdate } from './park-update.ts';
import { Update } from './telegram/update.ts';

const Answer = Type.Object({}, { additionalProperties: false });
const secretHeader = SECRET_HEADER.toLowerCase();

/**
 * Answers 2xx only when the update is dealt with. Telegram sends a refused one again for 24 hours, so a shape that this
 * version does not know waits there, and holds up only that one user. What is understood and can never be handled
 * would wait for nothing: it is parked with the dead letters.
 */
const receive: Pick<
  EndpointDefinition<typeof Update, typeof Answer, HandleUpdateDeps>,
  'method' | 'answer' | 'refusals' | 'texts' | 'onInvalid'
> = {
  method: 'POST',
  answer: {
    status: 200,
    // Telegram would execute a body that names a method.
    description: 'Nothing of the update can be lost any more. Always empty',
    schema: Answer,
  },
  refusals: ['unavailable'],
  texts: { invalid: 'This is not an update of the Telegram Bot API' },
  onInvalid: ({ issues }, _call, { log }) => {
    log.error({ issues }, 'Telegram sent an update of an unknown shape; it keeps it and sends it again');
  },
};

export const receiveWebhook = defineEndpoint({
  ...receive,
  id: 'telegram.update',
  path: WEBHOOK_PATH,
  summary:
    'Telegram tells of an update: a join, or a change of what the bot may do. There is none where updates are polled.',
  security: {
    name: 'webhookSecret',
    description: 'One of TELEGRAM_WEBHOOK_SECRET, as it was given to setWebhook.',
    sentAs: SECRET_HEADER,
  },
  input: Update,
  handle: async (update, { traceparent }, deps: HandleUpdateDeps) => {
    await handleOrPark(update, undefined, traceparent, deps);
    return {};
  },
});

export const receiveBotWebhook = defineEndpoint({
  ...receive,
  id: 'telegram.bot-update',
  path: `${WEBHOOK_PATH}/:botId`,
  summary: 'The same from each further bot (TELEGRAM_BOT_TOKENS).',
  security: {
    name: 'botWebhookSecret',
    description:
      'Hexadecimal HMAC-SHA256 of `telegram-webhook:<botId>` with one of TELEGRAM_WEBHOOK_SECRET as the key, as it was given to setWebhook.',
    sentAs: SECRET_HEADER,
  },
  input: Type.Object({
    ...Update.properties,
    botId: Type.String({ description: 'The digits before the colon of the token' }),
  }),
  handle: async ({ botId, ...update }, { traceparent }, deps: HandleUpdateDeps) => {
    await handleOrPark(update, botId, traceparent, deps);
    return {};
  },
});

/**
 * Takes what `setWebhook` registered for the bot in the path. A bot that we do not have has no secret that anybody could
 * know, so no list of bots is needed here.
 */
export function botAuthentication(secrets: readonly string[]): Authenticate {
  return async (headers, bytes, params) => {
    const { botId = '' } = params;
    const ofBot = secrets.map((secret) => derivedSecret(secret, botId));
    await headerSecretAuthentication(secretHeader, ofBot)(headers, bytes, params);
    return `bot ${botId}`;
  };
}

export function defaultBotAuthentication(secrets: readonly string[]): Authenticate {
  return headerSecretAuthentication(secretHeader, secrets);
}

async function handleOrPark(
  update: Update,
  botId: string | undefined,
  traceparent: string,
  deps: HandleUpdateDeps,
): Promise<void> {
  try {
    await handleUpdate(update, botId, traceparent, deps);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    await parkUpdate(update, botId, { attempts: 1, code: errorCode(error), reason: errorMessage(error) }, deps);
  }
}
