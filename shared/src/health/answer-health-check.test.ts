import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '../platform/backends/backend.ts';
import { healthReports, type Finding, type HealthReport } from '../model/operations/health-report.ts';
import { requestHealthCheck } from './request-health-check.ts';
import { ScheduledHealthCheck } from '../model/operations/scheduled-health-check.ts';
import { handleByType } from '../platform/delivery/message-handlers.ts';
import { createLogger } from '../platform/log/logger.ts';
import type { OutgoingMessage } from '../platform/ports/event-bus.ts';
import { ManualClock } from '../platform/testing/manual-clock.ts';
import { RecordingEventBus } from '../platform/testing/recording-ports.ts';
import { openTemporaryBackend } from '../platform/testing/temporary-backend.ts';
import { healthChecksForLinkWorker } from '../topology.ts';
import { answerHealthCheck } from './answer-health-check.ts';

const good: Finding = { check: 'bot_token', state: 'ok', meaning: 'fine' };
const bad: Finding = { check: 'bot_token', state: 'failing', meaning: 'refused', advice: 'mend it' };
const unseen: Finding = { check: 'bot_token', state: 'unknown', meaning: 'no answer' };

describe('answering a health check', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let clock: ManualClock;
  let lines: string[];
  let found: Finding | undefined;

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    lines = [];
    found = good;
  });

  afterEach(() => close());

  async function deliver(message: OutgoingMessage, ageMs = 0, messageId = 'm1'): Promise<void> {
    const log = createLogger({ level: 'info', secrets: [], write: (line) => lines.push(line) });
    const findings = found;
    const examine = () =>
      Promise.resolve(findings === undefined ? undefined : { findings: [findings], facts: { a: 'b' } });
    const handle = handleByType({
      subscription: healthChecksForLinkWorker,
      handlers: answerHealthCheck('link-worker', examine, { store: backend.store, clock, log }),
    });
    await handle({ ...message, messageId, publishTime: new Date(clock.now() - ageMs), deliveryAttempt: 1 });
  }

  async function report(): Promise<HealthReport | undefined> {
    return (await backend.store.get(healthReports, 'link-worker'))?.data;
  }

  test('the report names the check that it answers, and since when it is so', async () => {
    const eventBus = new RecordingEventBus();
    const checkId = await requestHealthCheck({ askedBy: 'intake-service' }, { eventBus, clock });
    const [asked] = eventBus.published;
    if (asked === undefined) throw new Error('Nothing was published');
    await deliver(asked.message);
    clock.advance(60_000);
    await deliver(ScheduledHealthCheck.message);
    expect(await report()).toEqual({
      service: 'link-worker',
      checkedAt: '2026-01-01T00:01:00.000Z',
      checkIds: [checkId, 'm1'],
      findings: [{ ...good, since: '2026-01-01T00:00:00.000Z', lastKnown: 'ok' }],
      facts: { a: 'b' },
    });
  });

  test('from good to bad is one error line, and from bad to good one info line, with gaps in between or not', async () => {
    for (const state of [good, bad, bad, unseen, bad, unseen, good, good]) {
      found = state;
      await deliver(ScheduledHealthCheck.message);
    }
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ level: 'error', message: 'health: failing', service: 'link-worker', failing: [bad] }),
      expect.objectContaining({ level: 'info', message: 'health: mended', mended: [good] }),
    ]);
  });

  test('bad from the very start is an error line too', async () => {
    found = bad;
    await deliver(ScheduledHealthCheck.message);
    expect(lines).toEqual([expect.stringContaining('"level":"error"')]);
  });

  test('what is minutes old, or does not concern the service, is acknowledged and leaves no report', async () => {
    await deliver(ScheduledHealthCheck.message, 180_001);
    found = undefined;
    await deliver(ScheduledHealthCheck.message);
    expect(await report()).toBeUndefined();
  });

  test('of answers at the same moment none is lost', async () => {
    await Promise.all(['a', 'b', 'c'].map((messageId) => deliver(ScheduledHealthCheck.message, 0, messageId)));
    expect([...((await report())?.checkIds ?? [])].sort()).toEqual(['a', 'b', 'c']);
  });

  test('what asks for no check goes to the dead letters', async () => {
    await expect(deliver({ data: '{"x":1}', attributes: {} })).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'invalid_event',
    });
  });
});
