import type { IncomingMessage } from 'node:http';
import { HttpError } from './http-error.ts';

/** A body has this long however small it is. */
const BASE_DEADLINE_MS = 10_000;
/** A larger one has more: its sender keeps up this rate. */
const LEAST_BYTES_PER_SECOND = 256 * 1_024;

/** How long a caller may take to send a body of at most `maxBytes`. */
function bodyDeadlineMs(maxBytes: number): number {
  return BASE_DEADLINE_MS + (maxBytes / LEAST_BYTES_PER_SECOND) * 1_000;
}

/**
 * The body as it came over the wire. However it ends, nothing of it is held afterwards, and the rest is not read.
 * @throws HttpError payload_too_large; request_timeout when it does not go on; invalid_request when its caller has
 * gone.
 */
export function readBytes(
  request: IncomingMessage,
  maxBytes: number,
  deadlineMs = bodyDeadlineMs(maxBytes),
): Buffer | Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw payloadTooLarge(maxBytes);
  if (request.destroyed) throw callerHasGone();
  // Most bodies come along with their head, and need neither listeners nor a deadline.
  if (isAllThere(request)) return withinLimit(takeAll(request), maxBytes);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (settle: () => void): void => {
      clearTimeout(deadline);
      request.off('data', take).off('end', finish).off('close', giveUp).pause();
      // A broken connection says so once more, after its 'close': somebody must listen.
      settle();
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) end(() => reject(payloadTooLarge(maxBytes)));
      else chunks.push(chunk);
    };
    const finish = (): void => end(() => resolve(Buffer.concat(chunks)));
    const giveUp = (): void => end(() => reject(callerHasGone()));
    const deadline = setTimeout(() => {
      end(() =>
        reject(
          new HttpError('request_timeout', `The body did not arrive within ${Math.round(deadlineMs / 1_000)} seconds`),
        ),
      );
    }, deadlineMs);
    request.on('data', take).on('end', finish).on('close', giveUp);
  });
}

/** Node calls a request complete only a moment after it has handed on the last byte of its body. */
function isAllThere({ complete, headers, readableLength }: IncomingMessage): boolean {
  return complete || readableLength === Number(headers['content-length']);
}

function takeAll(request: IncomingMessage): Buffer {
  const bytes = (request.read() as Buffer | null) ?? Buffer.alloc(0);
  // Its end is still to come: Node keeps a request with its connection until that is taken.
  request.resume();
  return bytes;
}

export function payloadTooLarge(maxBytes: number): HttpError {
  return new HttpError('payload_too_large', `The body must be at most ${maxBytes} bytes`);
}

function withinLimit(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes.length > maxBytes) throw payloadTooLarge(maxBytes);
  return bytes;
}

function callerHasGone(): HttpError {
  return new HttpError('invalid_request', 'The connection ended before the body did');
}
