import { foldGrants } from '@paid-community/shared/model/memberships/covered-time.ts';
import { importGrant, type ImportedTime } from '@paid-community/shared/model/memberships/given-grants.ts';
import { membershipIdOf } from '@paid-community/shared/model/memberships/membership.ts';
import { PLAN_ID_PATTERN, plans, type Plan } from '@paid-community/shared/model/plans/plan.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { compileValidator, type Validator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';
import { endField, telegramUserIdField, userIdField } from '../membership-fields.ts';

/** As a list has it: what is wrong with one row is told of that row, and refuses no other. */
export const ImportRow = Type.Object(
  {
    line: Type.Integer({ minimum: 1, description: 'by which the answer names it' }),
    userId: Type.Optional(Type.String({ maxLength: 400, description: 'as the seller knows the person' })),
    telegramUserId: Type.Optional(
      Type.String({ maxLength: 400, description: 'the number of the account; one of both ids is needed' }),
    ),
    planId: Type.Optional(Type.String({ maxLength: 400, description: 'a plan of the community' })),
    startsAt: Type.Optional(Type.String({ maxLength: 400, description: 'a time of RFC 3339; now by default' })),
    endsAt: Type.Optional(
      Type.String({ maxLength: 400, description: 'a time of RFC 3339; without it, the period of the plan' }),
    ),
  },
  { additionalProperties: false },
);

const CheckedRow = Type.Object({
  line: Type.Integer(),
  userId: Type.Optional(userIdField),
  telegramUserId: Type.Optional(telegramUserIdField),
  planId: Type.Optional(Type.String({ pattern: PLAN_ID_PATTERN, description: 'the id of a plan' })),
  startsAt: Type.Optional(endField),
  endsAt: Type.Optional(endField),
});

/** Who gets what by a row. */
export interface ImportedPerson {
  readonly membershipId: string;
  readonly userId: string;
  readonly telegramUserId: string | undefined;
  readonly time: ImportedTime;
}

export interface ImportInto {
  readonly communityId: string;
  readonly allowEnded: boolean;
  readonly planOf: (planId: string) => Promise<Plan | undefined>;
  readonly timeZone: string;
  readonly nowMs: number;
}

// Compiled at the first use: imports are rare.
let validate: Validator<Static<typeof CheckedRow>> | undefined;

/** Or why the row is refused. */
export async function checkRow(row: Static<typeof ImportRow>, into: ImportInto): Promise<ImportedPerson | string> {
  validate ??= compileValidator(CheckedRow);
  const checked = validate(row);
  if (!checked.valid) return checked.issues.map(({ path, message }) => `${path.slice(1)} ${message}`).join('; ');
  const { userId, telegramUserId, planId } = checked.value;
  const person = personOf(userId, telegramUserId);
  if (person === undefined) return 'userId or telegramUserId is needed';
  const [startsAt, endsAt] = [checked.value.startsAt, checked.value.endsAt].map(inUtc);
  const plan = planId === undefined ? undefined : await into.planOf(planId);
  const issue = planIssue(planId, plan, endsAt, into.communityId) ?? timeIssue({ plan, startsAt, endsAt }, into);
  if (issue !== undefined) return issue;
  const membershipId = membershipIdOf(into.communityId, person);
  return { membershipId, userId: userId ?? '', telegramUserId, time: { plan, startsAt, endsAt } };
}

function personOf(
  userId: string | undefined,
  telegramUserId: string | undefined,
): Parameters<typeof membershipIdOf>[1] | undefined {
  if (userId !== undefined) return { userId };
  return telegramUserId === undefined ? undefined : { telegramUserId };
}

function planIssue(
  planId: string | undefined,
  plan: Plan | undefined,
  endsAt: string | undefined,
  communityId: string,
): string | undefined {
  if (planId === undefined) return endsAt === undefined ? 'planId or endsAt is needed' : undefined;
  if (plan === undefined) return `there is no plan ${planId}`;
  return plan.communityIds.includes(communityId) ? undefined : `the plan ${planId} does not open ${communityId}`;
}

function timeIssue(time: ImportedTime, { allowEnded, timeZone, nowMs }: ImportInto): string | undefined {
  const { startsAt, endsAt } = time;
  const now = new Date(nowMs).toISOString();
  if (startsAt !== undefined && startsAt > now) return 'startsAt must not be in the future';
  if (startsAt !== undefined && endsAt !== undefined && endsAt <= startsAt) return 'endsAt must be after startsAt';
  const nobody = { membershipId: '', communityId: '', userId: '' };
  const end = foldGrants([importGrant(undefined, nobody, time, nowMs)], undefined, { timeZone }).covered?.endsAt;
  return end !== undefined && end <= now && !allowEnded
    ? `it ended at ${end}; allowEnded takes it all the same`
    : undefined;
}

function inUtc(time: string | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

/** Each plan is read once for a page of rows. */
export function planReader(store: DocumentStore): ImportInto['planOf'] {
  const read = new Map<string, Promise<Plan | undefined>>();
  return (planId) => {
    const known = read.get(planId) ?? store.get(plans, planId).then((found) => found?.data);
    read.set(planId, known);
    return known;
  };
}
