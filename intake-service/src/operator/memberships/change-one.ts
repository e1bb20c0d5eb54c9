import { memberships, isEnded, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { removalGuards } from '@paid-community/shared/model/memberships/removal-guard.ts';
import { HttpError, type HttpErrorCode } from '@paid-community/shared/platform/http/http-error.ts';
import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { Type, type Static } from 'typebox';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import type { Logged } from '../http/audit.ts';
import type { OperatorCall } from '../http/operation.ts';
import { changeAsOperator, type Change, type WhatIsKnown } from './change-as-operator.ts';
import { describeMembership, MembershipAnswer } from './membership-answer.ts';

/** What operations on one membership have in common. */
export const changesOne = {
  method: 'POST',
  refusals: ['not_found', 'conflict'] satisfies HttpErrorCode[],
  answer: Type.Object({ membership: MembershipAnswer }),
} as const;

type Answer = Written<Static<typeof changesOne.answer>>;

/** Who it was about, without the person. */
export function loggedOf({ membershipId }: { readonly membershipId: string }, answer: Answer | undefined): Logged {
  return { membershipId, communityId: answer?.membership.communityId, state: answer?.membership.state };
}

/** @throws HttpError `not_found` */
export async function readMembership(membershipId: string, store: DocumentStore): Promise<Snapshot<Membership>> {
  const read = await store.get(memberships, membershipId);
  if (read === undefined) throw noSuchMembership();
  return read;
}

/** @throws HttpError `not_found`, or as `change` refuses */
export async function changeOne(
  membershipId: string,
  change: (known: Membership, seen: Omit<WhatIsKnown, 'known'>) => Change | Promise<Change>,
  call: OperatorCall,
): Promise<Answer> {
  const read = await readMembership(membershipId, call.store);
  const changed = await changeAsOperator(
    read,
    read.data.communityId,
    ({ known, ...seen }) => {
      // Erased since it was read.
      if (known === undefined) throw noSuchMembership();
      return change(known, seen);
    },
    call,
  );
  return { membership: await describeWithGuard(changed ?? read.data, call.store) };
}

export async function describeWithGuard(known: Membership, store: DocumentStore): Promise<Answer['membership']> {
  const isDue = isEnded(known) && known.removalState === 'due';
  const guard = isDue ? await store.get(removalGuards, known.communityId) : undefined;
  return describeMembership(known, guard?.data.heldSince);
}

function noSuchMembership(): HttpError {
  return new HttpError('not_found', 'There is no such membership; `memberships find` shows those of a person');
}
