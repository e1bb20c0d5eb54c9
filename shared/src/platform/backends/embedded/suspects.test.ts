import { appendFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createLogger } from '../../log/logger.ts';
import type { Clock } from '../../ports/clock.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import { DispatchLoop, type DispatchSource } from './dispatch-loop.ts';
import { Suspects, WATCHED_MS } from './suspects.ts';
import { silentLog, temporaryFolder } from './testing/embedded-for-test.ts';
import { UnderWayJournal } from './under-way-journal.ts';

/** As many as make the handlers give up. */
const GIVEN_UP_AT = 4;

/** What outlives the process: the folder, and what is due. */
class Machine implements Disposable {
  readonly clock = new ManualClock();
  readonly due = new Map<string, Set<number>>();
  /** The most deaths that were told of each. */
  readonly deaths = new Map<number, number>();
  readonly folder = temporaryFolder();
  starts = 0;

  add(source: string, keys: Iterable<number>): void {
    this.due.set(source, new Set([...(this.due.get(source) ?? []), ...keys]));
  }

  waiting(): number[] {
    return [...this.due.values()].flatMap((keys) => [...keys]).sort((a, b) => a - b);
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }
}

/** What a message does to its handler. */
type Nature = 'harmless' | 'kills' | 'hangs' | 'kills later';

/** A process on that machine; dead, it does nothing any more and has closed nothing. */
class Life {
  #isDead = false;
  readonly handled: number[] = [];
  readonly #machine: Machine;
  readonly #suspects: Suspects;
  readonly #loops: DispatchLoop<number>[];
  atWork = 0;

  constructor(machine: Machine, natureOf: (key: number) => Nature, maxConcurrency = 20) {
    this.#machine = machine;
    machine.starts += 1;
    const journal = new UnderWayJournal(machine.folder.path, machine.starts, silentLog);
    // The timers of a process end with it.
    const clock: Clock = {
      now: () => machine.clock.now(),
      monotonicMs: () => machine.clock.monotonicMs(),
      sleep: (durationMs, signal) =>
        machine.clock.sleep(durationMs, signal).then(() => (this.#isDead ? new Promise(() => undefined) : undefined)),
    };
    this.#suspects = new Suspects(journal, clock);
    this.#loops = [...machine.due].map(([name, keys]) => {
      const source = this.#source(name, keys, natureOf);
      const suspicion = this.#suspects.of(name, () => {
        loop.wake();
      });
      const ended = (key: number): void => {
        if (!this.#isDead) suspicion.ended(key);
      };
      const loop = new DispatchLoop(
        source,
        {
          maxConcurrency,
          deadlineMs: 60_000,
          suspicion: Object.create(suspicion, { ended: { value: ended } }) as typeof suspicion,
        },
        clock,
        silentLog,
      );
      loop.wake();
      return loop;
    });
  }

  hasDied(): boolean {
    return this.#isDead;
  }

  die(): void {
    this.#isDead = true;
    for (const loop of this.#loops) void loop.stop(0);
  }

  async end(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop(0)));
    this.#suspects.close();
    this.#isDead = true;
  }

  async live(durationMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs && !this.#isDead; passedMs += 50) {
      for (let turn = 0; turn < 6; turn += 1) await nextTurn();
      if (!this.hasDied()) this.#machine.clock.advance(50);
    }
    for (let turn = 0; turn < 6; turn += 1) await nextTurn();
  }

  #source(name: string, keys: Set<number>, natureOf: (key: number) => Nature): DispatchSource<number> {
    const { deaths, clock } = this.#machine;
    return {
      name,
      dueKeys: (_nowMs, limit) => [...keys].slice(0, limit),
      nextDueAt: () => undefined,
      load: (key, processDeaths) => {
        deaths.set(key, Math.max(processDeaths, deaths.get(key) ?? 0));
        return keys.has(key) ? key : undefined;
      },
      handle: async (key) => {
        if (this.#isDead) return new Promise(() => undefined);
        this.handled.push(key);
        if ((deaths.get(key) ?? 0) >= GIVEN_UP_AT) return;
        const nature = natureOf(key);
        if (nature === 'kills') this.die();
        if (nature === 'kills later') await clock.sleep(500).then(() => this.die());
        if (nature === 'hangs') await clock.sleep(30_000);
        if (this.hasDied()) await new Promise(() => undefined);
      },
      succeeded: (key) => {
        if (!this.#isDead) keys.delete(key);
        return Promise.resolve();
      },
      failed: () => Promise.resolve(),
    };
  }
}

