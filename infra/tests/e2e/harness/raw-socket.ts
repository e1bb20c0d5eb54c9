import { connect } from 'node:net';

const TIMEOUT_MS = 60_000;

/**
 * Writes bytes to the port as they are and returns all that comes back until the other side closes the connection, or
 * until `enough` says that it is all there. A connection that is reset counts as closed. With `end` this side says that
 * nothing more comes.
 */
export function exchangeRaw(
  port: number,
  bytes: string | Buffer,
  enough: (received: string) => boolean = () => false,
  then: 'wait' | 'end' = 'wait',
): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => (then === 'end' ? socket.end(bytes) : socket.write(bytes)));
    const finish = (): void => {
      socket.destroy();
      resolve(received);
    };
    socket.setEncoding('utf8');
    socket.setTimeout(TIMEOUT_MS, () => {
      socket.destroy();
      reject(new Error(`The connection stayed open; received so far: ${received.slice(0, 500)}`));
    });
    socket.on('data', (text: string) => {
      received += text;
      if (enough(received)) finish();
    });
    socket.on('end', finish);
    socket.on('error', finish);
  });
}

/** True when a whole answer with a Content-Length is there. */
export function isWholeAnswer(received: string): boolean {
  const [head = '', body] = received.split('\r\n\r\n', 2);
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  return body !== undefined && length !== undefined && Buffer.byteLength(body) >= Number(length);
}

/** Writes bytes and cuts the connection. */
export function hangUp(port: number, bytes: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, () => socket.resetAndDestroy()));
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}
