import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { healthReports, type HealthReport } from '@paid-community/shared/model/operations/health-report.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { RecordingEventBus } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { diagnose, type Diagnosis } from './diagnose.ts';
import type { DiagnosisLine } from './diagnosis.ts';

/** Answers each check as soon as it is published, for the services that have something to say. */
class AnsweringEventBus extends RecordingEventBus {
  readonly #answer: (checkId: string) => Promise<void>;

  constructor(answer: (checkId: string) => Promise<void>) {
    super();
    this.#answer = answer;
  }

  override async publish(...[topic, message]: Parameters<RecordingEventBus['publish']>): Promise<string> {
    const id = await super.publish(topic, message);
    await this.#answer((JSON.parse(message.data) as { data: { checkId: string } }).data.checkId);
    return id;
  }
}

describe('a diagnosis', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let facts: Partial<Record<ServiceName, Readonly<Record<string, string>>>>;

  beforeEach(() => {
    ({ backend, close } = openTemporaryBackend(systemClock));
    facts = { 'link-worker': {}, 'join-tracker': {}, 'event-emitter': {} };
  });

  afterEach(() => close());

  async function answerAll(checkId: string): Promise<void> {
    const reports = (Object.entries(facts) as [ServiceName, Readonly<Record<string, string>>][]).map(
      ([service, known]): HealthReport => ({
        service,
        checkedAt: '2026-01-01T00:00:00.000Z',
        checkIds: [checkId],
        findings: [],
        facts: known,
      }),
    );
    await backend.store.commit(reports.map((report) => createDocument(healthReports, report.service, report)));
  }

  function look(
    parts: {
      readonly fix?: boolean;
      readonly eventBus?: RecordingEventBus;
      readonly checkReady?: () => Promise<void>;
    } = {},
  ): Promise<Diagnosis> {
    const { fix = false, eventBus = new AnsweringEventBus(answerAll), checkReady = () => Promise.resolve() } = parts;
    const { administration, store } = backend;
    return diagnose(
      { fix, traceparent: '' },
      { eventBus, administration, store, checkReady, dataDir: undefined, clock: systemClock },
    );
  }

  function lineOf({ lines }: Diagnosis, check: string): DiagnosisLine | undefined {
    return lines.find((line) => line.check === check);
  }

  test.each([
    ['the same secret is good', { secretFingerprint: 'aa' }, { secretFingerprints: 'bb aa' }, 'ok'],
    ['two secrets fail', { secretFingerprint: 'aa' }, { secretFingerprints: 'bb' }, 'failing'],
    ['a link-worker without one cannot be compared', {}, { secretFingerprints: 'bb' }, 'unknown'],
  ])('%s', async (_name, linkWorker, joinTracker, state) => {
    facts = { ...facts, 'link-worker': { updatesBy: 'webhook', ...linkWorker }, 'join-tracker': joinTracker };
    expect(lineOf(await look(), 'webhook_secret')).toMatchObject({ service: 'join-tracker', state });
  });

  test('polling needs no secret', async () => {
    facts = { ...facts, 'link-worker': { updatesBy: 'polling' } };
    expect(lineOf(await look(), 'webhook_secret')).toBeUndefined();
  });

  test('a backend that does not answer fails in words, and so does asking the others; nothing is thrown', async () => {
    const eventBus = new RecordingEventBus();
    eventBus.failNext = new RetryableError('storage_full', 'The disk is full');
    const diagnosis = await look({
      eventBus,
      checkReady: () => Promise.reject(new RetryableError('storage_full', 'The disk is full')),
    });
    expect(diagnosis).toMatchObject({ healthy: false, checkId: undefined });
    expect(lineOf(diagnosis, 'backend')).toMatchObject({
      state: 'failing',
      meaning: expect.stringContaining('The disk is full'),
    });
    expect(lineOf(diagnosis, 'services')).toMatchObject({ state: 'failing' });
    expect(lineOf(await look(), 'backend')).toMatchObject({ state: 'ok' });
  });

  test('a backend that hangs is not waited for', async () => {
    expect(lineOf(await look({ checkReady: () => new Promise(() => undefined) }), 'backend')).toMatchObject({
      state: 'failing',
      meaning: expect.stringContaining('No answer within 5 s'),
    });
  });

  test.each([
    [(checkId: string) => checkId, 'The webhook was set'],
    [() => 'another-check', 'Somebody else had the webhook set at the same time; the lines say how it is now'],
  ])('a fix is reported to the operator who asked for it (%#)', async (fixedFor, told) => {
    const eventBus = new AnsweringEventBus(async (checkId) => {
      facts = { ...facts, 'link-worker': { fix: 'The webhook was set', fixedFor: fixedFor(checkId) } };
      await answerAll(checkId);
    });
    expect((await look({ fix: true, eventBus })).fixed).toBe(told);
  });
});
