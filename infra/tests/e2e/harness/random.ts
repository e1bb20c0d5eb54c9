export { seededRandom } from '@paid-community/shared/platform/testing/seeded-random.ts';

/** A new array with the elements in random order. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
