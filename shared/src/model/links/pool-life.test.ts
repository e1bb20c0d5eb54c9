import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PurchaseReceived } from '../purchases/purchase-received.ts';
import { canBeGiven, ended, farEnd, given, madeAvailable, retired, revokedLater } from './pool-life.ts';
import { poolLinkId, type AvailablePoolLink, type PoolLink } from './pool-link.ts';
import { received } from './receive-purchase.ts';
import type { DoneRequest } from './request-states.ts';
import { documentOf, inviteRequestOf } from './invite-request.ts';
import { iso, issuesOf, START_MS } from './testing/stored-request.ts';

const DAY_MS = 86_400_000;
const TTL_MS = 3_600_000;
const times = { maxAgeMs: 30 * DAY_MS, linkTtlMs: TTL_MS };
const keptUntil = iso(START_MS + 400 * DAY_MS);

const queued = (requestId: string): ReturnType<typeof received> =>
  received(
    PurchaseReceived.create({
      time: iso(START_MS),
      traceparent: '00-c-d-01',
      data: { requestId, userId: 'u', transactionId: 't', communityId: 'default' },
    }),
    keptUntil,
  );

function madeAt(nowMs: number, sequence = 1, linkTtlMs: number | undefined = TTL_MS): AvailablePoolLink {
  const telegramExpiresAt = farEnd({ ...times, linkTtlMs }, nowMs)?.toISOString();
  const inviteLink = `https://t.me/+pool${sequence}`;
  return madeAvailable({
    communityId: 'default',
    shard: 0,
    sequence,
    inviteLink,
    telegramChatId: '-1001',
    madeAt: iso(nowMs),
    telegramExpiresAt,
  });
}

describe('a link of the pool', () => {
  const days = fc.double({ min: 0, max: 40, noNaN: true }).map((count) => Math.round(count * DAY_MS));

  test('that can be given lives at Telegram for as long as its buyer may use it, to the second', () => {
    fc.assert(
      fc.property(days, fc.nat(999), (waitedMs, ms) => {
        const link = madeAt(START_MS + ms);
        const nowMs = START_MS + ms + waitedMs;
        fc.pre(canBeGiven(link, times, nowMs));
        const taken = given(link, 'a'.repeat(32), queued('r1'), { linkTtlMs: TTL_MS, nowMs });
        const end = Date.parse(taken.request.linkExpiresAt ?? '');
        expect(end).toBeLessThanOrEqual(Date.parse(link.telegramExpiresAt ?? ''));
        expect(nowMs + TTL_MS - end).toBeLessThan(1_000);
        expect([taken.link.revokeAt, taken.link.expiresAt]).toEqual([taken.request.linkExpiresAt, keptUntil]);
      }),
    );
  });

  test('is not given when it is too old, or when its end comes before that of the buyer', () => {
    const link = madeAt(START_MS);
    expect(canBeGiven(link, times, START_MS + times.maxAgeMs - 1)).toBe(true);
    expect(canBeGiven(link, times, START_MS + times.maxAgeMs)).toBe(false);
    expect(canBeGiven(link, { ...times, linkTtlMs: 2 * TTL_MS }, START_MS)).toBe(true);
    expect(canBeGiven(link, { ...times, linkTtlMs: 34 * DAY_MS }, START_MS)).toBe(false);
    expect(canBeGiven(link, { ...times, linkTtlMs: undefined }, START_MS)).toBe(false);
    const endless = { ...link, telegramExpiresAt: undefined };
    expect(canBeGiven(endless, { ...times, linkTtlMs: undefined }, START_MS)).toBe(true);
    expect(canBeGiven(endless, times, START_MS)).toBe(true);
  });

  test('of a community without an end of links has no end, neither at Telegram nor for the buyer', () => {
    expect(farEnd({ ...times, linkTtlMs: undefined }, START_MS)).toBeUndefined();
    const link = { ...madeAt(START_MS), telegramExpiresAt: undefined };
    const taken = given(link, 'a'.repeat(32), queued('r1'), { linkTtlMs: undefined, nowMs: START_MS });
    expect([taken.link.revokeAt, taken.request.linkExpiresAt]).toEqual([undefined, undefined]);
  });

  test('makes a request that is stored as any other that is done, and that has made no call', () => {
    const { request } = given(madeAt(START_MS), 'a'.repeat(32), queued('r1'), { linkTtlMs: TTL_MS, nowMs: START_MS });
    expect(request).toMatchObject({ attempts: 0, poolLinkId: 'a'.repeat(32), inviteLink: 'https://t.me/+pool1' });
    const stored: unknown = JSON.parse(JSON.stringify(documentOf(request)));
    expect(issuesOf(stored, 'DONE')).toEqual([]);
    expect(inviteRequestOf(documentOf(request))).toEqual(request);
  });

  test('has an id of its place: the same for the same, another for another', () => {
    const place = { poolId: 'p', shard: 0, sequence: 1 };
    expect(poolLinkId(place)).toMatch(/^[0-9a-f]{32}$/);
    const others = [{ poolId: 'q' }, { shard: 1 }, { sequence: 2 }].map((other) => poolLinkId({ ...place, ...other }));
    expect(new Set([poolLinkId({ ...place }), ...others]).size).toBe(4);
    expect(poolLinkId({ ...place })).toBe(poolLinkId(place));
  });
});

