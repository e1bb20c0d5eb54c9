import type { Listener } from './serve.ts';

/** The same answers, with a Date header that is so much ahead of the real time. */
export function withClockOffset(listener: Listener, offsetMs: () => number): Listener {
  return (request, response, target) => {
    // Real time: it stands for the clock of another machine, which no test sets.
    if (offsetMs() !== 0) response.setHeader('date', new Date(Date.now() + offsetMs()).toUTCString());
    return listener(request, response, target);
  };
}
