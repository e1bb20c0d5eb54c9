import type { CommunitySettings } from '@paid-community/shared/model/communities/community.ts';
import { settingsOf, type SettingChanges } from '@paid-community/shared/model/communities/community-life.ts';
import { DURATION_PATTERN, durationMs } from '@paid-community/shared/model/communities/durations.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { Issue } from '@paid-community/shared/platform/validation/validator.ts';
import { IANAZone } from 'luxon';
import { Type, type Static, type TOptional, type TSchema, type TString, type TUnsafe } from 'typebox';

/** LINK_TTL_HOURS has the same limit. */
const LONGEST_LINK_TTL_MS = 366 * 86_400_000;

/** Settings that are checked, kept and shown, and change nothing until memberships have an end. */
const LATER = 'kept for later, and does nothing yet';

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
    description: `how people get in: by a link, or by a request to join; request is ${LATER}`,
  }),
  removal: Type.Enum(['off', 'dry_run', 'on'], {
    description: `whether people are removed when their time is over; ${LATER}, but on asks for the right to ban`,
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
  grace: Type.Optional(duration(`how long people stay when their time is over; ${LATER}`)),
  reminders: Type.Optional(
    Type.Array(duration('so long before the end'), {
      maxItems: 10,
      uniqueItems: true,
      description: `of the end; ${LATER}`,
    }),
  ),
  revokeAfterJoin: Type.Optional(
    Type.Boolean({ description: `a link is revoked once its buyer has joined; ${LATER}` }),
  ),
  poolSize: Type.Optional(Type.Integer({ minimum: 0, description: 'links to keep ready; 0, the default: none' })),
  timeZone: Type.Optional(
    Type.String({ minLength: 1, description: `an IANA name such as Asia/Kolkata; UTC by default; ${LATER}` }),
  ),
  eraseAfter: Type.Optional(duration(`how long a person is kept after leaving; ${LATER}`)),
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
export function checkSettings({ linkTtl, timeZone }: SettingChanges, nowMs: number): void {
  const issues: Issue[] = [];
  const ttlMs = typeof linkTtl === 'string' ? durationMs(linkTtl, nowMs) : 1;
  if (!(ttlMs > 0 && ttlMs <= LONGEST_LINK_TTL_MS))
    issues.push({ path: '/linkTtl', message: 'must be longer than nothing, and at most P366D' });
  if (timeZone !== undefined && !IANAZone.isValidZone(timeZone))
    issues.push({ path: '/timeZone', message: 'must be an IANA name such as Asia/Kolkata' });
  if (issues.length > 0) throw new HttpError('invalid_request', 'The arguments are not valid', issues);
}

/** Of a new community: what has no default, and what the operator says besides. */
export type GivenSettings = Pick<CommunitySettings, 'name' | 'entry' | 'removal'> & {
  readonly [Field in keyof CommunitySettings]?: CommunitySettings[Field] | undefined;
};

export function withDefaults(given: GivenSettings, botIds: readonly string[]): CommunitySettings {
  const { poolSize = 0, timeZone = 'UTC' } = given;
  return settingsOf({ ...given, botIds, poolSize, timeZone });
}
