import {
  linkAskedFor,
  linkConfirmed,
  namedLinks,
  type MadeNamedLink,
  type NamedLink,
  type UnconfirmedNamedLink,
} from '@paid-community/shared/model/links/named-link.ts';
import type { MakeNamedLink } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { HttpCallError } from '@paid-community/shared/platform/http-client/http-call-error.ts';
import { changeDocument, createIfAbsent } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { deleteDocument, type DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';
import { TelegramApiError } from '@paid-community/shared/telegram/errors.ts';
import type { ServingBot } from '../bots/serving-bot.ts';
import { createInviteLinkClient, type NewLink } from '../links/invite-link-client.ts';
import { QuestionRefused } from './answer-question.ts';
import { callForOperator, type OperatorCallDeps } from './call-for-operator.ts';

type Question = ReturnType<typeof MakeNamedLink.parse>;

export interface NamedLinkDeps extends OperatorCallDeps {
  readonly store: DocumentStore;
  readonly retentionDays: number;
}

/**
 * Makes a link that an operator asked for. It is written down before Telegram is asked. So a question that comes again
 * after a crash makes no second link: Telegram knows no idempotency key, and the operator is told how to find the first.
 * @throws QuestionRefused, QuestionDeferred, RetryableError
 */
export async function makeNamedLink(task: Question, deps: NamedLinkDeps): Promise<MadeNamedLink> {
  const known = (await deps.store.get(namedLinks, task.askId))?.data;
  if (known !== undefined) return foundAgain(known);
  const serving = await deps.bots.soonest(task.communityId, 'link');
  const { communityId, name, memberLimit, linkExpiresAt, madeBy } = task;
  const asked = linkAskedFor(
    { communityId, botId: serving.bot.botId, name, memberLimit, linkExpiresAt, madeBy },
    deps.clock.now(),
    deps.retentionDays,
  );
  const made = await askedOfTelegram(task, asked, serving, deps);
  const stored = await changeDocument(deps.store, namedLinks, task.askId, (link = asked) =>
    link.state === 'unconfirmed' ? linkConfirmed(link, made, deps.retentionDays) : undefined,
  );
  return foundAgain(stored ?? asked);
}

async function askedOfTelegram(
  task: Question,
  asked: UnconfirmedNamedLink,
  serving: ServingBot,
  { store, ...deps }: NamedLinkDeps,
): Promise<NewLink> {
  const { askId, communityId, deferrals = 0 } = task;
  const { name, memberLimit, linkExpiresAt } = asked;
  const expiresAt = linkExpiresAt === undefined ? undefined : new Date(linkExpiresAt);
  const progress = { written: false, perhapsMade: false };
  const make = async (): Promise<NewLink> => {
    progress.written = await createIfAbsent(store, namedLinks, askId, asked);
    if (!progress.written) throw new Error('The same question is being answered already');
    try {
      return await createInviteLinkClient(serving).createInviteLink({ name, expiresAt, memberLimit });
    } catch (error) {
      progress.perhapsMade = mayHaveMadeIt(error);
      throw error;
    }
  };
  try {
    return await callForOperator(
      { method: 'createChatInviteLink', kind: 'link', turn: { communityId, callClass: 'purchase' }, make, askId },
      serving,
      deferrals,
      deps,
    );
  } catch (error) {
    if (progress.perhapsMade)
      throw new QuestionRefused('unconfirmed_link', `${errorMessage(error)}. ${howToFind(asked)}`, { cause: error });
    if (progress.written) await store.commit([deleteDocument(namedLinks, askId)]);
    throw error;
  }
}

/** A refusal made nothing, and so did a call that reached nobody. */
function mayHaveMadeIt(error: unknown): boolean {
  if (error instanceof TelegramApiError) return error.errorCode >= 500;
  return !(error instanceof Error && error.cause instanceof HttpCallError && error.cause.fault === 'never_connected');
}

function foundAgain(link: NamedLink): MadeNamedLink {
  switch (link.state) {
    case 'made':
      return link;
    case 'unconfirmed':
      throw new QuestionRefused('unconfirmed_link', `Telegram's answer was lost. ${howToFind(link)}`);
    case 'revoked':
      throw new QuestionRefused('link_revoked', 'The link was made, and is revoked already');
  }
}

function howToFind({ name, botId }: UnconfirmedNamedLink): string {
  return `A link named "${name}" may exist all the same, and nobody has it: the owner of the chat finds it in Telegram, among the invite links of the bot ${botId}, and can revoke it there. Then ask again`;
}
