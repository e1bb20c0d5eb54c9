import { expect, test } from '@jest/globals';
import { deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { grants } from '@paid-community/shared/model/memberships/grant.ts';
import { isKeyedByPurchase } from '../../../purchases/purchase-documents.ts';
import { REBUILT } from './restored.ts';

test('a rebuild brings back all that a purchase leads to, except dead letters, whose own topic retains them, and grants, which a replay of the purchases makes', () => {
  const ofPurchases = topology.collections.filter(isKeyedByPurchase).map(({ name }) => name);
  expect([...REBUILT, deadLetters.name, grants.name].toSorted()).toEqual(ofPurchases.toSorted());
});
