/**
 * Works through `items` in order, at most `limit` at once. After a failure no further item is begun; those under way
 * are waited for, and the first failure is thrown.
 */
export async function atOnce<T>(limit: number, items: Iterator<T>, work: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    while (failures.length === 0) {
      const next = items.next();
      if (next.done === true) return;
      try {
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (failures.length > 0) throw failures[0];
}
