import type { CommunitySettings } from '@paid-community/shared/model/communities/community.ts';
import { settingsOf, type SettingChanges } from '@paid-community/shared/model/communities/community-life.ts';
import { DURATION_PATTERN, durationMs } from '@paid-community/shared/model/communities/durations.ts';
import { LONGEST_PERIOD } from '@paid-community/shared/model/plans/plan-life.ts';
import type { Issue } from '@paid-community/shared/platform/validation/validator.ts';
import { IANAZone } from 'luxon';
import { Type, type Static, type TOptional, type TSchema, type TString, type TUnsafe } from 'typebox';
import { invalidArguments } from '../http/invalid-arguments.ts';

/** LINK_TTL_HOURS has the same limit. Nobody waits longer for the end of a grace, or wants to be reminded earlier. */
const LONGEST = 'P366D';

const duration = (description: string): TString =>
  Type.String({ pattern: DURATION_PATTERN, description: `an ISO 8601 duration such as PT12H or P30D: ${description}` });

/** What every community has. */
export const requiredSettings = {
  name: Type.String({
    minLength: 1,
    maxLength: 100,
    format: 'unicode',
    pattern: '\\S',
    description: 'more than blanks; WebEngage knows the community by it',
  }),
  entry: Type.Enum(['link', 'request'], {
    description:
      'how people get in: by a link for one person, or by a request to join that is approved when it is paid for',
  }),
  removal: Type.Enum(['off', 'dry_run', 'on'], {
    description:
      'whether people are removed when their time is over; dry_run: it is only said who would be; on needs the right to ban',
  }),
};

export const optionalSettings = {
  botIds: Type.Optional(
    Type.Array(Type.String({ pattern: '^[1-9]\\d{0,18}$', description: 'the digits before the colon of a token' }), {
      minItems: 1,
      // A supergroup has at most 20 bots.
      maxItems: 20,
      uniqueItems: true,
      description: 'the bots that serve it; the bot of the settings by default',
    }),
  ),
  linkTtl: Type.Optional(duration('how long an unused link can be used; as LINK_TTL_HOURS by default')),
  grace: Type.Optional(duration('how long people stay when their time is over; no time by default')),
  reminders: Type.Optional(
    Type.Array(duration('so long before the end'), {
      maxItems: 10,
      uniqueItems: true,
      description: 'when people are reminded of the end; never by default',
    }),
  ),
  revokeAfterJoin: Type.Optional(
    Type.Boolean({ description: 'a link is revoked once its buyer has joined; false by default' }),
  ),
  wrongPerson: Type.Optional(
    Type.Enum(['report', 'remove'], {
      description:
        'what happens to another account that comes in by the link of a purchase; report by default; remove needs the right to ban',
    }),
  ),
  poolSize: Type.Optional(Type.Integer({ minimum: 0, description: 'links to keep ready; 0, the default: none' })),
  timeZone: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'an IANA name such as Asia/Kolkata: in it months are counted; UTC by default',
    }),
  ),
  eraseAfter: Type.Optional(duration('how long a person is kept after the end and the removal; for ever by default')),
};

/** The fields of a change that null takes back. */
export const settingsToTakeBack = {
  linkTtl: orNull(optionalSettings.linkTtl),
  grace: orNull(optionalSettings.grace),
  reminders: orNull(optionalSettings.reminders),
  revokeAfterJoin: orNull(optionalSettings.revokeAfterJoin),
  eraseAfter: orNull(optionalSettings.eraseAfter),
};

function orNull<Schema extends TSchema & { readonly type: string; readonly description?: string }>(
  schema: Schema,
): TOptional<TUnsafe<Static<Schema> | null>> {
  const description = `${schema.description ?? ''}; null: taken back`;
  return Type.Optional(Type.Unsafe<Static<Schema> | null>({ ...schema, type: [schema.type, 'null'], description }));
}

/** @throws HttpError invalid_request for what the schema cannot say. */
export function checkSettings(
  { linkTtl, grace, reminders, eraseAfter, timeZone }: SettingChanges,
  nowMs: number,
): void {
  const issues: Issue[] = [
    ...faultOfLength('/linkTtl', linkTtl, { longerThanNothing: true, longest: LONGEST }, nowMs),
    ...faultOfLength('/grace', grace, { longerThanNothing: false, longest: LONGEST }, nowMs),
    ...(reminders ?? []).flatMap((before, index) =>
      faultOfLength(`/reminders/${index}`, before, { longerThanNothing: true, longest: LONGEST }, nowMs),
    ),
    ...faultOfLength('/eraseAfter', eraseAfter, { longerThanNothing: false, longest: LONGEST_PERIOD }, nowMs),
  ];
  if (timeZone !== undefined && !IANAZone.isValidZone(timeZone))
    issues.push({ path: '/timeZone', message: 'must be an IANA name such as Asia/Kolkata' });
  if (issues.length > 0) throw invalidArguments(...issues);
}

function faultOfLength(
  path: string,
  duration: string | null | undefined,
  { longerThanNothing, longest }: { readonly longerThanNothing: boolean; readonly longest: string },
  nowMs: number,
): readonly Issue[] {
  if (duration === undefined || duration === null) return [];
  const lengthMs = durationMs(duration, nowMs);
  if (lengthMs <= durationMs(longest, nowMs) && (lengthMs > 0 || !longerThanNothing)) return [];
  return [{ path, message: `must be ${longerThanNothing ? 'longer than nothing, and ' : ''}at most ${longest}` }];
}

/** Of a new community: what has no default, and what the operator says besides. */
export type GivenSettings = Pick<CommunitySettings, 'name' | 'entry' | 'removal'> & {
  readonly [Field in keyof CommunitySettings]?: CommunitySettings[Field] | undefined;
};

export function withDefaults(given: GivenSettings, botIds: readonly string[]): CommunitySettings {
  const { poolSize = 0, timeZone = 'UTC' } = given;
  return settingsOf({ ...given, botIds, poolSize, timeZone });
}
