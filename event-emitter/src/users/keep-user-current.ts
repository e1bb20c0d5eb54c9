import { leadingMembership } from '@paid-community/shared/model/memberships/leading-membership.ts';
import { isEnded, memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { oneAtATime } from '@paid-community/shared/platform/delivery/one-at-a-time.ts';
import { allDocuments } from '@paid-community/shared/platform/ports/all-documents.ts';
import { PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { userUpdates } from '@paid-community/shared/platform/telemetry/metric-definitions.ts';
import type { Series, Telemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import type { EventEmitterConfig } from '../config.ts';
import type { Attributes, WebEngageClient } from '../webengage/client.ts';

/**
 * For access without an end. Nobody documents how an attribute is taken away again, and a former date would go on to
 * start journeys. Not the last year of four digits: some time zone would make five of them.
 */
const NEVER = new Date('2999-12-31T00:00:00.000Z');

export interface UserDeps {
  readonly config: Pick<EventEmitterConfig, 'WEBENGAGE_USER_ATTRIBUTES'>;
  readonly store: DocumentStore;
  readonly webEngage: Pick<WebEngageClient, 'setAttributes'>;
  readonly telemetry: Telemetry;
}

/** Tells of something that happened to the user, and brings the attributes of the user up to date with it. */
export type KeepingUser = (
  about: { readonly userId: string; readonly test?: true },
  report: () => Promise<void>,
) => Promise<void>;

/**
 * Sets the attributes of a WebEngage user as the memberships of this person are now. WebEngage has 25 attributes of a
 * type for a whole account, so there are none for each community: all are of the leading membership.
 *
 * Attributes go first, so that a journey that the event starts finds them. An event waits for no attributes: what failed
 * is tried again by the next delivery, which finds the event told.
 */
export function userKeeper({ telemetry, ...deps }: UserDeps): KeepingUser {
  if (deps.config.WEBENGAGE_USER_ATTRIBUTES === 'false') return (_about, report) => report();
  const seriesOf = (outcome: 'sent' | 'refused' | 'failed'): Series => telemetry.series(userUpdates, { outcome });
  const sent = seriesOf('sent');
  const refused = seriesOf('refused');
  const failed = seriesOf('failed');
  // Each call reads first: what is older never arrives last. Several processes know nothing of each other's calls, and
  // the next event of the person mends what they mixed up.
  const inOrder = oneAtATime();
  return async ({ userId, test }, report) => {
    if (userId === '' || test === true) return report();
    let failure: { readonly error: unknown } | undefined;
    try {
      await inOrder(userId, () => setAttributes(userId, deps, sent));
    } catch (error) {
      (error instanceof PermanentError ? refused : failed).record(1);
      failure = { error };
    }
    await report();
    if (failure !== undefined) throw failure.error;
  };
}

async function setAttributes(
  userId: string,
  { store, webEngage }: Omit<UserDeps, 'telemetry'>,
  sent: Series,
): Promise<void> {
  const orderBy = { field: 'createdAt', direction: 'ascending' } as const;
  const all = await allDocuments({ collection: memberships, where: { userId }, orderBy }, store);
  const leading = leadingMembership(all.map(({ data }) => data).filter(({ test }) => !test));
  if (leading === undefined) return;
  await webEngage.setAttributes({ userId, attributes: attributesOf(leading) });
  sent.record(1);
}

function attributesOf(membership: Membership): Attributes {
  const { state, planId, planName = planId, endsAt, telegramUserId } = membership;
  const lastsUntil = endsAt ?? (isEnded(membership) ? membership.endedAt : undefined);
  return {
    membershipStatus: state,
    // Empty, so that no former plan stays.
    membershipPlan: planName ?? '',
    membershipExpiresAt: lastsUntil === undefined ? NEVER : new Date(lastsUntil),
    telegramUserId,
  };
}
