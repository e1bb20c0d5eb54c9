import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import type { Examination } from '@paid-community/shared/health/answer-health-check.ts';
import { clockSkewFinding, type TimedAnswer } from '@paid-community/shared/health/clock-skew.ts';
import { explainError } from '@paid-community/shared/outside-errors/explain-error.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { WebEngageAnswer } from '../webengage/answer.ts';
import type { WebEngageClient } from '../webengage/client.ts';
import { WebEngageCallError } from '../webengage/errors.ts';

/** Short: somebody waits for the answer, and the next look follows in minutes. */
const LOOK_TIMEOUT_MS = 4_000;

const CREDENTIALS = 'webengage_credentials';
const REACHABLE = 'webengage_api';

/**
 * Whether WebEngage takes our key and licence at this data centre, without an event for anybody. By its documentation a
 * wrong key is answered with 401, and a wrong licence, or one of another data centre, with 404; that a body it cannot
 * use is refused only after both (400) could not be tried on a real account.
 */
export async function examineWebEngage({
  webEngage,
  clock,
}: {
  readonly webEngage: WebEngageClient;
  readonly clock: Clock;
}): Promise<Examination> {
  const sentAt = clock.now();
  try {
    const answer = await webEngage.probe(LOOK_TIMEOUT_MS);
    const { serverTimeMs } = answer;
    const timed: TimedAnswer | undefined =
      serverTimeMs === undefined ? undefined : { sentAt, answeredAt: clock.now(), serverTimeMs };
    return {
      findings: [
        apiFinding(answer),
        credentialsFinding(answer, webEngage.apiRoot),
        clockSkewFinding('clock_webengage', 'WebEngage', timed),
      ],
    };
  } catch (error) {
    if (!(error instanceof WebEngageCallError)) throw error;
    const silent: Finding = {
      check: REACHABLE,
      state: 'failing',
      meaning: error.message,
      advice:
        'Events are kept and sent when it answers again. Check the network and WEBENGAGE_API_ROOT; otherwise wait',
    };
    return {
      findings: [silent, unseen('it did not answer'), clockSkewFinding('clock_webengage', 'WebEngage', undefined)],
    };
  }
}

function apiFinding({ status }: WebEngageAnswer): Finding {
  if (status < 500) return { check: REACHABLE, state: 'ok', meaning: 'WebEngage answers' };
  return {
    check: REACHABLE,
    state: 'failing',
    meaning: `WebEngage has trouble of its own (${status})`,
    advice: 'Events are kept and sent when it has passed; see status.webengage.com',
  };
}

function credentialsFinding({ status, body }: WebEngageAnswer, apiRoot: string): Finding {
  const check = CREDENTIALS;
  if (status >= 500) return unseen(`it has trouble of its own (${status})`);
  const { kind, meaning = '', advice = '' } = explainError({ code: `webengage_${status}`, message: body }) ?? {};
  if (kind === 'administrator')
    return {
      check,
      state: 'failing',
      meaning: `${meaning} (${status}), at ${apiRoot}`,
      advice: `${advice}. Events wait meanwhile`,
    };
  if (kind === 'wait') return { check, state: 'warning', meaning: `${meaning} (${status})`, advice };
  return { check, state: 'ok', meaning: `WebEngage takes key and licence at ${apiRoot}` };
}

function unseen(why: string): Finding {
  return { check: CREDENTIALS, state: 'unknown', meaning: `Not seen: ${why}` };
}
