import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { Turn } from '../../calls/make-call.ts';
import { MAX_WAIT_MS, type CallPacer } from '../call-pacer.ts';
import type { FairOrder, WaitingCall } from './fair-order.ts';

/** Who is next is decided so long before the call may be made: a timer that is late must not cost a part of the pace. */
const DECIDED_AHEAD_MS = 20;
/** Without a pace, a call waits until another one ends: at least so long. */
const UNPACED_CALL_MS = 1;

interface Place {
  readonly call: WaitingCall;
  readonly answer: (turn: Turn | undefined) => void;
  readonly fail: (error: unknown) => void;
  readonly left: AbortController;
}

export interface BotTurnsOptions {
  readonly pacer: CallPacer;
  readonly order: FairOrder;
  /** So many calls are under way at once. */
  readonly atOnce: number;
  /** So many calls wait in their handlers at most. */
  readonly places: () => number;
  readonly clock: Clock;
}

/**
 * The turns of one bot for one kind of call. The pacer says when; this says whose turn it is. A few calls wait in their
 * handlers, those whose turn comes first; all others learn at once that they have none.
 */
export class BotTurns {
  readonly #options: BotTurnsOptions;
  readonly #waiting: Place[] = [];
  #underWay = 0;
  #isServing = false;

  constructor(options: BotTurnsOptions) {
    this.#options = options;
  }

  /** How long a call that asks now would wait; Infinity when it would find no place. Without `call`: if it were the last. */
  waitMs(call?: WaitingCall): number {
    const { pacer, places, atOnce } = this.#options;
    let before = this.#waiting.length;
    if (call !== undefined && before > 0) {
      before = this.#inOrder(call).indexOf(call);
      if (before >= places()) return Infinity;
    }
    const toEnd = this.#underWay - atOnce + 1;
    if (pacer.perSecond === Infinity) return pacer.waitMs() + Math.max(0, before + toEnd) * UNPACED_CALL_MS;
    return pacer.waitMs() + ((before + Math.max(0, toEnd)) * 1_000) / pacer.perSecond;
  }

  /**
   * The turn of the call, which is under way then until `over` is called; or when the pacer lets it come back. Undefined:
   * it found no place, or waited for too long.
   */
  async turn(call: WaitingCall): Promise<Turn | undefined> {
    const { pacer, places, clock } = this.#options;
    if (pacer.isPaused || this.waitMs() > MAX_WAIT_MS) return undefined;
    const left = new AbortController();
    const turn = new Promise<Turn | undefined>((answer, fail) => {
      this.#waiting.push({ call, answer, fail, left });
    });
    if (this.#waiting.length > places()) this.#sendBack(this.#inOrder().at(-1));
    void this.#serve();
    void clock.sleep(MAX_WAIT_MS, left.signal).then(() => {
      this.#sendBack(call);
    });
    return turn;
  }

  over(): void {
    this.#underWay -= 1;
    void this.#serve();
  }

  async #serve(): Promise<void> {
    const { pacer, order, atOnce, clock } = this.#options;
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#waiting.length > 0 && this.#underWay < atOnce) {
      const waitMs = pacer.waitMs();
      if (pacer.isPaused || waitMs > MAX_WAIT_MS) {
        for (const call of this.#calls) this.#sendBack(call);
        break;
      }
      if (waitMs > DECIDED_AHEAD_MS) {
        await clock.sleep(waitMs - DECIDED_AHEAD_MS);
        continue;
      }
      const next = order.next(this.#calls, clock.monotonicMs());
      const place = next === undefined ? undefined : this.#leave(next);
      if (place === undefined) break;
      await this.#grant(place);
    }
    this.#isServing = false;
  }

  /** Never rejects. */
  async #grant({ call, answer, fail }: Place): Promise<void> {
    const { pacer, order, clock } = this.#options;
    try {
      const turn = await pacer.turn();
      if (turn.granted) {
        order.served(call, clock.monotonicMs());
        this.#underWay += 1;
      }
      answer(turn);
    } catch (error) {
      fail(error);
    }
  }

  get #calls(): readonly WaitingCall[] {
    return this.#waiting.map((place) => place.call);
  }

  #inOrder(...more: readonly WaitingCall[]): readonly WaitingCall[] {
    const { order, clock } = this.#options;
    return order.inOrder([...this.#calls, ...more], clock.monotonicMs());
  }

  #sendBack(call: WaitingCall | undefined): void {
    if (call !== undefined) this.#leave(call)?.answer(undefined);
  }

  #leave(call: WaitingCall): Place | undefined {
    const index = this.#waiting.findIndex((each) => each.call === call);
    if (index < 0) return undefined;
    const [place] = this.#waiting.splice(index, 1);
    place?.left.abort('left');
    return place;
  }
}
