import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { withEmulators } from '../emulators/with-emulators.ts';
import { sharedEmulator } from '../emulators/shared-emulators.ts';
import { BOT_TOKEN, CHAT_ID } from '../e2e/harness/credentials.ts';
import { SystemProcess } from '../e2e/harness/system-process.ts';
import { startTelegramSimulator } from '../../run/simulators/telegram/start-telegram-simulator.ts';
import type { PacedCallerOptions } from './harness/paced-caller.ts';

const LINKS = 40;
const PER_SECOND = 10;
const STOP_SECONDS = 4;

withEmulators(['cloud-firestore-emulator'], () => {
  const firestore = sharedEmulator('firestore');

  test('two processes keep one pace on Firestore, and a stop that one of them is told', async () => {
    const telegram = await startTelegramSimulator({
      botToken: BOT_TOKEN,
      chatId: CHAT_ID,
      linkCallsPerSecond: 'unlimited',
    });
    telegram.faults.behaviour = ({ method, callNumber }) =>
      method === 'createChatInviteLink' && callNumber === 30
        ? { kind: 'too-many-requests', retryAfter: STOP_SECONDS }
        : undefined;
    const options: PacedCallerOptions = {
      projectId: `pace-${randomBytes(4).toString('hex')}`,
      firestoreHost: firestore(),
      apiRoot: telegram.url,
      token: BOT_TOKEN,
      chatId: CHAT_ID,
      links: LINKS,
      perSecond: PER_SECOND,
    };
    const processes = ['first', 'second'].map(
      () => new SystemProcess('infra/tests/e2e-gcp/harness/paced-caller.ts', {}, [JSON.stringify(options)]),
    );
    try {
      const exits = await Promise.all(processes.map(async ({ exited }) => exited));
      expect({ exits, said: processes.map(({ stderr }) => stderr).join('') }).toMatchObject({
        exits: [{ code: 0 }, { code: 0 }],
      });
      const { linkCallTimes, tooManyRequests, callsDuringStop } = telegram.calls;
      // One call may have been on its way when the other was refused.
      expect(callsDuringStop).toBeLessThanOrEqual(1);
      expect(tooManyRequests).toBe(1 + callsDuringStop);
      expect(linkCallTimes).toHaveLength(2 * LINKS + tooManyRequests);
      const seconds = ((linkCallTimes.at(-1) ?? 0) - (linkCallTimes[0] ?? 0)) / 1_000;
      // Of arrivals only the whole is certain. The pace may have risen by two steps, to 11 a second; each alone would
      // take half the time.
      expect(seconds).toBeGreaterThan(STOP_SECONDS + (2 * LINKS) / 11.1 - 1);
    } finally {
      await Promise.all(processes.filter(({ isRunning }) => isRunning).map((process) => process.kill()));
      await telegram.close();
    }
  });
});
