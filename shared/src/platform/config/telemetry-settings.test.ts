import { describe, expect, test } from '@jest/globals';
import { ConfigError, readSettings, secretTexts, type Environment } from './settings.ts';
import { telemetrySettings } from './telemetry-settings.ts';

function problemsOf(environment: Environment): readonly string[] {
  try {
    readSettings(environment, telemetrySettings);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the settings of telemetry', () => {
  test('nothing set means: nothing is sent', () => {
    expect(readSettings({}, telemetrySettings)).toEqual({
      OTEL_SDK_DISABLED: false,
      OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
      OTEL_EXPORTER_OTLP_HEADERS: undefined,
      OTEL_SERVICE_NAME: undefined,
      OTEL_RESOURCE_ATTRIBUTES: undefined,
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      OTEL_TRACES_SAMPLER_ARG: 1,
      OTEL_METRIC_EXPORT_INTERVAL: 60_000,
    });
  });

  test('pairs are read as OpenTelemetry writes them', () => {
    const environment = {
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=production, team=a%2Cb',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20k=1',
    };
    expect(readSettings(environment, telemetrySettings)).toMatchObject({
      OTEL_RESOURCE_ATTRIBUTES: { 'deployment.environment.name': 'production', team: 'a,b' },
      OTEL_EXPORTER_OTLP_HEADERS: { authorization: 'Bearer k=1' },
    });
    expect(secretTexts(environment, telemetrySettings)).toEqual(['authorization=Bearer%20k=1']);
  });

  test('each wrong value is named with what would be right, and not repeated', () => {
    const names = Object.keys(telemetrySettings).filter((name) => name !== 'OTEL_SERVICE_NAME');
    const problems = problemsOf(Object.fromEntries(names.map((name) => [name, '?!'])));
    expect(problems.map((problem) => problem.split(' ', 1)[0])).toEqual(names);
    expect(problems.join()).not.toContain('?!');
    expect(problemsOf({ OTEL_EXPORTER_OTLP_HEADERS: 'a=%zz' })).toEqual([
      expect.stringContaining('must have URL-encoded values'),
    ]);
  });
});
