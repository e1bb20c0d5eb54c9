import { randomUUID } from 'node:crypto';
import { MakeNamedLink } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { Type } from 'typebox';
import { defineOperation } from '../../http/operation.ts';
import { askTelegram } from '../../../telegram/ask-telegram.ts';
import { communityField } from '../community-field.ts';
import { requireConnected } from '../require-connected.ts';
import { describeLink, LinkAnswer } from './link-answer.ts';
import { invalidArguments } from '../../http/invalid-arguments.ts';

/** Telegram counts in seconds of 32 bits. */
const LAST_MS = (2 ** 31 - 1) * 1_000;

export const makeLink = defineOperation({
  action: 'communities.links.make',
  method: 'POST',
  path: '/communities/:communityId/links',
  refusals: ['not_found', 'conflict'],
  summary:
    'Makes a link by hand: for one person, or for as many as it says. Telegram cannot be asked twice for the same link: when its answer is lost, the refusal names the link that may exist.',
  input: Type.Object(
    {
      ...communityField,
      name: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 32,
          // Telegram cuts control characters, and a link that is named like a request would count as its link.
          pattern: '^(?![0-9a-f]{32}$)[^\\p{C}]*\\S[^\\p{C}]*$',
          description:
            '1 to 32 characters, which the administrators of the chat see; not the 32 hexadecimal ones of a request',
        }),
      ),
      memberLimit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 99_999,
          description: 'how many may be in the chat through it at the same time; 1 by default',
        }),
      ),
      unlimited: Type.Optional(Type.Boolean({ description: 'instead of memberLimit: anybody who has it gets in' })),
      expiresAt: Type.Optional(
        Type.String({
          pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})$',
          format: 'date-time',
          description:
            'a time of RFC 3339, such as 2027-01-01T00:00:00Z or 2027-01-01T05:30:00+05:30: nobody joins through it from then on; absent = it has no end',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({ link: LinkAnswer }),
  logged: ({ communityId, memberLimit, unlimited, expiresAt }, answer) => ({
    communityId,
    memberLimit,
    unlimited,
    expiresAt,
    botId: answer?.link.botId,
  }),
  run: async ({ communityId, name, memberLimit, unlimited = false, expiresAt }, call) => {
    if (unlimited && memberLimit !== undefined)
      throw invalidArguments({
        path: '/unlimited',
        message: 'must not stand beside memberLimit: a link has a limit, or none',
      });
    if (expiresAt !== undefined && Date.parse(expiresAt) <= call.clock.now())
      throw invalidArguments({ path: '/expiresAt', message: 'must be in the future' });
    if (expiresAt !== undefined && Date.parse(expiresAt) > LAST_MS)
      throw invalidArguments({
        path: '/expiresAt',
        message: `must be at most ${new Date(LAST_MS).toISOString()}; leave it out for a link without an end`,
      });
    await requireConnected(communityId, call.store);
    const made = await askTelegram(
      MakeNamedLink,
      {
        communityId,
        name: name ?? `by hand ${randomUUID().slice(0, 8)}`,
        memberLimit: unlimited ? undefined : (memberLimit ?? 1),
        linkExpiresAt: expiresAt === undefined ? undefined : new Date(expiresAt).toISOString(),
        madeBy: call.operator,
      },
      call,
    );
    return { link: describeLink(made, call.clock.now()) };
  },
});
