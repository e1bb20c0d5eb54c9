import { grantsOf } from '@paid-community/shared/memberships/grants-of.ts';
import { membershipsOfAccount } from '@paid-community/shared/memberships/memberships-of-account.ts';
import { accountErased, mayStayInside } from '@paid-community/shared/model/memberships/erase-membership.ts';
import { grants } from '@paid-community/shared/model/memberships/grant.ts';
import { erased, withFold } from '@paid-community/shared/model/memberships/membership-life.ts';
import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { changeDocument, withWrites } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { deleteDocument, type Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { readRules } from '../../communities/read-community.ts';
import type { OperatorCall } from '../../http/operation.ts';
import { changeAsOperator } from '../../memberships/change-as-operator.ts';
import { sumErased, type Erased } from './erased.ts';
import { readMembershipOfPurchase, ownMemberships } from './memberships-of-person.ts';
import type { Person } from './person.ts';

/** An account that is inside and that nobody removes any more. */
export interface Lost {
  readonly membershipId: string;
  readonly communityId: string;
  /** When the removal would have come; absent: it is over, or has no end. */
  readonly endsAt?: string | undefined;
}

/** What an erasure does with the memberships of the person, and of others to which the person's account is bound. */
interface Plan {
  readonly deleted: readonly Snapshot<Membership>[];
  readonly unbound: readonly Snapshot<Membership>[];
}

/** Accounts that nobody would remove any more, if the person were erased now. */
export async function lostByErasure(person: Person, call: OperatorCall): Promise<readonly Lost[]> {
  const { deleted, unbound } = await planFor(person, call);
  const found = await Promise.all(
    [...deleted, ...unbound].map(async ({ data }) =>
      mayStayInside(data, await readRules(data.communityId, call.store)) ? [lostOf(data)] : [],
    ),
  );
  return found.flat();
}

function lostOf({ membershipId, communityId, endsAt }: Membership): Lost {
  return { membershipId, communityId, endsAt };
}

/** @throws HttpError `conflict` that names the memberships whose removal is to be confirmed first. */
export function refuseToLose(lost: readonly Lost[]): void {
  if (lost.length === 0) return;
  const names = lost.map(({ membershipId, communityId }) => `${membershipId} in ${communityId}`).join(', ');
  throw new HttpError(
    'conflict',
    `Who is inside would stay there, for nobody knew of it any more. Revoke the membership ${names}; erase when \`removals\` shows it no more. With \`now\` it is erased at once, and the person stays inside until an administrator acts`,
  );
}

/** Each membership goes with its grants in one commit, which loses against somebody who pays in the same moment. */
export async function eraseMemberships(person: Person, call: OperatorCall): Promise<Erased> {
  const { deleted, unbound } = await planFor(person, call);
  const removed = await Promise.all(deleted.map(({ id }) => remove(id, call)));
  const refolded = person.requestId === undefined ? {} : await withoutPurchase(person.requestId, call);
  await Promise.all(unbound.map((membership) => unbind(membership, call)));
  return sumErased([...removed, refolded, { [memberships.name]: unbound.length }]);
}

async function planFor({ userId, requestId, telegramUserIds }: Person, { store }: OperatorCall): Promise<Plan> {
  const own = await ownMemberships({ userId, requestId }, store);
  const ownUserIds = new Set([userId, ...own.map(({ data }) => data.userId)]);
  const kept = requestId === undefined ? undefined : await readMembershipOfPurchase(requestId, store);
  const ofAccounts = (
    await Promise.all(telegramUserIds.map((telegramUserId) => membershipsOfAccount({ telegramUserId }, store)))
  ).flat();
  const others = ofAccounts.filter(({ id }) => id !== kept?.id && own.every((each) => each.id !== id));
  return {
    // Without a userId it was imported, and is the account's.
    deleted: [...own, ...others.filter(({ data }) => data.userId === '')],
    unbound: others.filter(({ data }) => data.userId !== '' && !ownUserIds.has(data.userId)),
  };
}

async function remove(membershipId: string, { store, administration }: OperatorCall): Promise<Erased> {
  let counted: Erased = {};
  await changeDocument(store, memberships, membershipId, async (known) => {
    if (known === undefined) return undefined;
    const given = await grantsOf(membershipId, store);
    counted = { [memberships.name]: 1, [grants.name]: given.length };
    // Purchases are recorded with their requests. First, so that a process that is killed after it has said too much.
    const imported = given.filter(({ kind }) => kind === 'import').map(({ grantId }) => grantId);
    if (imported.length > 0) await administration.store.recordErasures(imported);
    return withWrites(
      erased(known),
      given.map(({ grantId }) => deleteDocument(grants, grantId)),
    );
  });
  return counted;
}

/** One purchase of several: what is left of the membership is the fold of the others. */
async function withoutPurchase(requestId: string, call: OperatorCall): Promise<Erased> {
  const membership = await readMembershipOfPurchase(requestId, call.store);
  if (membership === undefined) return {};
  await changeAsOperator(
    membership,
    membership.data.communityId,
    async ({ known, grants: read, fold, rules, nowMs }) => {
      if (known === undefined) return undefined;
      const others = (await read()).filter(({ grantId }) => grantId !== requestId);
      const what = { what: 'a purchase was erased', detail: call.operator };
      return {
        membership: withFold(known, fold(others, known.revokedAt), what, rules, nowMs),
        writes: [deleteDocument(grants, requestId)],
      };
    },
    call,
  );
  return { [grants.name]: 1 };
}

async function unbind({ id, data }: Snapshot<Membership>, call: OperatorCall): Promise<void> {
  const { communityId, telegramUserId } = data;
  await changeAsOperator(
    id,
    communityId,
    ({ known, rules, nowMs }) =>
      known === undefined || telegramUserId === undefined
        ? undefined
        : accountErased(known, telegramUserId, rules, nowMs),
    call,
  );
}
