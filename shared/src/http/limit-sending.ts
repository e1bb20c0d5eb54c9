import type { Context } from 'koa';

/** An answer has this long to leave. It is at most some hundred kilobytes, mostly a few hundred bytes. */
const SENDING_MS = 20_000;

/** Cuts the connection of a caller who does not take the answer; what waits behind it on the same connection goes too. */
export function limitSending({ req, res }: Pick<Context, 'req' | 'res'>): void {
  if (res.closed) return;
  const cut = setTimeout(() => req.socket.destroy(), SENDING_MS);
  res.once('close', () => clearTimeout(cut));
}
