import type { Context } from 'koa';

/** An answer has this long to leave. It is at most some hundred kilobytes, mostly a few hundred bytes. */
const SENDING_MS = 20_000;

/**
 * Cuts the connection of a caller who does not take the answer; what waits behind it on the same connection goes too.
 * By a reset: after an orderly end the system would keep what was not taken for minutes.
 */
export function limitSending({ req, res }: Pick<Context, 'req' | 'res'>): void {
  if (res.closed) return;
  const cut = setTimeout(() => req.socket.resetAndDestroy(), SENDING_MS);
  res.once('close', () => clearTimeout(cut));
}
