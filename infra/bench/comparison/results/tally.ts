import type { Measure } from './result.ts';

type Described = Omit<Measure, 'values'>;

/** Collects the values of runs under the measures that are declared for them. */
export class Tally<Key extends string> {
  readonly #described: Readonly<Record<Key, Described>>;
  readonly #values = new Map<Key, Record<string, number[]>>();

  constructor(described: Readonly<Record<Key, Described>>) {
    this.#described = described;
  }

  add(key: Key, column: string, value: number): void {
    const values = this.#values.get(key) ?? {};
    (values[column] ??= []).push(value);
    this.#values.set(key, values);
  }

  /** In the order of their declaration; those without a value are left out. */
  get measures(): Measure[] {
    const keys = Object.keys(this.#described) as Key[];
    return keys.flatMap((key) => {
      const values = this.#values.get(key);
      return values === undefined ? [] : [{ ...this.#described[key], values }];
    });
  }
}
