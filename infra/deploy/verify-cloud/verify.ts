import { Advice } from './advice.ts';
import { buy, reach, tryKeys } from './before-purchase.ts';
import { findFailing } from './diagnosis.ts';
import { erase } from './erase.ts';
import { followPurchase } from './follow-purchase.ts';
import { connectIntake } from './intake.ts';
import type { VerifyOptions } from './options.ts';
import { StepFailed } from './step-failed.ts';

const STEPS = [
  'intake-service is reached',
  'the keys are taken',
  'a purchase is acknowledged',
  'Pub/Sub brings it to link-worker',
  'Cloud Tasks calls link-worker',
  'Telegram makes the link',
  'WebEngage takes the event',
  'the doctor finds nothing that fails',
  'the test person is erased',
] as const;

type Say = (line: string) => void;

/**
 * Sends one purchase of a made-up user through the whole system. It is erased at the end, also after a failure.
 * @throws StepFailed at the first step that fails.
 */
export async function verify(options: VerifyOptions, say: Say): Promise<void> {
  const intake = connectIntake(options.url);
  const userId = `verify-cloud-${new Date().toISOString()}`;
  const advice = new Advice(options);
  let number = 0;
  const step = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const name = `[${(number += 1)}/${STEPS.length}] ${STEPS[number - 1] ?? ''}`;
    say(name);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      throw new StepFailed(`Stopped at ${name}: ${error.message}`, error.advice, { cause: error });
    }
  };

  await step(() => reach(intake, advice));
  await step(() => tryKeys(intake, options));
  const requestId = await step(() => buy(intake, options.key, userId, advice));
  say(`  as ${userId}, request ${requestId}`);
  try {
    await followPurchase({ intake, options, requestId, advice, say, step });
    await step(async () => {
      const failing = await findFailing(intake, options.operatorKey);
      if (failing.length > 0)
        throw new StepFailed(
          failing.map(({ service, check, meaning }) => `${service} ${check}: ${meaning}`).join('; '),
          failing.flatMap((finding) => finding.advice ?? []),
        );
    });
  } catch (error) {
    say('The test person is erased all the same:');
    // The step that failed is what is to be told.
    await erase({ intake, operatorKey: options.operatorKey, userId, requestId }, say).catch((second: unknown) =>
      say(second instanceof Error ? second.message : 'It was not erased'),
    );
    throw error;
  }
  await step(() => erase({ intake, operatorKey: options.operatorKey, userId, requestId }, say));
  say('Everything works.');
}
