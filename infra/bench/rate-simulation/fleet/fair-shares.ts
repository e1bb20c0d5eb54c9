/** How much each bot can do, and which bots serve each community. */
export interface Fleet {
  readonly capacities: readonly number[];
  readonly botsOf: readonly (readonly number[])[];
}

/**
 * The max-min fair shares of communities that always want more: nobody can get more without taking it from somebody who
 * has no more. Found by raising all of them together, and stopping those that can rise no further.
 */
export function fairShares(fleet: Fleet): readonly number[] {
  const shares = new Array<number | undefined>(fleet.botsOf.length).fill(undefined);
  const total = fleet.capacities.reduce((sum, each) => sum + each, 0);
  const raised = (level: number, only?: number): readonly number[] =>
    shares.map((share, index) => share ?? (only === undefined || only === index ? level : Math.min(level, low)));
  let low = 0;
  while (shares.includes(undefined)) {
    let high = total;
    for (let step = 0; step < 30; step += 1) {
      const middle = (low + high) / 2;
      if (isPossible(fleet, raised(middle))) low = middle;
      else high = middle;
    }
    const stopped = shares.flatMap((share, index) =>
      share === undefined && !isPossible(fleet, raised(low * 1.001 + 1e-6, index)) ? [index] : [],
    );
    for (const index of stopped) shares[index] = low;
    if (stopped.length === 0) break;
  }
  return shares.map((share) => share ?? low);
}

/** Whether the bots can give every community so much: a maximum flow, by paths that are augmented. */
function isPossible({ capacities, botsOf }: Fleet, wanted: readonly number[]): boolean {
  const left = [...capacities];
  const given = botsOf.map(() => new Map<number, number>());
  const giveTo = (community: number, amount: number, seen: Set<number>): number => {
    for (const bot of botsOf[community] ?? []) {
      if (seen.has(bot)) continue;
      seen.add(bot);
      let taken = Math.min(amount, left[bot] ?? 0);
      left[bot] = (left[bot] ?? 0) - taken;
      // Somebody else who has of this bot may take from another one instead.
      for (let other = 0; other < given.length && taken < 1e-9; other += 1) {
        const has = other === community ? 0 : (given[other]?.get(bot) ?? 0);
        if (has <= 1e-9) continue;
        taken = giveTo(other, Math.min(amount, has), seen);
        given[other]?.set(bot, has - taken);
      }
      if (taken <= 1e-9) continue;
      given[community]?.set(bot, (given[community].get(bot) ?? 0) + taken);
      return taken;
    }
    return 0;
  };
  return wanted.every((amount, community) => {
    let missing = amount;
    while (missing > 1e-7) {
      const got = giveTo(community, missing, new Set());
      if (got <= 1e-9) return false;
      missing -= got;
    }
    return true;
  });
}