const GUILTY = 7;

describe('a message that kills the process', () => {
  test.each(['kills', 'kills later'] as const)(
    '(%s) is found out among its neighbours, told its deaths, and no other is',
    async (nature) => {
      using machine = new Machine();
      machine.add('messages', [1, 2, 3, 4, GUILTY, 8, 9]);
      machine.add('tasks', [101, 102, 103]);
      const natureOf = (key: number): Nature => (key === GUILTY ? nature : 'harmless');
      let lives = 0;
      while (machine.waiting().length > 0 && lives < 20) {
        lives += 1;
        const life = new Life(machine, natureOf);
        // Everybody else is through after the third start, however often the guilty one still kills.
        await life.live(20_000);
        if (lives === 4) expect(machine.waiting()).toEqual([GUILTY]);
        if (!life.hasDied()) await life.end();
      }
      expect(machine.deaths.get(GUILTY)).toBe(GIVEN_UP_AT);
      expect(lives).toBe(GIVEN_UP_AT + 3);
      for (const [key, deaths] of machine.deaths) if (key !== GUILTY) expect(deaths).toBe(0);
    },
  );

  test('leaves what comes meanwhile its time: it starts later after each death, and alone', async () => {
    using machine = new Machine();
    machine.add('messages', [GUILTY]);
    const natureOf = (key: number): Nature => (key === GUILTY ? 'kills' : 'harmless');
    for (const untilDeathMs of [0, 0, 0, 1_000, 4_000, 7_000]) {
      machine.add('messages', [machine.starts + 100]);
      const startedAt = machine.clock.monotonicMs();
      const life = new Life(machine, natureOf);
      await life.live(20_000);
      expect(machine.clock.monotonicMs() - startedAt).toBe(untilDeathMs);
      if (untilDeathMs > 0) expect(machine.waiting()).toEqual([GUILTY]);
    }
  });

  test('does not hide behind an end in good order of the process between its deaths', async () => {
    using machine = new Machine();
    machine.add('messages', [GUILTY]);
    const natureOf = (): Nature => 'kills';
    for (let death = 0; death < 4; death += 1) await new Life(machine, natureOf).live(20_000);
    const stoppedBefore = new Life(machine, natureOf);
    await stoppedBefore.end();
    const last = new Life(machine, natureOf);
    await last.live(10_000);
    expect(machine.deaths.get(GUILTY)).toBe(2);
  });
});

test('property: two hundred kills from outside give up no message, also where handlers hang', async () => {
  for (const [seed, hanging] of [
    [1, 0.02],
    [2, 0.3],
    [3, 1],
  ] as const) {
    using machine = new Machine();
    const random = seededRandom(seed);
    const natures = new Map<number, Nature>();
    const natureOf = (key: number): Nature => {
      if (!natures.has(key)) natures.set(key, random() < hanging ? 'hangs' : 'harmless');
      return natures.get(key) ?? 'harmless';
    };
    for (let kill = 0; kill < 200; kill += 1) {
      machine.add('messages', [kill * 3, kill * 3 + 1]);
      machine.add('tasks', [kill * 3 + 2]);
      const life = new Life(machine, natureOf, 5);
      // A supervisor's patience: now always the same, now any.
      await life.live(kill < 100 ? 1_500 : Math.floor(random() * 3_000));
      life.die();
    }
    expect(Math.max(...machine.deaths.values())).toBeLessThan(GIVEN_UP_AT);
    const last = new Life(machine, () => 'harmless', 5);
    await last.live(60_000);
    expect(machine.waiting()).toEqual([]);
    await last.end();
  }
});

