let current: Promise<void> | undefined;

/**
 * Resolves when the event loop is through with what was ready at this moment; all that ask in one turn of it go on
 * together.
 */
export function endOfTurn(): Promise<void> {
  current ??= new Promise((resolve) => {
    setImmediate(() => {
      current = undefined;
      resolve();
    });
  });
  return current;
}
