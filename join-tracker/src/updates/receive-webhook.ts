import { errorCode, errorMessage, PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import { defineEndpoint } from '@paid-community/shared/platform/http/endpoint.ts';
import { SECRET_HEADER, WEBHOOK_PATH } from '@paid-community/shared/telegram/webhook.ts';
import { Type } from 'typebox';
import { handleUpdate, type HandleUpdateDeps } from './handle-update.ts';
import { parkUpdate } from './park-update.ts';
import { Update } from './telegram/update.ts';

/**
 * Answers 2xx only when the update is dealt with. Telegram sends a refused one again for 24 hours, so a shape that this
 * version does not know waits there, and holds up only that one user. What is understood and can never be handled
 * would wait for nothing: it is parked with the dead letters.
 */
export const receiveWebhook = defineEndpoint({
  id: 'telegram.update',
  method: 'POST',
  path: WEBHOOK_PATH,
  summary:
    'Telegram tells of an update: a join, or a change of what the bot may do. There is none where updates are polled.',
  security: {
    name: 'webhookSecret',
    description: 'One of TELEGRAM_WEBHOOK_SECRET, as it was given to setWebhook.',
    sentAs: SECRET_HEADER,
  },
  input: Update,
  answer: {
    status: 200,
    // Telegram would execute a body that names a method.
    description: 'Nothing of the update can be lost any more. Always empty',
    schema: Type.Object({}, { additionalProperties: false }),
  },
  refusals: ['unavailable'],
  texts: { invalid: 'This is not an update of the Telegram Bot API' },
  onInvalid: ({ issues }, _call, { log }: HandleUpdateDeps) => {
    log.error({ issues }, 'Telegram sent an update of an unknown shape; it keeps it and sends it again');
  },
  handle: async (update, { traceparent }, deps) => {
    try {
      await handleUpdate(update, traceparent, deps);
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      await parkUpdate(update, { attempts: 1, code: errorCode(error), reason: errorMessage(error) }, deps);
    }
    return {};
  },
});
