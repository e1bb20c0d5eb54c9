import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { withClockOffset } from '../http/clock-offset.ts';
import { conclude, parseJson, readBody } from '../http/exchange.ts';
import type { Answer } from '../http/exchange.ts';
import { FaultScript } from '../http/faults.ts';
import type { Listener } from '../http/serve.ts';
import { EventJournal } from './event-journal.ts';
import { MinuteLimit } from './minute-limit.ts';
import { validateEvent, validateUser } from './validate-event.ts';
import type { WebEngageCall, WebEngageOptions, WebEngageSimulator } from './webengage-simulator.ts';

/** Documented limit of the events call [we]; here it is that of all calls. */
const DEFAULT_EVENTS_PER_MINUTE = 5000;

const PATHS = ['/events', '/users'];
const QUEUED: Answer = { status: 201, body: { response: { status: 'queued' } } };

/**
 * WebEngage's REST API, as far as this system meets it: single events and attributes of users, of one account.
 *
 * It does not imitate:
 * - bulk calls, journeys, system attributes of users: nothing happens because of an event or an attribute
 * - anonymous ids: an event without userId is refused
 * - the lag between "queued" and ingested, events of users that do not exist, account-wide attribute quotas
 * - the real shape of a minute's limit (here: minutes of the clock) and the exact wording of its errors
 * - a memory: events are gone with the process
 */
export function createWebEngageSimulator(
  options: WebEngageOptions,
  server: { readonly url: string; readonly close: () => Promise<void> },
): { readonly simulator: WebEngageSimulator; readonly listener: Listener } {
  const { licenseCode, apiKey, clock = systemClock, eventsPerMinute = DEFAULT_EVENTS_PER_MINUTE } = options;
  const faults = new FaultScript<WebEngageCall>();
  const journal = new EventJournal(clock, options.recordEvents ?? true);
  const limit = new MinuteLimit(eventsPerMinute, clock);
  const account = `/v1/accounts/${licenseCode}`;
  let calls = 0;
  let refusedForRate = 0;

  const tooManyRequests = (): Answer => {
    refusedForRate += 1;
    const limitPerMinute = limit.perMinute === 'unlimited' ? DEFAULT_EVENTS_PER_MINUTE : limit.perMinute;
    const headers = { 'x-ratelimit-limit': String(limitPerMinute), 'x-ratelimit-remaining': '0' };
    return { ...problem(429, 'Rate limit exceeded'), headers };
  };

  const listener: Listener = async (request, response, target) => {
    const text = await readBody(request);
    calls += 1;
    const header = request.headers['x-request-id'];
    const requestIdHeader = typeof header === 'string' ? header : undefined;
    const body = parseJson(text);
    const work = (): Answer => {
      if (request.headers.authorization !== `Bearer ${apiKey}`) return problem(401, 'Invalid API key');
      if (request.method !== 'POST' || !PATHS.some((path) => target === `${account}${path}`))
        return problem(404, 'No such account or path');
      if (!limit.take()) return tooManyRequests();
      if (target === `${account}/users`) {
        const user = validateUser(body);
        if (typeof user === 'string') return problem(400, user);
        journal.ingestUser(user);
        return QUEUED;
      }
      const event = validateEvent(body);
      if (typeof event === 'string') return problem(400, event);
      journal.ingest(event, requestIdHeader);
      return QUEUED;
    };
    const fault = faults.take(target.endsWith('/users') ? 'users' : 'events', {
      body,
      requestIdHeader,
      callNumber: calls,
    });
    return conclude({ response, fault, work, tooManyRequests });
  };

  const simulator: WebEngageSimulator = {
    url: server.url,
    licenseCode,
    apiKey,
    faults,
    clockOffsetMs: 0,
    events: journal.events,
    users: journal.users,
    get eventCount() {
      return journal.eventCount;
    },
    countOf: (eventName) => journal.countOf(eventName),
    countsByName: () => journal.countsByName(),
    get calls() {
      return calls;
    },
    get repeatsIgnored() {
      return journal.repeatsIgnored;
    },
    get reservedNamesIgnored() {
      return journal.reservedNamesIgnored;
    },
    get attributesIgnored() {
      return journal.attributesIgnored;
    },
    get tooManyRequests() {
      return refusedForRate;
    },
    close: () => server.close(),
  };
  return { simulator, listener: withClockOffset(listener, () => simulator.clockOffsetMs) };
}

function problem(status: number, message: string): Answer {
  return { status, body: { response: { status: 'error', message } } };
}
