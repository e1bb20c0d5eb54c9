import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { RepeatWindow } from './repeat-window.ts';
import { attributeType } from './validate-event.ts';
import type { ValidEvent, ValidUser } from './validate-event.ts';
import type { RecordedEvent } from './webengage-simulator.ts';

/** Names that WebEngage keeps for itself: such events are answered with success and left out [we]. */
const RESERVED_PREFIX = 'we_';

/** What was ingested, and what was answered with success and left out all the same. */
export class EventJournal {
  readonly #clock: Clock;
  readonly #recordEvents: boolean;
  readonly #repeats: RepeatWindow;
  readonly #counts = new Map<string, number>();
  readonly #attributeTypes = new Map<string, string>();
  readonly events: RecordedEvent[] = [];
  readonly users = new Map<string, Readonly<Record<string, unknown>>>();
  eventCount = 0;
  repeatsIgnored = 0;
  reservedNamesIgnored = 0;
  attributesIgnored = 0;

  constructor(clock: Clock, recordEvents: boolean) {
    this.#clock = clock;
    this.#recordEvents = recordEvents;
    this.#repeats = new RepeatWindow(clock);
  }

  countOf(eventName: string): number {
    return this.#counts.get(eventName) ?? 0;
  }

  countsByName(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  ingest(event: ValidEvent, requestIdHeader: string | undefined): void {
    // Only a hexadecimal id takes part in the comparison [we].
    const requestId =
      requestIdHeader !== undefined && /^[0-9a-f]+$/i.test(requestIdHeader) ? requestIdHeader.toLowerCase() : undefined;
    if (requestId !== undefined && this.#repeats.has(requestId)) {
      this.repeatsIgnored += 1;
      return;
    }
    if (event.eventName.startsWith(RESERVED_PREFIX)) {
      this.reservedNamesIgnored += 1;
      return;
    }
    if (requestId !== undefined) this.#repeats.add(requestId);
    this.eventCount += 1;
    this.#counts.set(event.eventName, this.countOf(event.eventName) + 1);
    const eventData = this.#keepFirstTypes(event.eventName, event.eventData);
    if (this.#recordEvents) this.events.push({ ...event, eventData, requestIdHeader, receivedAt: this.#clock.now() });
  }

  /** Attributes that are not named stay as they are. */
  ingestUser({ userId, attributes }: ValidUser): void {
    const kept = this.#keepFirstTypes('', attributes);
    if (this.#recordEvents) this.users.set(userId, { ...this.users.get(userId), ...kept });
  }

  /**
   * The first value of an attribute fixes its type, for an event by its name; later values of another type are not
   * recorded [we].
   */
  #keepFirstTypes(eventName: string, attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const kept: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(attributes)) {
      const attribute = `${eventName} ${name}`;
      const type = attributeType(value);
      const firstType = this.#attributeTypes.get(attribute);
      if (firstType === undefined) this.#attributeTypes.set(attribute, type);
      if (firstType === undefined || firstType === type) kept[name] = value;
      else this.attributesIgnored += 1;
    }
    return kept;
  }
}
