export interface Metrics {
  /** Name and labels of every series, in the order of the page. */
  readonly series: ReadonlySet<string>;
  /** The value of the one series with this name and these labels, and perhaps others; undefined when there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
  /** The values of a metric by one of its labels; those that are 0 are left out. */
  all(name: string, label: string): Readonly<Record<string, number>>;
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Reads Prometheus's text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
 * @throws when a line is none of that format.
 */
export function parseMetrics(text: string): Metrics {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const samples = lines.map(parseSample);
  return {
    series: new Set(lines.map((line) => line.slice(0, line.lastIndexOf(' ')))),
    value: (name, labels = {}) => {
      const found = samples.filter(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      );
      if (found.length > 1) throw new Error(`${name} ${JSON.stringify(labels)} stands for ${found.length} series`);
      return found[0]?.value;
    },
    all: (name, label) =>
      Object.fromEntries(
        samples
          .filter((sample) => sample.name === name && sample.value !== 0)
          .map(({ labels, value }) => [labels[label] ?? '', value]),
      ),
  };
}

function parseSample(line: string): Sample {
  const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || value === undefined || Number.isNaN(Number(value)))
    throw new Error(`Not a sample: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
    ([, label = '', text = '']): [string, string] => [label, text],
  );
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}
