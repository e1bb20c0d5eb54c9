import type { FailedAttempt } from '../operations/attempts.ts';
import type { Snapshot } from '../../platform/ports/document-store.ts';
import type { Collection } from '../../platform/ports/topology-types.ts';
import type { AnyRequest, InviteRequest, ReplacedLink, RequestError, RevokedLink } from './request-states.ts';

type NonEmpty<T> = readonly [T, ...T[]];

/** A request as it is stored, by this version or by an earlier one. `inviteRequestOf` reads it. */
export interface InviteRequestDocument extends Omit<
  AnyRequest,
  'retries' | 'generation' | 'failures' | 'earlierLinks'
> {
  readonly status: InviteRequest['status'];
  readonly retries?: number | undefined;
  readonly generation?: number | undefined;
  readonly failures?: NonEmpty<FailedAttempt> | undefined;
  readonly earlierLinks?: NonEmpty<RevokedLink> | undefined;
  /** The requestId while the request has no link yet, by which those of a community are found. */
  readonly openId?: string | undefined;
  readonly nextAttemptAt?: string | undefined;
  readonly failedAt?: string | undefined;
  readonly lastError?: RequestError | undefined;
  readonly replaces?: ReplacedLink | undefined;
  readonly inviteLink?: string | undefined;
  readonly linkCreatedAt?: string | undefined;
  readonly linkExpiresAt?: string | undefined;
  readonly asksForApproval?: true | undefined;
  readonly linkRevokedAt?: string | undefined;
  readonly linkRevokedBecause?: string | undefined;
  readonly notNeededBecause?: string | undefined;
}

/** Every field that some state has: for a page that shows a request in any state. */
export type RequestFields = AnyRequest & Omit<InviteRequestDocument, keyof AnyRequest>;

/** Id: the requestId. */
export const inviteRequests: Collection<InviteRequestDocument> = {
  name: 'invite_requests',
  owner: 'link-worker',
  operatorWrites: 'operators queue requests anew and replace links; rebuild and erasure',
  otherWriters: { 'intake-service': 'a purchase whose task or event is a dead letter is among the failed requests' },
  keyedBy: 'requestId',
  personalFields: {
    userId: 'userId',
    transactionId: 'transactionId',
    telegramUserId: 'telegramUserId',
    inviteLink: 'inviteLink',
    replaces: 'inviteLink',
    earlierLinks: 'inviteLink',
    lastError: 'words of others',
    failures: 'words of others',
  },
  onErasure: 'tombstone',
  indexes: [
    { where: ['userId'], orderBy: 'createdAt' },
    { where: ['transactionId'], orderBy: 'createdAt' },
    // Only requests that wait for another attempt, or have failed, have these two times: few at any moment.
    { where: ['status'], orderBy: 'nextAttemptAt', sparse: true },
    { where: ['status'], orderBy: 'failedAt', sparse: true },
    { where: ['communityId'], orderBy: 'openId', sparse: true },
  ],
  ttlField: 'expiresAt',
};

/**
 * Reads a document of any version. Only this place knows the meaning of an absent field. Fields that this version does
 * not know are kept.
 */
export function inviteRequestOf(document: InviteRequestDocument): InviteRequest {
  const { status, inviteLink, linkCreatedAt, linkExpiresAt, ...unlinked } = document;
  const { asksForApproval, linkRevokedAt, linkRevokedBecause, notNeededBecause, ...open } = unlinked;
  const { lastError, nextAttemptAt, failedAt, replaces, ...rest } = open;
  const { generation = 1, retries = 0, failures = [], earlierLinks = [], createdAt, updatedAt } = rest;
  // openId follows from the state.
  const common = { ...rest, openId: undefined, generation, retries, failures, earlierLinks };
  switch (status) {
    case 'QUEUED':
      return { ...common, status };
    case 'PROCESSING':
      return { ...common, status, nextAttemptAt, lastError, replaces };
    case 'FAILED':
      return { ...common, status, failedAt, lastError, replaces };
    case 'DONE':
      // No version has written DONE without a link; such a request still is to get one.
      return inviteLink === undefined
        ? { ...common, status: 'PROCESSING', nextAttemptAt, lastError, replaces }
        : {
            ...common,
            status,
            inviteLink,
            linkCreatedAt: linkCreatedAt ?? updatedAt,
            linkExpiresAt,
            asksForApproval,
            linkRevokedAt,
            linkRevokedBecause,
          };
    case 'NOT_NEEDED':
      return { ...common, status, notNeededBecause: notNeededBecause ?? 'inside' };
    case 'ERASED':
      return { ...common, status, erased: rest.erased ?? { at: createdAt, times: 1, generation } };
  }
}

/** The form in which a request is stored: what is as usual is left out. */
export function documentOf(request: InviteRequest): InviteRequestDocument {
  const { status, requestId, generation, retries, failures, earlierLinks } = request;
  return {
    ...request,
    openId: status === 'QUEUED' || status === 'PROCESSING' ? requestId : undefined,
    // A tombstone always says it.
    generation: generation === 1 && status !== 'ERASED' ? undefined : generation,
    retries: retries === 0 ? undefined : retries,
    failures: unlessEmpty(failures),
    earlierLinks: unlessEmpty(earlierLinks),
  };
}

/** A request that was read, with its document in the present form: for `changeDocument`, which saves a read by it. */
export function asStored(read: Snapshot<InviteRequest>): Snapshot<InviteRequestDocument> {
  return { ...read, data: documentOf(read.data) };
}

function unlessEmpty<T>([first, ...others]: readonly T[]): NonEmpty<T> | undefined {
  return first === undefined ? undefined : [first, ...others];
}
