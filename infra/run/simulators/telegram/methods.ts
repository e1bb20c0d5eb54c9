import { badRequest, conflict } from './bot-api-error.ts';
import type { ChatPlace } from './chat-place.ts';
import type { Community } from './community.ts';
import type { InviteLinks } from './invite-links.ts';
import type { LinkRate } from './link-rate.ts';
import type { LongPoll } from './long-poll.ts';
import { booleanOf, integerOf, textListOf, textOf } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import type { UpdateStore } from './update-store.ts';
import type { Webhook } from './webhook.ts';
import type { ChatMember, User } from './wire.ts';

export interface MethodsContext {
  readonly bot: User;
  readonly place: ChatPlace;
  readonly links: InviteLinks;
  readonly linkRate: LinkRate;
  readonly community: Community;
  readonly store: UpdateStore;
  readonly webhook: Webhook;
  readonly longPoll: LongPoll;
  /** The bot was moved to another server: nothing works here any more. */
  readonly loggedOut: () => void;
}

/** Over the rate limit; the answer tells the seconds. */
export class TooManyLinkCalls extends Error {
  readonly retryAfterSec: number;

  constructor(retryAfterSec: number) {
    super('Too Many Requests');
    this.retryAfterSec = retryAfterSec;
  }
}

/** Returns the result; throws BotApiError or TooManyLinkCalls. `gone` aborts when the caller goes away. */
type Work = (parameters: Parameters, gone: () => AbortSignal) => unknown;

export interface Method {
  readonly name: string;
  readonly work: Work;
}

/** What this server can do, by lower-case name: names are compared without case, as the real one does [tba]. */
export function createMethods(context: MethodsContext): ReadonlyMap<string, Method> {
  const methods: Record<string, Work> = {
    logOut: () => {
      context.loggedOut();
      return true;
    },
    getMe: () => ({
      ...context.bot,
      can_join_groups: true,
      can_read_all_group_messages: false,
      supports_inline_queries: false,
    }),
    getChat: (parameters) => {
      context.place.check(parameters);
      return context.place.chat;
    },
    getChatMember: (parameters) => chatMember(parameters, context),
    createChatInviteLink: (parameters) => createLink(parameters, context),
    revokeChatInviteLink: (parameters) => {
      context.place.checkMayInvite(parameters);
      return context.links.toWire(context.links.revoke(textOf(parameters, 'invite_link') ?? ''));
    },
    setWebhook: (parameters) => setWebhook(parameters, context),
    deleteWebhook: (parameters) => deleteWebhook(parameters, context),
    getWebhookInfo: () => context.webhook.info(),
    getUpdates: (parameters, gone) => {
      if (context.webhook.isSet) {
        throw conflict(
          "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
        );
      }
      context.store.allow(textListOf(parameters, 'allowed_updates'));
      return context.longPoll.poll({
        offset: integerOf(parameters, 'offset') ?? 0,
        limit: integerOf(parameters, 'limit'),
        timeoutSec: integerOf(parameters, 'timeout') ?? 0,
        gone: gone(),
      });
    },
  };
  return new Map(Object.entries(methods).map(([name, work]) => [name.toLowerCase(), { name, work }]));
}

function createLink(parameters: Parameters, { place, links, linkRate }: MethodsContext): unknown {
  const retryAfterSec = linkRate.take();
  if (retryAfterSec !== undefined) throw new TooManyLinkCalls(retryAfterSec);
  place.checkMayInvite(parameters);
  const link = links.create({
    name: textOf(parameters, 'name') ?? '',
    expireDate: integerOf(parameters, 'expire_date') ?? 0,
    memberLimit: integerOf(parameters, 'member_limit') ?? 0,
    createsJoinRequest: booleanOf(parameters, 'creates_join_request'),
  });
  return links.toWire(link);
}

function chatMember(parameters: Parameters, { bot, place, community }: MethodsContext): ChatMember {
  place.check(parameters);
  const userId = integerOf(parameters, 'user_id');
  if (userId === undefined) throw badRequest('invalid user_id specified');
  if (userId !== bot.id) return community.stateOf(userId);
  return place.botAsMember;
}

function setWebhook(parameters: Parameters, context: MethodsContext): true {
  const url = textOf(parameters, 'url') ?? '';
  if (url === '') return deleteWebhook(parameters, context);
  context.webhook.set({
    url,
    secretToken: textOf(parameters, 'secret_token') ?? '',
    maxConnections: integerOf(parameters, 'max_connections'),
    dropPending: booleanOf(parameters, 'drop_pending_updates'),
  });
  context.store.allow(textListOf(parameters, 'allowed_updates'));
  context.longPoll.interrupt('terminated by setWebhook request');
  return true;
}

function deleteWebhook(parameters: Parameters, { webhook }: MethodsContext): true {
  webhook.remove(booleanOf(parameters, 'drop_pending_updates'));
  return true;
}
