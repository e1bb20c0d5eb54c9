import { grants, isGrant } from '@paid-community/shared/model/memberships/grant.ts';
import { importGrant, importGrantId } from '@paid-community/shared/model/memberships/given-grants.ts';
import { imported } from '@paid-community/shared/model/memberships/changes-by-operators.ts';
import { newMembership } from '@paid-community/shared/model/memberships/membership-life.ts';
import { memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { createDocument, updateDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { readRules } from '../../communities/read-community.ts';
import type { OperatorCall } from '../../http/operation.ts';
import { changeAsOperator, whatIsKnown, type Change, type WhatIsKnown } from '../change-as-operator.ts';
import type { ImportedPerson } from './import-row.ts';

export interface Imported {
  readonly outcome: 'created' | 'changed' | 'unchanged' | 'refused';
  readonly endsAt?: string | undefined;
  readonly reason?: string | undefined;
}

/** Gives one person what the row says, once. */
export async function importPerson(person: ImportedPerson, communityId: string, call: OperatorCall): Promise<Imported> {
  let became: Imported = { outcome: 'unchanged' };
  await changeAsOperator(
    person.membershipId,
    communityId,
    async (seen) => {
      const change = await importInto(person, communityId, seen, call);
      became = change.became;
      return change.next;
    },
    call,
  );
  return became;
}

/** What would become of the person. */
export async function tryImport(person: ImportedPerson, communityId: string, call: OperatorCall): Promise<Imported> {
  const { membershipId } = person;
  const rules = await readRules(communityId, call.store);
  const known = (await call.store.get(memberships, membershipId))?.data;
  return (await importInto(person, communityId, whatIsKnown(membershipId, known, rules, call), call)).became;
}

async function importInto(
  { membershipId, userId, telegramUserId, time }: ImportedPerson,
  communityId: string,
  { known, rules, nowMs, grants: readGrants, fold }: WhatIsKnown,
  { store, operator }: OperatorCall,
): Promise<{ readonly became: Imported; readonly next?: Change }> {
  const bound = known?.telegramUserId;
  if (telegramUserId !== undefined && bound !== undefined && bound !== telegramUserId)
    return { became: refused('another account is bound to it: memberships move changes that') };
  const read = known === undefined ? undefined : await store.get(grants, importGrantId(membershipId));
  const of = { membershipId, communityId, userId };
  const given = read !== undefined && isGrant(read.data) ? read.data : undefined;
  const grant = importGrant(given, of, time, nowMs);
  if (grant === given && (telegramUserId === undefined || bound === telegramUserId))
    return { became: { outcome: 'unchanged', endsAt: known?.endsAt } };
  if (known?.revokedAt !== undefined && grant.from <= known.revokedAt)
    return { became: refused(`it was revoked at ${known.revokedAt}: memberships extend gives time again`) };
  const others = known === undefined ? [] : await readGrants();
  const all = [...others.filter(({ grantId }) => grantId !== grant.grantId), grant];
  const before = known ?? newMembership(of, nowMs);
  const by = { telegramUserId, by: operator };
  const membership = imported(before, by, fold(all, known?.revokedAt), rules, nowMs);
  const write = read === undefined ? createDocument(grants, grant.grantId, grant) : updateDocument(grants, read, grant);
  return {
    became: { outcome: known === undefined ? 'created' : 'changed', endsAt: membership.endsAt },
    next: { membership, writes: [write] },
  };
}

function refused(reason: string): Imported {
  return { outcome: 'refused', reason };
}