/** The store, as far as a commit under conditions goes. Workers hold documents as they read them, however long ago. */
class World {
  readonly links = new Map<string, { readonly link: PoolLink; readonly version: number }>();
  readonly requests = new Map<string, DoneRequest>();
  readonly made = new Set<string>();
  readonly revoked = new Set<string>();
  readonly #reads: { readonly id: string; readonly link: PoolLink; readonly version: number }[] = [];

  read(): void {
    for (const [id, known] of this.links) this.#reads.push({ id, ...known });
  }

  make(sequence: number): void {
    const id = poolLinkId({ poolId: 'p', shard: 0, sequence });
    if (this.links.has(id)) return;
    this.links.set(id, { link: madeAt(START_MS, sequence), version: 0 });
    this.made.add(`https://t.me/+pool${sequence}`);
  }

  change(index: number, of: (link: PoolLink, id: string) => PoolLink | undefined): boolean {
    const read = this.#reads[index % Math.max(1, this.#reads.length)];
    if (read === undefined || this.links.get(read.id)?.version !== read.version) return false;
    const changed = of(read.link, read.id);
    if (changed === undefined) return false;
    this.links.set(read.id, { link: changed, version: read.version + 1 });
    return true;
  }

  take(index: number, requestId: string): void {
    if (this.requests.has(requestId)) return;
    let done: DoneRequest | undefined;
    const isTaken = this.change(index, (link, id) => {
      if (link.state !== 'AVAILABLE') return undefined;
      const taken = given(link, id, queued(requestId), { linkTtlMs: TTL_MS, nowMs: START_MS });
      done = taken.request;
      return taken.link;
    });
    if (isTaken && done !== undefined) this.requests.set(requestId, done);
  }

  revoke(index: number): void {
    let revoked: string | undefined;
    const isWritten = this.change(index, (link) => {
      if (link.state === 'AVAILABLE' || link.revokeAt === undefined) return undefined;
      if (link.revokeAt > iso(START_MS + TTL_MS)) return undefined;
      revoked = link.inviteLink;
      return link.state === 'TAKEN' ? ended(link) : revokedLater(link, START_MS + 10 * DAY_MS);
    });
    if (isWritten && revoked !== undefined) this.revoked.add(revoked);
  }
}

type Move =
  readonly ['read'] | readonly ['make' | 'retire' | 'revoke' | 'erase', number] | readonly ['take', number, string];

test('in any order and repetition, no link is given twice, and none is lost', () => {
  const index = fc.nat(30);
  const moves: fc.Arbitrary<Move> = fc.oneof(
    fc.constant(['read'] as const),
    fc.tuple(fc.constant('make' as const), fc.integer({ min: 1, max: 6 })),
    fc.tuple(fc.constantFrom('retire' as const, 'revoke' as const, 'erase' as const), index),
    fc.tuple(fc.constant('take' as const), index, fc.constantFrom('r1', 'r2', 'r3', 'r4')),
  );
  fc.assert(
    fc.property(fc.array(moves, { maxLength: 60 }), (steps) => {
      const world = new World();
      for (const step of steps) {
        if (step[0] === 'read') world.read();
        else if (step[0] === 'make') world.make(step[1]);
        else if (step[0] === 'take') world.take(step[1], step[2]);
        else if (step[0] === 'revoke') world.revoke(step[1]);
        else
          world.change(step[1], (link) => {
            if (step[0] === 'retire' && link.state === 'AVAILABLE') return retired(link, 'surplus', START_MS);
            return step[0] === 'erase' && link.state === 'TAKEN' ? retired(link, 'erased', START_MS) : undefined;
          });
      }
      const had = [...world.requests.values()].map(({ inviteLink }) => inviteLink);
      expect(new Set(had).size).toBe(had.length);
      const known = [...world.links.values()].map(({ link }) => link);
      expect(new Set(known.map(({ inviteLink }) => inviteLink))).toEqual(world.made);
      for (const link of known) {
        const holders = [...world.requests.values()].filter(({ inviteLink }) => inviteLink === link.inviteLink);
        if (link.state === 'TAKEN') expect(holders.map(({ requestId }) => requestId)).toEqual([link.requestId]);
        if (link.state === 'AVAILABLE') expect([holders, world.revoked.has(link.inviteLink)]).toEqual([[], false]);
        if (link.state === 'RETIRING') expect(holders.length).toBe(link.because === 'erased' ? 1 : 0);
      }
    }),
    { numRuns: 500 },
  );
});
