import { expect, test } from '@jest/globals';
import { readSettings } from '../config/settings.ts';
import { telemetrySettings } from '../config/telemetry-settings.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { silentLog } from '../testing/temporary-backend.ts';
import { openDeadLetters } from '../telemetry/metric-definitions.ts';
import { openTelemetry } from '../telemetry/open-telemetry.ts';
import { metricsRoutes } from './metrics-route.ts';

test('what waits is counted once, however many ask for the metrics', async () => {
  const telemetry = await openTelemetry({
    config: readSettings({}, telemetrySettings),
    service: 'test',
    isPulled: true,
    systems: { bus: 'sqlite', queue: 'sqlite' },
    log: silentLog,
  });
  let counted = 0;
  telemetry.observe([openDeadLetters], () =>
    Promise.resolve([{ gauge: openDeadLetters, value: (counted += 1), attributes: { source: 'x' } }]),
  );
  const clock = new ManualClock();
  const [route] = metricsRoutes(telemetry, [], clock);
  if (route === undefined) throw new Error('There is no /metrics');
  for (let page = 0; page < 5; page += 1) {
    const asked = Array.from({ length: 50 }, () =>
      route.handle({ headers: {}, params: {}, query: {}, body: undefined, caller: 'anybody', traceparent: '' }),
    );
    for (const answer of await Promise.all(asked))
      expect(answer.body).toContain('paid_community_dead_letters{source="x"} 1\n');
    // A page of its own: what is counted on the way is in it, and what waits is not counted again.
    clock.advance(1_000);
  }
  expect(counted).toBe(1);
  await telemetry.stop();
});
