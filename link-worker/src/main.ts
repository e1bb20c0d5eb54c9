import { gcpOptions } from '@paid-community/shared/platform/backends/gcp/gcp-options.ts';
import { openBackend } from '@paid-community/shared/platform/backends/open-backend.ts';
import { runMain } from '@paid-community/shared/platform/lifecycle/run-main.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { startServices } from '@paid-community/shared/platform/service/start-services.ts';
import { telegramClaim } from '@paid-community/shared/store-owner/claim.ts';
import { createBotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { instrumentBackend } from '@paid-community/shared/platform/backends/instrument-backend.ts';
import { startTelemetry } from '@paid-community/shared/platform/telemetry/start-telemetry.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { readProcessConfig } from './config.ts';
import type { UpdatesSetting } from './health/webhook-findings.ts';
import { linkWorker } from './service.ts';

// This service by itself, on Google Cloud or its emulators.
await runMain(async () => {
  const { values: config, secrets } = readProcessConfig();
  const [clock, log] = [
    systemClock,
    createLogger({ level: config.LOG_LEVEL, secrets, cloudProject: config.GCP_PROJECT }),
  ];
  const telemetry = await startTelemetry({ config, service: 'link-worker', backend: config.BACKEND, log });
  const backend = instrumentBackend(
    await openBackend({ ...gcpOptions(config), backend: config.BACKEND, topology, clock, log }),
    telemetry,
  );
  const botApi = createBotApi(
    { apiRoot: config.TELEGRAM_API_ROOT, token: config.TELEGRAM_BOT_TOKEN, secrets: config.TELEGRAM_WEBHOOK_SECRET },
    telemetry,
    clock,
  );
  // By itself this service knows only of webhooks: join-tracker cannot poll then.
  const updates: UpdatesSetting = {
    by: 'webhook',
    baseUrl: config.WEBHOOK_BASE_URL,
    secret: config.TELEGRAM_WEBHOOK_SECRET?.[0],
  };
  const owner = { claim: telegramClaim(config), leaving: config.STORE_OWNER_CHANGE ?? [] };
  const services = [linkWorker({ ...backend, config, botApi, owner, updates: () => updates, clock, log, telemetry })];
  const running = await startServices({
    services,
    backend,
    host: config.HOST,
    port: config.PORT,
    keepAliveMs: config.HTTP_KEEP_ALIVE_SECONDS * 1_000,
    clock,
    log,
    telemetry,
  });
  log.info({ service: 'link-worker', port: running.port }, 'listening');
  const stop = async (): Promise<void> => {
    await running.stop();
    botApi.close();
  };
  return { log, stop };
});
