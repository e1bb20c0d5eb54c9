import { integer, matching, number, oneOf, rootUrl, text } from './parsers.ts';
import { setting, type ValuesOf } from './settings.ts';

// OpenTelemetry's own variables (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/),
// checked as ours are.

type Pairs = Readonly<Record<string, string>>;

export const telemetrySettings = {
  OTEL_SDK_DISABLED: setting({
    description: 'true switches all metrics and traces off; trace contexts still go on',
    parse: (input) => oneOf('true', 'false')(input.toLowerCase()) === 'true',
    fallback: false,
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting({
    description:
      'root URL of an OTLP receiver over HTTP, such as http://127.0.0.1:4318: traces and metrics go there; none are sent when empty',
    parse: rootUrl('https:', 'http:'),
    fallback: undefined,
  }),
  OTEL_EXPORTER_OTLP_HEADERS: setting({
    description: 'headers that the OTLP receiver wants, as name=value, comma-separated, values URL-encoded',
    parse: pairs(),
    fallback: undefined,
    secret: true,
  }),
  OTEL_SERVICE_NAME: setting({
    description:
      'name of this process in traces and metrics; the name of the service, or paid-community for all in one, when empty',
    parse: text(),
    fallback: undefined,
  }),
  OTEL_RESOURCE_ATTRIBUTES: setting({
    description:
      'what else is to be said of this process, as name=value, comma-separated, values URL-encoded: deployment.environment.name=production',
    parse: pairs(),
    fallback: undefined,
  }),
  OTEL_TRACES_SAMPLER: setting({
    description: 'which traces are recorded; the parentbased ones follow a caller that has decided already',
    parse: oneOf(
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ),
    fallback: 'parentbased_always_on',
  }),
  OTEL_TRACES_SAMPLER_ARG: setting({
    description: 'share of traces that the two traceidratio samplers record, 0 to 1',
    parse: number(0, 1),
    fallback: 1,
  }),
  OTEL_METRIC_EXPORT_INTERVAL: setting({
    description: 'milliseconds between two sendings of the metrics to the OTLP receiver',
    parse: integer(100, 3_600_000),
    fallback: 60_000,
  }),
};

export type TelemetryConfig = ValuesOf<typeof telemetrySettings>;

function pairs(): (input: string) => Pairs {
  const check = matching(/^\s*[^=,\s]+=[^,]*(,\s*[^=,\s]+=[^,]*)*$/, 'name=value pairs, comma-separated');
  return (input) =>
    Object.fromEntries(
      check(input)
        .split(',')
        .map((pair) => {
          const at = pair.indexOf('=');
          return [pair.slice(0, at).trim(), decode(pair.slice(at + 1).trim())];
        }),
    );
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new Error('must have URL-encoded values: a % is written %25');
  }
}
