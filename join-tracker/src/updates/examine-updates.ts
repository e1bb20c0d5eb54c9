import type { Finding, HealthReport } from '@paid-community/shared/model/operations/health-report.ts';
import type { Examination } from '@paid-community/shared/health/answer-health-check.ts';
import { secretFingerprint } from '@paid-community/shared/health/secret-fingerprint.ts';
import { lastUpdateFact } from '@paid-community/shared/model/operations/health-report.ts';
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
  const lastUpdateAt = later(seen.lastUpdateAt, known?.facts['lastUpdateAt']);
  return {
    findings: [lastUpdateFinding(lastUpdateAt), ...seen.pollFindings()],
    facts: {
      ...lastOfCommunities(seen, known),
      ...(lastUpdateAt === undefined ? {} : { lastUpdateAt }),
      ...(config.TELEGRAM_UPDATES === 'webhook'
        ? { secretFingerprints: config.TELEGRAM_WEBHOOK_SECRET.map(secretFingerprint).join(' ') }
        : {}),
    },
  };
}

function lastOfCommunities(seen: SeenUpdates, known: HealthReport | undefined): Readonly<Record<string, string>> {
  const before = Object.entries(known?.facts ?? {}).filter(([name]) => name.startsWith(lastUpdateFact('')));
  const own = [...seen.lastOfCommunities].map(([communityId, at]): [string, string] => {
    const name = lastUpdateFact(communityId);
    return [name, later(at, known?.facts[name]) ?? at];
  });
  return Object.fromEntries([...before, ...own]);
}

/** Another instance may have seen a later one, and has said so in its report. */
function later(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
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
