/** So many calls of a look are under way at once: a look at a hundred bots must not stand in the way of the purchases. */
const LOOKS_AT_ONCE = 25;

/** Does the work for each, LOOKS_AT_ONCE at a time, and returns the results in their order. */
export async function eachOf<T, Result>(
  items: readonly T[],
  work: (item: T) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += LOOKS_AT_ONCE)
    results.push(...(await Promise.all(items.slice(from, from + LOOKS_AT_ONCE).map(work))));
  return results;
}
