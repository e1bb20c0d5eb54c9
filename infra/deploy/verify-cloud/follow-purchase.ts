import { setTimeout as sleep } from 'node:timers/promises';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { createdLinksForEventEmitter, purchasesForLinkWorker } from '@paid-community/shared/topology.ts';
import type { Advice } from './advice.ts';
import { findFailing } from './diagnosis.ts';
import { unexpected, type CallIntake } from './intake.ts';
import type { VerifyOptions } from './options.ts';
import { StepFailed } from './step-failed.ts';

const LOOK_EVERY_MS = 500;
const SAY_EVERY_MS = 5_000;

interface Status {
  readonly status: string;
  readonly attempts: number;
  readonly weLinkEventFired: boolean;
  readonly lastError?: {
    readonly code: string;
    readonly message: string;
    readonly meaning?: string;
    readonly advice?: string;
  };
}

export interface FollowOptions {
  readonly intake: CallIntake;
  readonly options: VerifyOptions;
  readonly requestId: string;
  readonly advice: Advice;
  readonly say: (line: string) => void;
  /** Names the step that the work is. */
  readonly step: (work: () => Promise<void>) => Promise<void>;
}

/** From the acknowledgement to the event: four steps, each seen by the look-up of the request. @throws StepFailed */
export async function followPurchase({ intake, options, requestId, advice, say, step }: FollowOptions): Promise<void> {
  const deadline = performance.now() + options.waitMs;
  const wait = (
    isThere: (status: Status) => boolean,
    explain: (last: Status | undefined) => Promise<StepFailed>,
  ): Promise<void> => waitFor({ look: () => lookUp(intake, options.key, requestId), isThere, explain, deadline, say });
  const doctored = async (message: string, lines: readonly string[]): Promise<StepFailed> => {
    // What is wrong may be the doctor's to say; when it cannot be asked, the rest is still worth saying.
    const failing = await findFailing(intake, options.operatorKey).catch(() => []);
    return new StepFailed(message, [
      ...failing.map(
        ({ service, check, meaning, advice: what }) =>
          `doctor: ${service} ${check}: ${meaning}${what === undefined ? '' : `. ${what}`}`,
      ),
      ...lines,
    ]);
  };
  const seconds = options.waitMs / 1_000;
  const errorOf = (last: Status | undefined): string =>
    last?.lastError === undefined ? '' : `; ${describeError(last.lastError)}`;

  await step(() =>
    wait(
      () => true,
      () =>
        doctored(`link-worker has not recorded the purchase within ${seconds} s`, [
          'Does Pub/Sub call link-worker, and what does that answer? 401 = the service refuses the token: PUSH_AUTHENTICATION must be platform there, PUSH_SERVICE_ACCOUNT and BASE_URL as declared. 403 = Cloud Run refuses it: the account pubsub-push lacks roles/run.invoker. No line at all = nobody calls.',
          advice.refusals('link-worker'),
          `Where does the subscription lead to? ${advice.subscription(purchasesForLinkWorker.name)}`,
        ]),
    ),
  );
  await step(() =>
    wait(
      ({ status, attempts, lastError }) => status !== 'QUEUED' || attempts > 0 || lastError !== undefined,
      () =>
        doctored(`the task of ${inviteQueue.name} was not carried out within ${seconds} s`, [
          `Is the queue running, and not paused? ${advice.queue()}`,
          `Does link-worker refuse it (401, 403)? ${advice.refusals('link-worker')}`,
        ]),
    ),
  );
  await step(() =>
    wait(
      ({ status }) => status === 'DONE',
      (last) =>
        doctored(`there is no link within ${seconds} s, the request is ${last?.status ?? 'gone'}${errorOf(last)}`, [
          ...(last?.lastError?.advice === undefined ? [] : [last.lastError.advice]),
          advice.log('link-worker'),
        ]),
    ),
  );
  await step(() =>
    wait(
      ({ weLinkEventFired }) => weLinkEventFired,
      async () =>
        doctored(`WebEngage has not taken the event within ${seconds} s`, [
          ...(await deadLettersOf(intake, options.operatorKey, requestId)),
          `What does event-emitter say? ${advice.log('event-emitter')}`,
          `Does it refuse Pub/Sub (401, 403)? ${advice.refusals('event-emitter')}`,
          `Where does the subscription lead to? ${advice.subscription(createdLinksForEventEmitter.name)}`,
        ]),
    ),
  );
}

/** Why it was given up, in the words of the other side. */
async function deadLettersOf(intake: CallIntake, key: string, requestId: string): Promise<readonly string[]> {
  const { status, body } = await intake(`/v1/ops/requests/${requestId}`, { key });
  if (status !== 200) return [];
  const timeline = body?.['timeline'] as readonly { readonly what: string; readonly detail?: string }[];
  return timeline.filter(({ what }) => what === 'dead letter').map(({ detail }) => `given up: ${detail ?? ''}`);
}

async function lookUp(intake: CallIntake, key: string, requestId: string): Promise<Status | undefined> {
  const answer = await intake(`/v1/invite/requests/${requestId}`, { key });
  if (answer.status === 200 && answer.body !== undefined) return answer.body as unknown as Status;
  if (answer.status === 404) return undefined;
  throw unexpected('looking up the request', answer);
}

interface Waiting {
  readonly look: () => Promise<Status | undefined>;
  readonly isThere: (status: Status) => boolean;
  readonly explain: (last: Status | undefined) => Promise<StepFailed>;
  /** Of performance.now(). */
  readonly deadline: number;
  readonly say: (line: string) => void;
}

async function waitFor({ look, isThere, explain, deadline, say }: Waiting): Promise<void> {
  let saidAt = performance.now();
  for (;;) {
    const status = await look();
    if (status !== undefined && isThere(status)) return;
    // Nothing comes of it by itself any more.
    if (status?.status === 'FAILED' || performance.now() >= deadline) throw await explain(status);
    if (performance.now() - saidAt >= SAY_EVERY_MS) {
      saidAt = performance.now();
      say(
        `  waiting: ${status === undefined ? 'not recorded yet' : `${status.status}, ${status.attempts} attempts${status.lastError === undefined ? '' : `, ${describeError(status.lastError)}`}`}`,
      );
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function describeError({ code, message, meaning }: NonNullable<Status['lastError']>): string {
  return `${code}: ${message}${meaning === undefined ? '' : ` (${meaning})`}`;
}
