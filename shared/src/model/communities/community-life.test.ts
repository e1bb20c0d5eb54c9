import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  changed,
  changeTime,
  chatMoved,
  connected,
  disconnected,
  settingsOf,
  waiting,
  type SettingChanges,
} from './community-life.ts';
import type { Community } from './community.ts';
import { someCommunity } from './testing/some-community.ts';

const settings = settingsOf(someCommunity());

type Move =
  readonly ['connect' | 'move', string] | readonly ['wait' | 'disconnect'] | readonly ['change', SettingChanges];

const chat = fc.constantFrom('-1001', '-1002');
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.tuple(fc.constantFrom('connect' as const, 'move' as const), chat),
  fc.tuple(fc.constantFrom('wait' as const, 'disconnect' as const)),
  fc.tuple(
    fc.constant('change' as const),
    fc.record({ name: fc.string(), poolSize: fc.nat(), linkTtl: fc.constant('PT1H') }, { requiredKeys: [] }),
  ),
);

/** What becomes of it; undefined when the move is none of its state. */
function after(known: Community | undefined, [kind, what]: Move, at: string): Community | undefined {
  if (kind === 'connect')
    return known?.state === 'connected' ? undefined : connected('gold', settings, what, known, at);
  if (kind === 'wait') return known?.state === 'connected' ? undefined : waiting('gold', settings, known, at);
  if (known === undefined) return undefined;
  if (kind === 'change') return changed(known, what, at);
  if (kind === 'move') return known.state === 'connected' ? chatMoved(known, what, at) : undefined;
  return known.state === 'disconnected' ? undefined : disconnected(known, at);
}

test('property: whatever becomes of a community, it keeps its id and its beginning, and each change is newer', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(move, fc.integer({ min: -5_000, max: 5_000 })), { maxLength: 12 }), (moves) => {
      let nowMs = Date.UTC(2026, 0, 1);
      let known: Community | undefined;
      for (const [each, byMs] of moves) {
        // A clock may go back.
        nowMs += byMs;
        const at = changeTime(nowMs, known?.updatedAt);
        const next = after(known, each, at);
        if (next === undefined) continue;
        expect(next.communityId).toBe('gold');
        expect(next.createdAt).toBe(known?.createdAt ?? at);
        expect(next.updatedAt >= (known?.updatedAt ?? '')).toBe(true);
        expect('chatId' in next && next.chatId !== undefined).toBe(
          next.state === 'connected' || (next.state === 'disconnected' && hadChat(known)),
        );
        expect('disconnectedAt' in next).toBe(next.state === 'disconnected');
        known = next;
      }
    }),
  );
});

function hadChat(community: Community | undefined): boolean {
  return community !== undefined && community.state !== 'waiting' && community.chatId !== undefined;
}

test('a change sets the named fields and no others, in every state', () => {
  const at = '2026-02-01T00:00:00.000Z';
  const community = someCommunity({ linkTtl: 'PT1H', poolSize: 7 });
  const changes = { name: 'Silver', linkTtl: undefined, poolSize: 0 };
  expect(changed(community, changes, at)).toEqual({ ...community, name: 'Silver', poolSize: 0, updatedAt: at });
  expect(changed(community, { linkTtl: null }, at)).toEqual({ ...community, linkTtl: undefined, updatedAt: at });
  const gone = disconnected(community, at);
  expect(changed(gone, changes, at)).toEqual({ ...gone, name: 'Silver', poolSize: 0 });
});

test('a community that is connected again has the new settings and chat, and none of its end', () => {
  const gone = disconnected(someCommunity(), '2026-02-01T00:00:00.000Z');
  const at = '2026-03-01T00:00:00.000Z';
  const again = connected('gold', { ...settings, name: 'Again' }, '-1002', gone, at);
  expect(again).toEqual(someCommunity({ name: 'Again', chatId: '-1002', connectedAt: at, updatedAt: at }));
});
