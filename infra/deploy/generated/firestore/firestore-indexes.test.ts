import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { topology } from '@paid-community/shared/topology.ts';
import { firestoreIndexes } from './firestore-indexes.ts';

const FILE = new URL('firestore.indexes.json', import.meta.url);

test('firestore.indexes.json is what the topology declares (to write it anew: npx node infra/deploy/generated/firestore/write-firestore-indexes.ts)', () => {
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(firestoreIndexes(topology));
});

test('no field that grows with time has an index of its own, except where few documents are written', () => {
  const { indexes, fieldOverrides } = firestoreIndexes(topology);
  for (const { name } of topology.collections)
    expect(fieldOverrides).toContainEqual({ collectionGroup: name, fieldPath: '*', indexes: [] });
  const grown = /At$|^version$|^_commitId$/;
  const alone = fieldOverrides.filter(({ fieldPath, indexes: own }) => grown.test(fieldPath) && own.length > 0);
  // People change communities, make connection links and put bots into chats a few times a day.
  expect(alone.map(({ collectionGroup, fieldPath }) => `${collectionGroup}: ${fieldPath}`)).toEqual([
    'plans: updatedAt',
    'communities: updatedAt',
    'connection_codes: createdAt',
    'chat_candidates: seenAt',
  ]);
  // Behind a field of equality one may stand where few documents share its value, or few documents have the field at
  // all.
  const composites = indexes.filter(({ fields }) => fields.some(({ fieldPath }) => grown.test(fieldPath)));
  expect([
    ...new Set(
      composites.map(
        ({ collectionGroup, fields }) => `${collectionGroup}: ${fields.map(({ fieldPath }) => fieldPath).join(', ')}`,
      ),
    ),
  ]).toEqual([
    // A buyer has few requests, and a purchase one.
    'invite_requests: userId, createdAt',
    'invite_requests: transactionId, createdAt',
    // Only a request that waits for another attempt, or has failed, has the field.
    'invite_requests: status, nextAttemptAt',
    'invite_requests: status, failedAt',
    // People make them by hand, and one of them has the link.
    'named_links: communityId, askedAt',
    'named_links: inviteLinkHash, askedAt',
    // Links are made at the pace of a bot, and taken at that of purchases: the shards share it.
    'link_pool: communityId, state, shard, madeAt',
    'link_pool: shard, revokeAt',
    'joins: telegramUserId, joinedAt',
    // Joins come at the pace of people who tap a link, far below 500 a second.
    'joins: recordedOn, recordedAt',
    'unmatched_joins: telegramUserId, joinedAt',
    // A link that the store does not know is one person's, as every link is.
    'unmatched_joins: inviteLink, joinedAt',
    // A person has few grants and memberships.
    'grants: userId, createdAt',
    // Times to come; the shards share what is due in one minute.
    'memberships: dueShard, dueAt',
    'memberships: userId, createdAt',
    'memberships: telegramUserId, createdAt',
    // Times to come, of one community; a membership moves in it when it is renewed.
    'memberships: communityId, state, endsAt',
    // A day has few of them.
    'dead_letters: status, lastAt',
    'dead_letters: status, source, lastAt',
    'dead_letters: status, code, lastAt',
    'dead_letters: status, source, code, lastAt',
    // An operator makes them, one at a time.
    'connection_codes: botId, createdAt',
  ]);
});
