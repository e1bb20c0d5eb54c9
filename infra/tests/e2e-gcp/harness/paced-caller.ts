import { randomUUID } from 'node:crypto';
import { CallPacer } from '@paid-community/link-worker/bots/call-pacer.ts';
import { openGcpBackend } from '@paid-community/shared/platform/backends/gcp/open-gcp-backend.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { createBotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { TelegramApiError } from '@paid-community/shared/telegram/errors.ts';
import { topology } from '@paid-community/shared/topology.ts';

// A process that makes links at the shared pace, one after the other, and nothing else: what several instances of
// link-worker do to the document and to Telegram, without the queue between them.

export interface PacedCallerOptions {
  readonly projectId: string;
  readonly firestoreHost: string;
  readonly apiRoot: string;
  readonly token: string;
  readonly chatId: number;
  readonly links: number;
  readonly perSecond: number;
}

const { projectId, firestoreHost, apiRoot, token, chatId, links, perSecond } = JSON.parse(
  process.argv[2] ?? '',
) as PacedCallerOptions;
const clock = systemClock;
const log = createLogger({ level: 'silent', secrets: [] });
const backend = openGcpBackend({
  projectId,
  firestoreEmulatorHost: firestoreHost,
  pubSubEmulatorHost: undefined,
  topology,
  clock,
  log,
});
const botApi = createBotApi({ apiRoot, token }, noTelemetry);
const bounds = { adaptive: true, startPerSecond: perSecond, floorPerSecond: 0.02, ceilingPerSecond: 2 * perSecond };
const pacer = new CallPacer(
  { botId: token.split(':', 1)[0] ?? '', kind: 'link', instanceId: randomUUID(), bounds },
  { store: backend.store, clock },
);

for (let made = 0; made < links;) {
  const turn = await pacer.turn();
  if (!turn.granted) {
    await clock.sleep(turn.notBefore.getTime() - clock.now());
    continue;
  }
  const startedAt = clock.monotonicMs();
  try {
    await botApi.call('createChatInviteLink', { chat_id: chatId });
    pacer.accepted(startedAt);
    made += 1;
  } catch (error) {
    if (!(error instanceof TelegramApiError) || error.retryAfterSeconds === undefined) throw error;
    await pacer.refused(startedAt, error.retryAfterSeconds * 1_000);
  }
}
botApi.close();
await backend.close();
