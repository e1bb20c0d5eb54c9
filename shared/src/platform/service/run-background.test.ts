import { expect, test } from '@jest/globals';
import { createLogger } from '../log/logger.ts';
import { eventually } from '../testing/eventually.ts';
import { runBackground } from './run-background.ts';

const clock = { sleep: () => Promise.resolve() };

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

test('work that fails is an error line that names the service, and begins again', async () => {
  const lines: string[] = [];
  const log = createLogger({ level: 'info', secrets: [], write: (line) => lines.push(line) });
  let begun = 0;
  const background = (signal: AbortSignal): Promise<void> => {
    begun += 1;
    return begun < 3 ? Promise.reject(new Error(`failure ${begun}`)) : untilAborted(signal);
  };
  const running = runBackground([{ name: 'join-tracker', background }], { clock, log });
  await eventually(() => begun === 3);
  await running.stop();
  expect(begun).toBe(3);
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { level: 'error', service: 'join-tracker', error: { message: 'failure 1' } },
    { level: 'error', service: 'join-tracker', error: { message: 'failure 2' } },
  ]);
});

test('a stop aborts the work and waits until it has ended', async () => {
  const log = createLogger({ level: 'silent', secrets: [] });
  let ended = false;
  const background = async (signal: AbortSignal): Promise<void> => {
    await untilAborted(signal);
    await new Promise(setImmediate);
    ended = true;
  };
  await runBackground([{ name: 'join-tracker', background }], { clock, log }).stop();
  expect(ended).toBe(true);
});

test('work that is done is not begun again', async () => {
  const log = createLogger({ level: 'silent', secrets: [] });
  let begun = 0;
  const background = (): Promise<void> => {
    begun += 1;
    return Promise.resolve();
  };
  const running = runBackground([{ name: 'link-worker', background }, { name: 'intake-service' }], { clock, log });
  await new Promise(setImmediate);
  await running.stop();
  expect(begun).toBe(1);
});
