import { setTimeout as pause } from 'node:timers/promises';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { simulatedCommunities, type SimulatedCommunity } from '../../local/simulated-communities.ts';
import type { Simulators } from '../../simulators/simulators.ts';
import { startSystem } from '../start-system.ts';
import { Person, type Surroundings } from './people.ts';

const PERIOD_SEC = 20;
const GRACE_SEC = 5;
const REMINDER_SEC = 10;
const TIMEOUT_MS = 120_000;
const LOOK_EVERY_MS = 100;
const EVENT_PREFIX = /^pass_paid_community_(telegram_)?/;
const PLAN = { planId: 'seconds', name: 'Some seconds', period: `PT${PERIOD_SEC}S` };
/** A change of settings would be in force after ten seconds: they are there from the connection on. */
const RULES = {
  removal: 'on',
  reminders: [`PT${REMINDER_SEC}S`],
  grace: `PT${GRACE_SEC}S`,
  revokeAfterJoin: true,
  wrongPerson: 'remove',
};

/**
 * Five people and a stranger, in a community where access lasts some seconds. Returns the exit code: 0, or 1 when
 * somebody is in who has not paid, or out who has; undefined when `interrupted` ended it.
 */
export async function runMemberships(
  { apiKey, timeoutMs = TIMEOUT_MS }: { readonly apiKey: string; readonly timeoutMs?: number | undefined },
  interrupted: AbortSignal,
): Promise<0 | 1 | undefined> {
  const { stdout, stderr } = process;
  const log = createLogger({ level: 'error', secrets: [apiKey], write: (line) => stderr.write(line) });
  const [gold] = simulatedCommunities(2);
  if (gold === undefined) throw new Error('There is no community');
  const community: SimulatedCommunity = { ...gold, rules: RULES, plan: PLAN };
  const system = await startSystem({ apiKey, communities: [community], tickSeconds: 1, log });
  const { url, simulators } = system;
  const over = new AbortController();
  const signal = AbortSignal.any([interrupted, over.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    stdout.write(
      `Access lasts ${PERIOD_SEC} s here, with a reminder ${REMINDER_SEC} s before its end and ${GRACE_SEC} s of grace.\nTelegram and WebEngage are SIMULATED. What WebEngage is told has an arrow.\n\n`,
    );
    const startedAt = performance.now();
    const say = (who: string, what: string): void => {
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      stdout.write(`${seconds.padStart(6)} s  ${who.padEnd(9)}${what}\n`);
    };
    const { chatId } = community;
    const around = { url, apiKey, planId: PLAN.planId, chatId, telegram: simulators.telegram, signal, say };
    const telling = tellEvents(simulators, say, over.signal);
    const isAsItShouldBe = await story(around);
    over.abort();
    await telling;
    return isAsItShouldBe ? 0 : 1;
  } catch (error) {
    if (interrupted.aborted) return undefined;
    throw signal.aborted ? new Error('It was not over in time', { cause: error }) : error;
  } finally {
    over.abort();
    await system.stop();
  }
}

/** Returns whether the right people are inside in the end. */
async function story(around: Surroundings): Promise<boolean> {
  const { signal } = around;
  const names = ['asha', 'ben', 'chitra', 'dev', 'esha', 'stranger'] as const;
  const [asha, ben, chitra, dev, esha, stranger] = names.map(
    (name, index) => new Person(name, 800_000_001 + index, around),
  ) as [Person, Person, Person, Person, Person, Person];

  const renews = async (person: Person): Promise<void> => {
    await pause((PERIOD_SEC - REMINDER_SEC + 2) * 1_000, undefined, { signal });
    await person.buys();
  };
  await Promise.all([
    (async () => {
      asha.opens(await asha.linkOf(await asha.buys()));
      await renews(asha);
    })(),
    (async () => {
      ben.opens(await ben.linkOf(await ben.buys()));
      await ben.isOut();
    })(),
    (async () => {
      chitra.opens(await chitra.linkOf(await chitra.buys()));
      await chitra.isOut();
      chitra.opens(await chitra.linkOf(await chitra.buys()));
    })(),
    (async () => {
      const requestId = await dev.buys({ tellsAccount: true });
      const link = await dev.linkOf(requestId);
      stranger.opens(link);
      await stranger.isOut();
      dev.opens(await dev.getsAnotherLink(requestId, link));
      await renews(dev);
    })(),
    (async () => {
      const requestId = await esha.buys();
      esha.opens(await esha.linkOf(requestId));
      await pause(5_000, undefined, { signal });
      await esha.getsMoneyBack(requestId);
      await esha.isOut();
    })(),
  ]);
  // What was done last is told, too.
  await pause(2_000, undefined, { signal });
  const paid = [asha, chitra, dev];
  const others = [ben, esha, stranger];
  const list = (people: readonly Person[]): string => people.map(({ name }) => name).join(', ');
  const inside = [...paid, ...others].filter(({ isInside }) => isInside);
  process.stdout.write(`\nhave paid: ${list(paid)}\nare inside: ${list(inside)}\n`);
  const isRight = list(inside) === list(paid);
  process.stdout.write(isRight ? 'Whoever paid is in, and nobody else.\n' : 'That is not as it should be.\n');
  return isRight;
}

/** Each event as WebEngage gets it, until `over`. */
async function tellEvents({ webengage }: Simulators, say: Surroundings['say'], over: AbortSignal): Promise<void> {
  let told = 0;
  while (!over.aborted) {
    const fresh = webengage.events.slice(told);
    told += fresh.length;
    for (const { userId, eventName } of fresh)
      say(userId, `  → ${eventName.replace(EVENT_PREFIX, '').replaceAll('_', ' ')}`);
    await pause(LOOK_EVERY_MS);
  }
}
