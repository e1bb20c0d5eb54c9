import { errorCode, errorMessage, PermanentError } from '@paid-community/shared/platform/delivery/errors.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { HttpRequest, HttpResponse } from '@paid-community/shared/platform/http/route.ts';
import { handleUpdate, type HandleUpdateDeps } from './handle-update.ts';
import { parkUpdate } from './park-update.ts';
import { validateUpdate } from './telegram/update.ts';

/**
 * Answers 2xx only when the update is dealt with. Telegram sends a refused one again for 24 hours, so a shape that this
 * version does not know waits there, and holds up nobody but that one user. What is understood and can never be handled
 * would wait for nothing: it is parked with the dead letters.
 * @throws HttpError invalid_request; RetryableError when a join could not be made durable.
 */
export async function receiveWebhook(request: HttpRequest, deps: HandleUpdateDeps): Promise<HttpResponse> {
  const update = validateUpdate(request.body);
  if (!update.valid) {
    deps.log.error(
      { issues: update.issues },
      'Telegram sent an update of an unknown shape; it keeps it and sends it again',
    );
    throw new HttpError('invalid_request', 'This is not an update of the Telegram Bot API', update.issues);
  }
  try {
    await handleUpdate(update.value, request.traceparent, deps);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    await parkUpdate(update.value, { attempts: 1, code: errorCode(error), reason: errorMessage(error) }, deps);
  }
  // Empty: Telegram would execute a body that names a method.
  return { status: 200, body: {} };
}
