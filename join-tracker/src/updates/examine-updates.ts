import type { Finding, HealthReport } from '@paid-community/shared/model/operations/health-report.ts';
import type { Examination } from '@paid-community/shared/health/answer-health-check.ts';
import { secretFingerprint } from '@paid-community/shared/health/secret-fingerprint.ts';
import type { JoinTrackerConfig } from '../config.ts';
import type { SeenUpdates } from './seen-updates.ts';

/**
 * What only this service sees of Telegram's updates. Whether its secret is the one that link-worker registers is for
 * intake-service to tell: both report a fingerprint.
 */
export function examineUpdates(
  config: Pick<JoinTrackerConfig, 'TELEGRAM_UPDATES' | 'TELEGRAM_WEBHOOK_SECRET'>,
  seen: SeenUpdates,
  known: HealthReport | undefined,
): Examination {
  // Another instance may have seen a later one, and has said so in its report.
  const lastUpdateAt = [seen.lastUpdateAt, known?.facts['lastUpdateAt']]
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
  return {
    findings: [lastUpdateFinding(lastUpdateAt), ...seen.pollFindings()],
    facts: {
      ...(lastUpdateAt === undefined ? {} : { lastUpdateAt }),
      ...(config.TELEGRAM_UPDATES === 'webhook'
        ? { secretFingerprints: config.TELEGRAM_WEBHOOK_SECRET.map(secretFingerprint).join(' ') }
        : {}),
    },
  };
}

function lastUpdateFinding(lastUpdateAt: string | undefined): Finding {
  const check = 'last_update';
  if (lastUpdateAt !== undefined)
    return { check, state: 'ok', meaning: `The last update of Telegram was seen at ${lastUpdateAt}` };
  return {
    check,
    state: 'unknown',
    meaning: 'No update of Telegram has been seen yet',
    advice: 'Normal until somebody joins or leaves. To try it, let a second account join the chat and leave it',
  };
}
