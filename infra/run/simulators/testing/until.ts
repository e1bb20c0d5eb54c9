/** A backstop, for a machine that is busy with others' work. */
const DEADLINE_MS = 60_000;
const LOOK_EVERY_MS = 2;

/** Resolves once the condition holds. @throws after a minute of real time. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
