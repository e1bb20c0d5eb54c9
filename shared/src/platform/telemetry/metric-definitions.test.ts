import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import * as definitions from './metric-definitions.ts';
import type { Metric } from './metric-definitions.ts';

const metrics: readonly Metric[] = Object.values(definitions);
const page = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
const known = new Set<unknown>(Object.values(conventions));

describe('metrics', () => {
  test('the table of docs/metrics.md has each of them, with kind, unit and meaning, and no other', () => {
    const rows = metrics.map(
      ({ name, kind, unit, description }) => `| \`${name}\` | ${kind} | \`${unit}\` | ${description} |`,
    );
    const lines = page.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' '));
    const listed = lines.filter((line) => /^\| `[a-z_.]+` \| (counter|histogram|gauge) \|/.test(line));
    expect(listed.sort()).toEqual(rows.sort());
  });

  test('a name is of the semantic conventions or of our own, and so is each attribute', () => {
    for (const { name, attributes } of metrics) {
      if (!name.startsWith('paid_community.')) expect([name, known.has(name)]).toEqual([name, true]);
      for (const attribute of attributes) {
        const isOurs = name.startsWith('paid_community.') && /^(outcome|event|method|source)$/.test(attribute);
        expect([name, attribute, isOurs || known.has(attribute)]).toEqual([name, attribute, true]);
      }
    }
  });

  test('no attribute is one that holds an id or a text from outside', () => {
    const attributes = new Set(metrics.flatMap((metric) => metric.attributes));
    expect(
      [...attributes].filter((attribute) =>
        /(^|[._])id$|user|url\.(full|path|query)|message\.id|requestId/i.test(attribute),
      ),
    ).toEqual([]);
  });

  test('bounds rise, and reach from a tenth of a second to days where buyers wait', () => {
    for (const { bounds = [] } of metrics) expect([...bounds].sort((a, b) => a - b)).toEqual(bounds);
    expect(definitions.linkToJoin.bounds?.[0]).toBeLessThanOrEqual(0.1);
    expect(definitions.linkToJoin.bounds?.at(-1)).toBeGreaterThanOrEqual(7 * 86_400);
  });
});
