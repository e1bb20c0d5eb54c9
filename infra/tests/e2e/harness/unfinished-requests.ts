import { connect, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

/** Somebody who has the right to call a route, and its body when all is well. */
export interface Caller {
  readonly name: string;
  /** `POST /v1/…` */
  readonly request: string;
  /** The header that says who it is. */
  readonly key: string;
  readonly body: string;
}

const packers: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  identity: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes),
  'X-GZIP': (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  br: (bytes) => brotliCompressSync(bytes),
};

export const encodings = Object.keys(packers);

/** Bodies that inflate to much more than any may have. */
const bombs = new Map(
  encodings.map((encoding) => [
    encoding,
    pack(encoding, Buffer.alloc(encoding === 'identity' ? 60_000 : 4_000_000, ' ')),
  ]),
);

/** How far a request comes before its caller leaves, or stands still. */
export const stages = {
  connected: () => Buffer.alloc(0),
  'in its head': (caller, encoding) => head(caller, encoding, 100).subarray(0, -10),
  'after its head': (caller, encoding) => head(caller, encoding, 100),
  'in its body': (caller, encoding) => {
    const bytes = pack(encoding, Buffer.from(caller.body));
    return Buffer.concat([head(caller, encoding, bytes.length), bytes.subarray(0, bytes.length >> 1)]);
  },
  'in a chunk': (caller, encoding) => Buffer.concat([head(caller, encoding, 'chunked'), Buffer.from('40\r\n{')]),
  'while it is inflated': (caller, encoding) => {
    const bytes = bombs.get(encoding) ?? Buffer.alloc(0);
    return Buffer.concat([head(caller, encoding, bytes.length), bytes]);
  },
  'while it waits for the store, or its answer is on the way': (caller, encoding) => whole(caller, encoding),
} satisfies Readonly<Record<string, (caller: Caller, encoding: string) => Buffer>>;

export type Stage = keyof typeof stages;

function pack(encoding: string, bytes: Buffer): Buffer {
  return packers[encoding]?.(bytes) ?? bytes;
}

function head({ request, key }: Caller, encoding: string, length: number | 'chunked'): Buffer {
  const framing = length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
  return Buffer.from(
    `${request} HTTP/1.1\r\nHost: x\r\n${key}\r\nContent-Type: application/json\r\nContent-Encoding: ${encoding}\r\n${framing}\r\n\r\n`,
  );
}

export function whole(caller: Caller, encoding = 'identity'): Buffer {
  const bytes = pack(encoding, Buffer.from(caller.body));
  return Buffer.concat([head(caller, encoding, bytes.length), bytes]);
}

/** A connection that goes on only when it is told to. */
export class Unfinished {
  readonly #socket: Socket;
  #received = '';
  #isOpen = true;

  constructor(port: number, bytes: Buffer) {
    this.#socket = connect(port, '127.0.0.1', () => this.#socket.write(bytes));
    this.#socket.setEncoding('latin1').on('data', (text: string) => {
      if (this.#received.length < 2_000) this.#received += text;
    });
    this.#socket.on('error', () => undefined).on('close', () => (this.#isOpen = false));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The status of the first answer; undefined while there is none. */
  get status(): number | undefined {
    const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(this.#received) ?? [];
    return status === undefined ? undefined : Number(status);
  }

  /** Resolves when what was written has left. */
  written(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.connecting) this.#socket.once('connect', () => setImmediate(resolve)).once('close', resolve);
      else resolve();
    });
  }

  /** Takes nothing of what comes back. */
  stopReading(): void {
    this.#socket.pause();
  }

  drip(): void {
    this.#socket.write(' ');
  }

  /** `end` says so, `destroy` goes, `resetAndDestroy` is as when a cable is pulled and the other side has noticed. */
  leave(how: 'end' | 'destroy' | 'resetAndDestroy'): void {
    this.#socket[how]();
    if (how === 'end') this.#socket.on('end', () => this.#socket.destroy());
  }
}
