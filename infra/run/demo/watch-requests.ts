import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { UsageError } from '../../ops/command-line/usage-error.ts';
import { SIMULATED_CHAT_ID } from '../local/simulated-communities.ts';
import { atOnce } from '../at-once.ts';
import { call, describeFault, describeRefusal } from './call.ts';
import { isObject } from './is-object.ts';
import { STAGES, type Ledger, type Tracked } from './ledger.ts';
import type { SimulatorControl } from './simulator-control.ts';

const LOOKING_AT_ONCE = 16;
/** Looks in vain that end a round: asking should not cost the system more than the work itself. */
const MISSES_PER_SCAN = 24;
const PAUSE_BETWEEN_ROUNDS_MS = 200;

export interface WatchDeps {
  readonly url: string;
  readonly apiKey: string;
  readonly ledger: Ledger;
  /** Undefined when nobody joins. */
  readonly simulator: SimulatorControl | undefined;
  readonly signal: AbortSignal;
}

/**
 * Follows every acknowledged purchase by the status look-up, and lets buyers join once WebEngage has their link. Ends
 * when `sending` is over and nothing more can be expected, or when `signal` aborts.
 * @throws UsageError when the look-up is refused.
 */
export async function watchRequests(sending: { readonly isOver: boolean }, deps: WatchDeps): Promise<void> {
  const { ledger, signal } = deps;
  const rounds = STAGES.map((stage) => roundsThrough(ledger.waiting[stage], deps));
  while (!signal.aborted && !(sending.isOver && !ledger.hasHope)) {
    // Last stage first, so that one look does not count twice in a round.
    for (const round of rounds.toReversed()) await round();
    await systemClock.sleep(PAUSE_BETWEEN_ROUNDS_MS, signal);
  }
}

/** Each stage by itself: when WebEngage makes its events wait, links are still seen to arrive. */
function roundsThrough(waiting: Set<Tracked>, deps: WatchDeps): () => Promise<void> {
  let rotation = waiting.values();
  return async () => {
    const sawAll = await scan(waiting.values(), deps);
    if (sawAll) return;
    // Some that hang at the front must not hide the rest: go on where the last round stopped.
    const reachedEnd = await scan(rotation, deps);
    if (reachedEnd) rotation = waiting.values();
  };
}

/** Oldest first, since they are ready first. False when it stopped before the end because too many had nothing new. */
async function scan(candidates: Iterator<Tracked>, deps: WatchDeps): Promise<boolean> {
  let misses = 0;
  let reachedEnd = false;
  const next = (): IteratorResult<Tracked> => {
    if (misses >= MISSES_PER_SCAN || deps.signal.aborted) return { done: true, value: undefined };
    const result = candidates.next();
    reachedEnd ||= result.done === true;
    return result;
  };
  await atOnce(LOOKING_AT_ONCE, { next }, async (tracked) => {
    if (tracked.isFinal) return;
    const before = tracked.waitsFor;
    await look(tracked, deps);
    if (tracked.waitsFor === before) misses += 1;
  });
  return reachedEnd;
}

async function look(tracked: Tracked, deps: WatchDeps): Promise<void> {
  const { url, apiKey, ledger, signal } = deps;
  let body: unknown;
  try {
    const answer = await call(`${url}/v1/invite/requests/${tracked.requestId}`, {
      headers: { authorization: `Bearer ${apiKey}` },
      signal,
    });
    if (answer.status === 401 || answer.status === 403)
      throw new UsageError(`The status look-up was refused: ${describeRefusal(answer)}`);
    // 404 is normal in the moment after the acknowledgement.
    if (answer.status !== 200) {
      tracked.status = describeRefusal(answer);
      return;
    }
    body = answer.body;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (!signal.aborted) tracked.status = describeFault(error);
    return;
  }
  if (!isObject(body)) return;
  record(tracked, body, ledger);
  if (tracked.waitsFor === 'joins') await join(tracked, deps);
}

/** Takes in the answer of GET /v1/invite/requests/{requestId}. */
function record(tracked: Tracked, body: Readonly<Record<string, unknown>>, ledger: Ledger): void {
  const { durationsMs } = ledger;
  const status = String(body['status']);
  tracked.status = describeStatus(status, body);
  tracked.isFinal = status === 'FAILED';
  const link = status === 'DONE' && typeof body['inviteLink'] === 'string' ? body['inviteLink'] : undefined;
  const createdAt = timeOf(body['createdAt']);
  if (link !== undefined && tracked.inviteLink === undefined)
    note(durationsMs.toLink, createdAt, timeOf(body['linkCreatedAt']));
  const linkEventSeen = body['weLinkEventFired'] === true;
  if (linkEventSeen && !tracked.linkEventSeen)
    note(durationsMs.toLinkEvent, createdAt, timeOf(body['linkEventSentAt']));
  const joinEventSeen = body['joinEventFired'] === true;
  if (joinEventSeen && !tracked.joinEventSeen && typeof tracked.joined === 'number') {
    note(durationsMs.joinToEvent, tracked.joined, timeOf(body['joinEventSentAt']));
  }
  const usedBefore = tracked.joined === undefined && body['joinedAt'] !== undefined;
  ledger.advance(tracked, {
    inviteLink: link,
    linkEventSeen,
    joinEventSeen,
    ...(usedBefore ? { joined: 'before' } : {}),
  });
}

async function join(tracked: Tracked, { simulator, ledger }: WatchDeps): Promise<void> {
  if (simulator === undefined || tracked.inviteLink === undefined) return;
  if (ledger.plan.communities.length > 1 && !(await leadsIntoItsChat(tracked, tracked.inviteLink, simulator, ledger)))
    return;
  const startedAt = Date.now();
  const answer = await simulator.join(tracked.inviteLink);
  if (answer.accepted) {
    ledger.advance(tracked, { joined: answer.atOnce ? startedAt : 'before' });
  } else {
    tracked.status = `${tracked.status}; the join was refused: ${answer.reason}`;
    tracked.isFinal = answer.isFinal;
  }
}

async function leadsIntoItsChat(
  tracked: Tracked,
  inviteLink: string,
  simulator: SimulatorControl,
  ledger: Ledger,
): Promise<boolean> {
  const chatId = await simulator.chatOf(inviteLink);
  if (chatId === undefined) return false;
  const right = tracked.purchase.community?.chatId ?? SIMULATED_CHAT_ID;
  if (chatId === right) return true;
  tracked.isFinal = true;
  const reason = `its link leads into chat ${chatId}, and what was bought is ${right}`;
  ledger.wrong.push({ origin: tracked.purchase.origin, reason });
  return false;
}

function describeStatus(status: string, body: Readonly<Record<string, unknown>>): string {
  const attempts = typeof body['attempts'] === 'number' && body['attempts'] > 0 ? [`attempts ${body['attempts']}`] : [];
  const events =
    status === 'DONE'
      ? [`link event ${sent(body['weLinkEventFired'])}, joined event ${sent(body['joinEventFired'])}`]
      : [];
  const { lastError } = body;
  const error = isObject(lastError) ? [`last error ${String(lastError['code'])}: ${String(lastError['message'])}`] : [];
  return [status, ...attempts, ...events, ...error].join(', ');
}

function sent(fired: unknown): string {
  return fired === true ? 'sent' : 'not sent';
}

function timeOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : NaN;
}

// The clock of another machine may be behind ours; nothing arrives before it was sent.
function note(durations: number[], fromMs: number, toMs: number): void {
  if (!Number.isNaN(toMs - fromMs)) durations.push(Math.max(0, toMs - fromMs));
}
