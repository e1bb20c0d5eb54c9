import { HealthCheckRequested } from '../model/operations/health-check-requested.ts';
import {
  healthReports,
  type Finding,
  type HealthReport,
  type RecordedFinding,
} from '../model/operations/health-report.ts';
import { ScheduledHealthCheck } from '../model/operations/scheduled-health-check.ts';
import { on, type TypedMessageHandler } from '../platform/delivery/message-handlers.ts';
import type { Logger } from '../platform/log/logger.ts';
import type { Clock } from '../platform/ports/clock.ts';
import { changeDocument } from '../platform/ports/conditional-writes.ts';
import type { DocumentStore } from '../platform/ports/document-store.ts';
import type { ReceivedMessage } from '../platform/ports/event-bus.ts';
import type { ServiceName } from '../model/services.ts';
import { changesBetween, recordFindings } from './record-findings.ts';

/** The asker has given up after that time, and the next periodic check has come or will come. */
const MAX_AGE_MS = 3 * 60_000;
const KEPT_CHECK_IDS = 10;

/** What a service finds when it looks; `facts` as in its report. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly facts?: Readonly<Record<string, string>>;
}

export interface HealthCheck {
  readonly checkId: string;
  /** Mend what can be mended from here: the webhook. */
  readonly fix: boolean;
  /** Asked by a timer: a service that pays for each look leaves out what is dear. */
  readonly scheduled: boolean;
  /** Only what depends on the bot's standing in this chat is asked about. */
  readonly chatId: string | undefined;
}

/** Undefined when the check does not concern this service. `known` is its report so far. */
export type Examine = (check: HealthCheck, known: HealthReport | undefined) => Promise<Examination | undefined>;

/**
 * Answers health checks with a report of this service. A check that is minutes old is acknowledged and left unanswered.
 * What turned bad is one error line (a warning for what only might), what turned good again one info line; of several
 * writers at once the one whose report was stored writes it.
 */
export function answerHealthCheck(
  service: ServiceName,
  examine: Examine,
  deps: { readonly store: DocumentStore; readonly clock: Clock; readonly log: Logger },
): readonly TypedMessageHandler[] {
  const { store, clock, log } = deps;
  const answer = async (check: HealthCheck, { publishTime }: ReceivedMessage): Promise<void> => {
    if (clock.now() - publishTime.getTime() > MAX_AGE_MS) return;
    const examination = await examine(check, (await store.get(healthReports, service))?.data);
    if (examination === undefined) return;
    const checkedAt = new Date(clock.now()).toISOString();
    let before: readonly RecordedFinding[] = [];
    const report = await changeDocument(store, healthReports, service, (known) => {
      before = known?.findings ?? [];
      return {
        service,
        checkedAt,
        checkIds: [...(known?.checkIds ?? []), check.checkId].slice(-KEPT_CHECK_IDS),
        findings: recordFindings(before, examination.findings, checkedAt),
        facts: examination.facts ?? {},
      };
    });
    logChanges(service, before, report?.findings ?? [], log);
  };
  return [
    on(HealthCheckRequested, ({ data: { checkId, fix = false, chatId } }, message) =>
      answer({ checkId, fix, scheduled: false, chatId }, message),
    ),
    on(ScheduledHealthCheck, (_tick, message) =>
      answer({ checkId: message.messageId, fix: false, scheduled: true, chatId: undefined }, message),
    ),
  ];
}

function logChanges(
  service: ServiceName,
  before: readonly RecordedFinding[],
  after: readonly RecordedFinding[],
  log: Logger,
): void {
  const { failing, warning, mended } = changesBetween(before, after);
  if (failing.length > 0) log.error({ service, failing }, 'health: failing');
  if (warning.length > 0) log.warn({ service, warning }, 'health: needs attention');
  if (mended.length > 0) log.info({ service, mended }, 'health: mended');
}
