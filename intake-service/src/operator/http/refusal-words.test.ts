import { expect, test } from '@jest/globals';
import { operations } from '../routes.ts';

interface Schema {
  readonly pattern?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** Each text of a schema that must have a form, by its place. */
function formsOf(schema: Schema, path: string): readonly (readonly [string, string])[] {
  return [
    ...(schema.pattern === undefined ? [] : [[path, schema.description ?? ''] as const]),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => formsOf(field, `${path}/${name}`)),
    ...(schema.items === undefined ? [] : formsOf(schema.items, `${path}/0`)),
  ];
}

const forms = operations.flatMap(({ id, input }) => formsOf(input as Schema, id));

test('a text of the wrong form is refused in words that make sense after "must be"', () => {
  expect(forms.length).toBeGreaterThan(10);
  const senseless = forms.filter(([, words]) => !/^(an?|the|more than|\d+ to \d+) /.test(words));
  expect(senseless).toEqual([]);
});
