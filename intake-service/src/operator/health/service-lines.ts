import type { HealthReport } from '@paid-community/shared/model/operations/health-report.ts';
import type { Asked, ServiceAnswer } from './ask-services.ts';
import type { DiagnosisLine } from './diagnosis.ts';

/** What the services found, who has not answered, and what only shows when two reports are held against each other. */
export function serviceLines({ answers, withinMs }: Asked): readonly DiagnosisLine[] {
  const reportOf = (service: string): HealthReport | undefined =>
    answers.find((answer) => answer.service === service && answer.inTime)?.report;
  return [
    ...answers.flatMap((answer) => linesOf(answer, withinMs)),
    ...secretLines(reportOf('link-worker'), reportOf('join-tracker')),
  ];
}

function linesOf({ service, report, inTime }: ServiceAnswer, withinMs: number): readonly DiagnosisLine[] {
  if (inTime && report !== undefined) {
    return report.findings.map(({ check, state, meaning, advice, since }) => ({
      service,
      check,
      state,
      meaning,
      advice,
      since,
    }));
  }
  return [
    {
      service,
      check: 'answers',
      state: 'failing',
      meaning: `${service} has not answered within ${withinMs / 1_000} s; ${report === undefined ? 'it never has' : `its last answer is from ${report.checkedAt}`}`,
      advice: `Does ${service} run? Its log says more. On Google Cloud: does the push subscription ${service}-health-checks lead to it, and may it call the service?`,
      since: report?.checkedAt,
    },
  ];
}

/** link-worker registers the secret, and join-tracker demands it. Each tells a fingerprint of what it has. */
function secretLines(
  linkWorker: HealthReport | undefined,
  joinTracker: HealthReport | undefined,
): readonly DiagnosisLine[] {
  if (linkWorker === undefined || joinTracker === undefined || linkWorker.facts['updatesBy'] === 'polling') return [];
  const line = { service: 'join-tracker', check: 'webhook_secret' } as const;
  const registered = linkWorker.facts['secretFingerprint'];
  if (registered === undefined) {
    const advice = 'Set TELEGRAM_WEBHOOK_SECRET of link-worker to that of join-tracker';
    return [
      {
        ...line,
        state: 'unknown',
        meaning: 'link-worker has no TELEGRAM_WEBHOOK_SECRET, so it cannot be compared, and the webhook cannot be set',
        advice,
      },
    ];
  }
  if ((joinTracker.facts['secretFingerprints'] ?? '').split(' ').includes(registered)) {
    return [
      {
        ...line,
        state: 'ok',
        meaning: `link-worker registers a secret that join-tracker takes (fingerprint ${registered}); which one Telegram has, it does not tell`,
      },
    ];
  }
  return [
    {
      ...line,
      state: 'failing',
      meaning: 'link-worker registers another secret than join-tracker takes: every update is refused with 401',
      advice: 'Set TELEGRAM_WEBHOOK_SECRET of both to the same, restart them, then npm run ops -- doctor --fix',
    },
  ];
}
