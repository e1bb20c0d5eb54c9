import type { DeadLetter } from '@paid-community/shared/model/operations/dead-letter.ts';
import type { RequestFields } from '@paid-community/shared/model/links/invite-request.ts';
import type { ReplacedLink } from '@paid-community/shared/model/links/request-states.ts';
import type { Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { Type, type Static } from 'typebox';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import type { PurchaseStory } from './purchase-story.ts';

export const TimelineEntry = Type.Object({
  at: Type.String({ description: 'ISO 8601, UTC' }),
  what: Type.Enum([
    'accepted',
    'attempt failed',
    'given up',
    'next attempt',
    'link created',
    'link revoked',
    'no link needed',
    'link event sent',
    'joined',
    'joined event sent',
    'dead letter',
    'retried by operator',
    'discarded by operator',
  ]),
  detail: Type.Optional(Type.String()),
});

type Entry = Written<Static<typeof TimelineEntry>>;
/** `sortedAs` is the time by which it is put in order, where that is not `at`. */
type Placed = Entry & { readonly sortedAs?: string };

/** What happened to a purchase, in order of time; and what is to come. */
export function timelineOf({ request, join, linkEvents, joinEvent, deadLetters }: PurchaseStory): Entry[] {
  // Telegram reports a join to the second. It counts as the last entry of that second, and as earlier than its event.
  const joinedBy = join?.joinedAt.replace('.000Z', '.999Z') ?? '';
  const entries: Placed[] = [
    ...(request === undefined ? [] : requestEntries(request)),
    ...linkEvents.flatMap((event, index) =>
      event === undefined
        ? []
        : [
            {
              at: event.sentAt,
              what: 'link event sent' as const,
              detail: `${generationText(index + 1)}WebEngage answered ${event.answer.status}`,
            },
          ],
    ),
    ...(join === undefined
      ? []
      : [
          {
            at: join.joinedAt,
            sortedAs: joinedBy,
            what: 'joined' as const,
            detail:
              join.telegramUserId === '' ? 'by somebody whose data was erased' : `Telegram user ${join.telegramUserId}`,
          },
        ]),
    ...(joinEvent === undefined
      ? []
      : [
          {
            at: joinEvent.sentAt,
            sortedAs: later(joinEvent.sentAt, joinedBy),
            what: 'joined event sent' as const,
            detail: `WebEngage answered ${joinEvent.answer.status}`,
          },
        ]),
    ...deadLetters.flatMap(letterEntries),
  ];
  // Equal times keep the order above, which is that of the flow.
  return entries
    .toSorted((a, b) => compare(a.sortedAs ?? a.at, b.sortedAs ?? b.at))
    .map(({ at, what, detail }) => ({ at, what, detail }));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}

function requestEntries(request: RequestFields): Entry[] {
  const {
    createdAt,
    failures,
    attempts,
    failedAt,
    earlierLinks,
    replaces,
    inviteLink,
    linkCreatedAt,
    telegramChatId,
    generation,
    nextAttemptAt,
    linkRevokedAt,
    linkRevokedBecause,
    notNeededBecause,
    updatedAt,
    status,
  } = request;
  const links = [...earlierLinks, ...(replaces === undefined ? [] : [{ ...replaces, revokedAt: undefined }])];
  return [
    { at: createdAt, what: 'accepted' },
    ...failures.map(({ at, code, message }) => ({
      at,
      what: 'attempt failed' as const,
      detail: `${code}: ${message}`,
    })),
    ...(failedAt === undefined
      ? []
      : [{ at: failedAt, what: 'given up' as const, detail: `after ${attempts} attempts` }]),
    ...links.flatMap((link, index) => [
      { at: link.createdAt, what: 'link created' as const, detail: `${generationText(index + 1)}${link.inviteLink}` },
      ...(link.revokedAt === undefined
        ? []
        : [
            {
              at: link.revokedAt,
              what: 'link revoked' as const,
              detail: `${generationText(index + 1)}${link.inviteLink}${becauseText(link)}`,
            },
          ]),
    ]),
    ...(linkCreatedAt === undefined
      ? []
      : [
          {
            at: linkCreatedAt,
            what: 'link created' as const,
            detail: `${generationText(generation)}${inviteLink ?? ''} in chat ${telegramChatId ?? ''}`,
          },
        ]),
    ...(linkRevokedAt === undefined
      ? []
      : [
          {
            at: linkRevokedAt,
            what: 'link revoked' as const,
            detail: `${generationText(generation)}${inviteLink ?? ''}: ${linkRevokedBecause ?? ''}`,
          },
        ]),
    ...(status === 'NOT_NEEDED' ? [{ at: updatedAt, what: 'no link needed' as const, detail: notNeededBecause }] : []),
    ...(status === 'PROCESSING' && nextAttemptAt !== undefined
      ? [
          {
            at: nextAttemptAt,
            what: 'next attempt' as const,
            detail: `number ${attempts + 1}${replaces === undefined ? '' : ', revokes the link before first'}`,
          },
        ]
      : []),
  ];
}

function letterEntries({ id, data }: Snapshot<DeadLetter>): Entry[] {
  const { source, history, actions } = data;
  return [
    ...history.map(({ at, code, reason }) => ({
      at,
      what: 'dead letter' as const,
      detail: `${source}: ${code}: ${reason} (${id})`,
    })),
    ...actions.map(({ at, by, action, reason }) => ({
      at,
      what: `${action} by operator` as const,
      detail: `${source}: ${by}${reason === undefined ? '' : `: ${reason}`}`,
    })),
  ];
}

function becauseText({ because }: ReplacedLink): string {
  return because === 'expired' ? ', which expired before WebEngage could be told of it' : '';
}

function generationText(generation: number): string {
  return generation === 1 ? '' : `link ${generation}: `;
}
