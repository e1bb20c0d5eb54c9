import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { FaultScript } from '../http/faults.ts';

export interface WebEngageOptions {
  readonly licenseCode: string;
  readonly apiKey: string;
  /** 5000 by default, as WebEngage documents. */
  readonly eventsPerMinute?: number | 'unlimited';
  /** System clock by default. */
  readonly clock?: Clock;
  /** Keep every event and user; true by default. Switch it off for millions of them: the counts stay. */
  readonly recordEvents?: boolean;
}

/** A call as a fault hook sees it; `body` is undefined when it was no JSON. */
export interface WebEngageCall {
  readonly body: unknown;
  readonly requestIdHeader: string | undefined;
  /** 1-based. */
  readonly callNumber: number;
}

export interface RecordedEvent {
  /** ms since the epoch. */
  readonly receivedAt: number;
  readonly userId: string;
  readonly eventName: string;
  /** As it was sent; undefined when absent. */
  readonly eventTime: string | undefined;
  /** Without the attributes whose type differed from their first one. */
  readonly eventData: Readonly<Record<string, unknown>>;
  readonly requestIdHeader: string | undefined;
}

export interface WebEngageSimulator {
  /** Events go to `${url}/v1/accounts/{licence}/events`, attributes of users to `/users`. */
  readonly url: string;
  readonly licenseCode: string;
  readonly apiKey: string;
  /** The method names of its calls are `events` and `users`. */
  readonly faults: FaultScript<WebEngageCall>;
  /** Empty when not recorded. */
  readonly events: readonly RecordedEvent[];
  readonly eventCount: number;
  /** The attributes of each user that was set, by userId; empty when events are not recorded. */
  readonly users: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Recorded events with this name. */
  countOf(eventName: string): number;
  countsByName(): Record<string, number>;
  /** Calls that arrived, refused ones too. */
  readonly calls: number;
  /** Answered with success, but left out as repeats of an x-request-id. */
  readonly repeatsIgnored: number;
  /** Answered with success, but left out because the name starts with `we_`. */
  readonly reservedNamesIgnored: number;
  /** Attributes left out because their type differed from the first one seen. */
  readonly attributesIgnored: number;
  /** Answered with 429, scripted ones too. */
  readonly tooManyRequests: number;
  /** What the Date header of answers is ahead of the clock, ms; 0 to begin with. */
  clockOffsetMs: number;
  close(): Promise<void>;
}
