import { connect, type Socket } from 'node:net';

/** Status 0: the connection ended without an answer. */
export type OnAnswer = (status: number) => void;

/**
 * One keep-alive connection with one request under way at a time. Reads only what the servers measured here send:
 * answers with a Content-Length. A full HTTP client would cost more than the servers it measures.
 */
export class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #received = '';
  #onAnswer: OnAnswer | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Connects anew when the server has closed the connection before. */
  send(request: string, onAnswer: OnAnswer): void {
    this.#onAnswer = onAnswer;
    this.#socket ??= this.#open();
    this.#socket.write(request, 'latin1');
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect(this.#port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    // What an error means is told by the 'close' that follows it.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      // One that was given up has a successor already.
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#received = '';
      this.#answer(0);
    });
    return socket;
  }

  #receive(chunk: Buffer): void {
    this.#received += chunk.toString('latin1');
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1];
    if (length === undefined) {
      this.#socket?.destroy();
      return;
    }
    if (this.#received.length < headEnd + 4 + Number(length)) return;
    const status = Number(this.#received.slice(9, 12));
    if (/\r\nconnection: close\r\n/i.test(this.#received)) {
      this.#socket?.destroy();
      this.#socket = undefined;
    }
    this.#received = '';
    this.#answer(status);
  }

  #answer(status: number): void {
    const onAnswer = this.#onAnswer;
    this.#onAnswer = undefined;
    onAnswer?.(status);
  }
}
