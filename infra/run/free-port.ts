import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { randomInt } from 'node:crypto';

/** Below 32,768, from where Linux takes ports for outgoing connections and for servers that leave the choice to it. */
const LOWEST_PORT = 20_000;
const PORTS_OF_A_BLOCK = 20;
const BLOCKS = 600;

let nextPort = 0;
let endOfBlock = 0;

/**
 * A port for a server that starts later, or that stops and starts again on the same port. Nobody else gets it from this
 * function until this process ends, so it may stay closed for as long as a test likes.
 *
 * The kernel has no way of keeping a port for later. So a process takes a block of ports: it listens on the first of
 * them until it ends, and gives away the others. The race that remains: a program outside this repository takes a port
 * of our block in between.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    if (nextPort === endOfBlock) await takeBlock();
    const port = nextPort;
    nextPort += 1;
    const probe = await listenOn(port);
    if (probe === undefined) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}

async function takeBlock(): Promise<void> {
  for (;;) {
    const first = LOWEST_PORT + randomInt(BLOCKS) * PORTS_OF_A_BLOCK;
    const mark = await listenOn(first);
    if (mark === undefined) continue;
    // It is no reason to go on living; the kernel closes it with this process.
    mark.unref();
    nextPort = first + 1;
    endOfBlock = first + PORTS_OF_A_BLOCK;
    return;
  }
}

/** Undefined when somebody listens there already. */
async function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
