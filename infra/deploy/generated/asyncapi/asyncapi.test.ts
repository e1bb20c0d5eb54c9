import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { CloudEvent } from 'cloudevents';
import { parse } from 'yaml';
import { topology } from '@paid-community/shared/topology.ts';
import { asyncApiText } from './asyncapi-text.ts';
import { events, tasks, ticks } from './definitions.ts';

const text = readFileSync(new URL('../../../../asyncapi.yaml', import.meta.url), 'utf8');
const file = parse(text) as { readonly asyncapi: string } & Readonly<Record<string, Readonly<Record<string, object>>>>;

/** The schema of the AsyncAPI Initiative; it is JSON, and of draft 7. */
function officialSchema(): object {
  const require = createRequire(import.meta.url);
  return require('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;
}

test('asyncapi.yaml is what the definitions of events, tasks and the topology say (npm run asyncapi)', () => {
  expect(text).toBe(asyncApiText());
});

test('it is AsyncAPI 3', () => {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false });
  const matches = ajv.compile(officialSchema());
  matches(file);
  expect(matches.errors).toBeNull();
  expect(ajv.compile(officialSchema())({ ...file, channels: { x: { address: 1 } } })).toBe(false);
});

test('every reference in it leads somewhere', () => {
  const references = [...text.matchAll(/\$ref: '?"?#\/([^'"\n]+)/g)].map(([, path = '']) => path);
  expect(references.length).toBeGreaterThan(20);
  for (const path of references) {
    const found = path
      .split('/')
      .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], file);
    expect([path, typeof found]).toEqual([path, 'object']);
  }
});

test('each type that a topic or a queue declares is defined for it, and no other', () => {
  const defined = [...events, ...ticks].map(({ definition: { topic, type } }) => `${topic.name} ${type}`);
  const declared = topology.topics.flatMap(({ name, types = [] }) => types.map((type) => `${name} ${type}`));
  expect(defined.toSorted()).toEqual(declared.toSorted());
  expect(tasks.map(({ definition: { queue, type } }) => `${queue.name} ${type}`)).toEqual(
    topology.queues.flatMap(({ name, types = [] }) => types.map((type) => `${name} ${type}`)),
  );
});

test.each(events)('$definition.type is a CloudEvent to the library of the CloudEvents project', ({ example }) => {
  // Its constructor refuses what the specification does not allow.
  const event = new CloudEvent(example);
  expect(JSON.parse(JSON.stringify(event))).toEqual(example);
  expect(() => new CloudEvent({ ...example, source: '' })).toThrow();
});

test.each(events)('the example of $definition.type is read as such an event', ({ definition, example }) => {
  expect(definition.parse({ data: JSON.stringify(example) })).toEqual(example);
});

test.each(tasks)('the example of $definition.type is read as such a task', ({ definition, example }) => {
  expect(definition.parse(JSON.stringify(example))).toEqual(example);
});
