/** Runs work of the same key one after the other, in the order of the calls; work of other keys is not held up. */
export function oneAtATime(): (key: string, work: () => Promise<void>) => Promise<void> {
  const last = new Map<string, Promise<void>>();
  return async (key, work) => {
    const before = last.get(key) ?? Promise.resolve();
    // The one before answers for its own failure; it must not fail this one too.
    const run = before.catch(() => undefined).then(work);
    last.set(key, run);
    try {
      await run;
    } finally {
      if (last.get(key) === run) last.delete(key);
    }
  };
}
