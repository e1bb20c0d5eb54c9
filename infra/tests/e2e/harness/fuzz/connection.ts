import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Far above what the slowest operation takes. */
const TIMEOUT_MS = 60_000;

/** A connection that is kept as long as the other side keeps it: one request at a time, its bytes as they are. */
export class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #received = Buffer.alloc(0);
  #look: () => void = () => undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends a whole request. @throws when there is no whole answer. */
  async exchange(bytes: Buffer, isHead: boolean): Promise<RawAnswer> {
    const socket = this.#open();
    socket.write(bytes);
    for (;;) {
      const answer = this.#take(isHead, socket.destroyed);
      if (answer !== undefined) return answer;
      if (socket.destroyed)
        throw new Error(
          `The connection was closed after ${JSON.stringify(this.#received.toString('latin1').slice(0, 200))}`,
        );
      await this.#more(socket);
    }
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    if (this.#socket?.destroyed === false) return this.#socket;
    const socket = connect(this.#port, '127.0.0.1').setNoDelay();
    this.#received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#look();
    });
    // An end is as good as a close: a server that has ended answers nothing more.
    socket.on('end', () => socket.destroy());
    socket.on('error', () => undefined).on('close', () => this.#look());
    this.#socket = socket;
    return socket;
  }

  #more(socket: Socket): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new Error(`No whole answer within ${TIMEOUT_MS} ms`));
      }, TIMEOUT_MS);
      this.#look = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The answer, as soon as it is whole. */
  #take(isHead: boolean, isOver: boolean): RawAnswer | undefined {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end === -1) return undefined;
    const head = this.#received.toString('latin1', 0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
    if (status === 100) {
      this.#received = this.#received.subarray(end + 4);
      return this.#take(isHead, isOver);
    }
    const declared = /^content-length: (\d+)$/im.exec(head)?.[1];
    const length = isHead ? 0 : Number(declared ?? (isOver ? this.#received.length - end - 4 : Number.NaN));
    if (!(this.#received.length >= end + 4 + length)) return undefined;
    const body = this.#received.toString('utf8', end + 4, end + 4 + length);
    this.#received = this.#received.subarray(end + 4 + length);
    if (/^connection: close$/im.test(head)) this.close();
    return { status, contentType: /^content-type: (.*)$/im.exec(head)?.[1] ?? '', body };
  }
}
