import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port that stays free between two starts of one system: below the range from which the kernel takes ports for
 * outgoing connections, and drawn at random, so that test files at work side by side do not meet.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const probe = createServer();
    try {
      probe.listen(port, '127.0.0.1');
      await once(probe, 'listening');
      return port;
    } catch {
      // Taken: draw another one.
    } finally {
      probe.close();
    }
  }
}