describe('the journal', () => {
  /** After a life that did not end in good order. */
  function watching(folder: string, startNumber: number): UnderWayJournal {
    new UnderWayJournal(folder, startNumber - 1, silentLog);
    return new UnderWayJournal(folder, startNumber, silentLog);
  }

  test('is not kept before anything has died, nor after an orderly end, and no longer than an hour after a death', () => {
    using folder = temporaryFolder();
    const first = new UnderWayJournal(folder.path, 1, silentLog);
    expect(first.isWatching).toBe(false);
    first.started('messages', [1]);
    first.close([]);
    const second = new UnderWayJournal(folder.path, 2, silentLog);
    expect(second.isWatching).toBe(false);
    second.started('messages', [1]);
    const third = new UnderWayJournal(folder.path, 3, silentLog);
    expect([third.left, third.isWatching]).toEqual([[], true]);
    const clock = new ManualClock();
    const suspicion = new Suspects(third, clock).of('messages', () => undefined);
    suspicion.started([1]);
    clock.advance(WATCHED_MS + 1);
    suspicion.started([2]);
    expect(third.isWatching).toBe(false);
    expect(new UnderWayJournal(folder.path, 4, silentLog).left).toEqual([]);
  });

  test('of another store, or of a life before the last one, counts for nothing', () => {
    using folder = temporaryFolder();
    watching(folder.path, 4).started('messages', [1]);
    expect(new UnderWayJournal(folder.path, 6, silentLog).left).toEqual([]);
    watching(folder.path, 8).started('messages', [1]);
    expect(new UnderWayJournal(folder.path, 9, silentLog).left).toEqual([{ source: 'messages', key: 1, deaths: 0 }]);
  });

  test('with lines that nobody can read is read as far as it can be', () => {
    using folder = temporaryFolder();
    const journal = watching(folder.path, 1);
    journal.started('messages', [1, 2]);
    appendFileSync(join(folder.path, 'under-way'), 'nonsense\n+messages x\n-\n\u0000\n?messages 1 many\n+messages\n');
    journal.ended('messages', 2, true);
    expect(new UnderWayJournal(folder.path, 2, silentLog).left).toEqual([{ source: 'messages', key: 1, deaths: 0 }]);
  });

  test('stays short, and loses nobody when it is written anew', () => {
    using folder = temporaryFolder();
    const journal = watching(folder.path, 1);
    const suspicion = new Suspects(journal, new ManualClock()).of('messages', () => undefined);
    suspicion.started([0]);
    for (let key = 1; key < 50_000; key += 1) {
      suspicion.started([key]);
      suspicion.ended(key);
    }
    expect(statSync(join(folder.path, 'under-way')).size).toBeLessThan(300_000);
    expect(new UnderWayJournal(folder.path, 2, silentLog).left).toContainEqual({
      source: 'messages',
      key: 0,
      deaths: 0,
    });
  });

  test('that cannot be opened is told in the log, and everything goes on', () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'under-way'));
    const lines: string[] = [];
    const journal = new UnderWayJournal(
      folder.path,
      1,
      createLogger({ level: 'warn', secrets: [], write: (line) => lines.push(line) }),
    );
    journal.started('messages', [1]);
    journal.ended('messages', 1, true);
    journal.close([]);
    expect(lines).toEqual([expect.stringContaining('cannot be opened')]);
  });

  test('of an orderly end accuses nobody', () => {
    using folder = temporaryFolder();
    const journal = watching(folder.path, 1);
    journal.started('messages', [1]);
    journal.close([]);
    expect(new UnderWayJournal(folder.path, 2, silentLog).left).toEqual([]);
  });
});
