import { afterEach, expect, test } from '@jest/globals';
import { createWebEngageClient, type WebEngageClient } from '@paid-community/event-emitter/webengage/client.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { startWebEngageSimulator } from '../../run/simulators/webengage/start-webengage-simulator.ts';
import type { WebEngageSimulator } from '../../run/simulators/webengage/webengage-simulator.ts';

/** Nobody waits: as soon as there is nothing else to do, it is the time of the next sleeper. */
class HastyClock implements Clock {
  #nowMs: number;
  readonly #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  sleep(durationMs: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ atMs: this.#nowMs + durationMs, wake });
      if (this.#sleepers.length === 1) setImmediate(() => this.#wakeNext());
    });
  }

  #wakeNext(): void {
    const next = this.#sleepers.reduce((first, sleeper) => (sleeper.atMs < first.atMs ? sleeper : first));
    this.#sleepers.splice(this.#sleepers.indexOf(next), 1);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.wake();
    if (this.#sleepers.length > 0) setImmediate(() => this.#wakeNext());
  }
}

let simulator: WebEngageSimulator | undefined;
let client: WebEngageClient | undefined;

afterEach(async () => {
  client?.close();
  await simulator?.close();
});

/** `startMs` after the begin of a minute, by which the simulated limit goes. */
async function start(
  startMs: number,
  { eventsPerMinute = 5_000, setting = 5_000 } = {},
): Promise<{ readonly clock: HastyClock; readonly webEngage: WebEngageClient; readonly outside: WebEngageSimulator }> {
  const clock = new HastyClock(Date.UTC(2026, 0, 1) + startMs);
  simulator = await startWebEngageSimulator({
    licenseCode: 'l',
    apiKey: 'k',
    eventsPerMinute,
    clock,
    recordEvents: false,
  });
  client = createWebEngageClient(
    {
      WEBENGAGE_API_ROOT: simulator.url,
      WEBENGAGE_API_KEY: 'k',
      WEBENGAGE_LICENSE_CODE: 'l',
      WEBENGAGE_EVENTS_PER_MINUTE: setting,
    },
    noTelemetry,
    clock,
  );
  return { clock, webEngage: client, outside: simulator };
}

/** 100 at once, as the subscriptions deliver them. */
async function sendAll(webEngage: WebEngageClient, count: number, atOnce = 100): Promise<void> {
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await webEngage.send({
        eventId: `e${next}`,
        userId: `user-${next}`,
        eventName: 'joined',
        eventTime: new Date(0),
        eventData: {},
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
}

test('a burst of 6,000 events is never told to slow down', async () => {
  // The limit is one of the minutes of a clock: nearly all of the first 5,000 fall into one of them.
  const { clock, webEngage, outside } = await start(200);
  const startedAt = clock.now();
  await sendAll(webEngage, 6_000);
  expect(outside).toMatchObject({ eventCount: 6_000, tooManyRequests: 0, calls: 6_000 });
  // And it is not slower than it has to be.
  expect(clock.now() - startedAt).toBeLessThan(76_000);
});

test('the looks of the doctor count', async () => {
  const { webEngage, outside } = await start(0, { eventsPerMinute: 60, setting: 60 });
  for (let look = 0; look < 3; look += 1) expect(await webEngage.probe(2_000)).toMatchObject({ status: 400 });
  await sendAll(webEngage, 70, 5);
  expect(outside).toMatchObject({ eventCount: 70, tooManyRequests: 0 });
});

test('an account that allows less is kept to as soon as it has said so', async () => {
  const { clock, webEngage, outside } = await start(0, { eventsPerMinute: 100 });
  const untilTaken = async (eventId: string): Promise<void> => {
    const failure: unknown = await webEngage
      .send({ eventId, userId: 'u', eventName: 'joined', eventTime: new Date(0), eventData: {} })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    if (failure === undefined) return;
    expect(failure).toMatchObject({ name: 'RetryableError', code: 'webengage_429' });
    // As the bus does.
    await clock.sleep(1_000);
    await untilTaken(eventId);
  };
  // The first minute is used up in two seconds; what it still has is waited for by longer and longer pauses.
  for (let event = 0; event < 500; event += 1) await untilTaken(`e${event}`);
  expect(outside.eventCount).toBe(500);
  expect(outside.tooManyRequests).toBeLessThanOrEqual(6);
});
