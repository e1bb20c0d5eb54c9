import { randomInt } from 'node:crypto';
import { canBeGiven, type PoolTimes } from '@paid-community/shared/model/links/pool-life.ts';
import { POOL_SHARDS, poolLinks, type AvailablePoolLink } from '@paid-community/shared/model/links/pool-link.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';

/** Read ahead: few for the first purchase, twice as many when those were taken soon. */
const FIRST_BATCH = 10;
const LARGEST_BATCH = 320;
const MOST_IN_A_PAGE = 1_000;
const SOON_MS = 10_000;
/** A pool that was found empty is looked at again after so long: a look that finds nothing delays a purchase. */
const EMPTY_MS = 2_000;
/** When others have taken this share of a batch, another is read, in another shard. */
const LOST_SHARE = 0.1;

type Candidate = Snapshot<AvailablePoolLink>;

interface Deps {
  readonly store: DocumentStore;
  readonly clock: Clock;
}

/**
 * Links of one community that were available when this process read them, a batch ahead. Only a hint: the commit that
 * takes a link decides. Each process begins with a shard of its own choice, and draws from its batch, so that processes
 * that have read the same links seldom want the same one.
 */
class CommunityCandidates {
  readonly #communityId: string;
  readonly #deps: Deps;
  #batch: Candidate[] = [];
  #size = FIRST_BATCH;
  #lost = 0;
  #shard = randomInt(POOL_SHARDS);
  #readAt = -Infinity;
  #emptyUntil = -Infinity;
  #reading: Promise<void> | undefined;
  /** Given out, and whether the commit is over: a batch that was read before that still has them. */
  readonly #given = new Map<string, { isOver: boolean }>();

  constructor(communityId: string, deps: Deps) {
    this.#communityId = communityId;
    this.#deps = deps;
  }

  get areThere(): boolean {
    return this.#batch.length > 0;
  }

  async next(times: PoolTimes): Promise<Candidate | undefined> {
    const { clock } = this.#deps;
    for (;;) {
      for (let drawn = this.#draw(); drawn !== undefined; drawn = this.#draw())
        if (canBeGiven(drawn.data, times, clock.now())) {
          this.#given.set(drawn.id, { isOver: false });
          return drawn;
        }
      if (clock.monotonicMs() < this.#emptyUntil) return undefined;
      // One reads for all that wait.
      this.#reading ??= this.#read(times).finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
  }

  over(id: string, isLost: boolean): void {
    const given = this.#given.get(id);
    if (given !== undefined) given.isOver = true;
    if (!isLost) return;
    this.#lost += 1;
    if (this.#lost <= LOST_SHARE * this.#size) return;
    this.#batch = [];
    this.#shard = randomInt(POOL_SHARDS);
  }

  #draw(): Candidate | undefined {
    return this.#batch.length === 0 ? undefined : this.#batch.splice(randomInt(this.#batch.length), 1)[0];
  }

  async #read(times: PoolTimes): Promise<void> {
    const { store, clock } = this.#deps;
    const isSoon = clock.monotonicMs() - this.#readAt < SOON_MS;
    this.#size = isSoon ? Math.min(2 * this.#size, LARGEST_BATCH) : FIRST_BATCH;
    this.#lost = 0;
    for (const [id, { isOver }] of this.#given) if (isOver) this.#given.delete(id);
    for (let looked = 0; looked < POOL_SHARDS; looked += 1) {
      const { documents } = await store.query({
        collection: poolLinks,
        where: { communityId: this.#communityId, state: 'AVAILABLE', shard: this.#shard },
        orderBy: { field: 'madeAt', direction: 'ascending' },
        limit: Math.min(this.#size + this.#given.size, MOST_IN_A_PAGE),
      });
      this.#batch = documents.flatMap(({ data, ...read }) => {
        const isFree = data.state === 'AVAILABLE' && !this.#given.has(read.id);
        return isFree && canBeGiven(data, times, clock.now()) ? [{ ...read, data }] : [];
      });
      if (this.#batch.length > 0) {
        this.#readAt = clock.monotonicMs();
        return;
      }
      this.#shard = (this.#shard + 1) % POOL_SHARDS;
    }
    this.#emptyUntil = clock.monotonicMs() + EMPTY_MS;
  }
}

/** The same for every community, made when it is first asked for. */
export class PoolCandidates {
  readonly #deps: Deps;
  readonly #byCommunity = new Map<string, CommunityCandidates>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Whether a purchase may get one without a look at the store. */
  get areThere(): boolean {
    for (const candidates of this.#byCommunity.values()) if (candidates.areThere) return true;
    return false;
  }

  /** One that nobody else gets from this process; undefined when the pool is empty. @throws as DocumentStore.query */
  next(communityId: string, times: PoolTimes): Promise<Candidate | undefined> {
    return this.#of(communityId).next(times);
  }

  /** The commit for one that was given out is over. `isLost`: somebody else had taken it. */
  over(communityId: string, id: string, isLost: boolean): void {
    this.#of(communityId).over(id, isLost);
  }

  #of(communityId: string): CommunityCandidates {
    const known = this.#byCommunity.get(communityId) ?? new CommunityCandidates(communityId, this.#deps);
    this.#byCommunity.set(communityId, known);
    return known;
  }
}
