import { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { communities, type ConnectedCommunity } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { membershipEvents } from '@paid-community/shared/model/topics.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { handleTaskByType } from '@paid-community/shared/platform/delivery/task-handlers.ts';
import type { OutgoingTask } from '@paid-community/shared/platform/ports/task-queue.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus, RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { TelegramApiError } from '@paid-community/shared/telegram/errors.ts';
import { Bots } from '../../bots/bots.ts';
import { memberTasks } from '../member-tasks.ts';

export const CHAT_ID = '-1001';

/** The community gold at a Telegram that knows who is inside, who is banned and who asks; bot 7 serves it. */
export class MembersAtTelegram {
  readonly clock = new ManualClock();
  readonly backend: Backend;
  readonly eventBus = new RecordingEventBus();
  readonly taskQueue = new RecordingTaskQueue();
  readonly inside = new Set<number>();
  readonly banned = new Set<number>();
  readonly asking = new Set<number>();
  readonly calls: string[] = [];
  /** Of the next calls of a method; undefined: as usual. */
  readonly scripted: Record<string, (Error | undefined)[]> = {};
  /** When Telegram has received the call of a method. */
  before: (method: string) => Promise<void> = () => Promise.resolve();
  /** By how much Telegram's clock is ahead of ours. */
  aheadMs = 0;
  /** How often its time was asked for. */
  timesAsked = 0;
  readonly close: () => Promise<void>;
  readonly #handlers: readonly ((content: unknown, task: never) => Promise<unknown>)[];

  constructor() {
    const { backend, close } = openTemporaryBackend(this.clock);
    this.backend = backend;
    this.close = close;
    const { store } = backend;
    const ports = { store, clock: this.clock, log: silentLog, eventBus: this.eventBus, taskQueue: this.taskQueue };
    const known = new KnownCommunities(ports);
    const bounds = { adaptive: false, startPerSecond: Infinity, floorPerSecond: 0.02, ceilingPerSecond: 30 };
    const bots = new Bots(
      { apis: new Map([['7', this.#api()]]), instanceId: 'i', bounds, atOnce: 1 },
      { ...ports, communities: known },
    );
    const limits = { maxAttempts: 50, baseBackoffMs: 5_000 };
    this.#handlers = memberTasks({ ...ports, bots, communities: known, limits }).map(handleTaskByType);
  }

  static async open(): Promise<MembersAtTelegram> {
    const world = new MembersAtTelegram();
    await world.setCommunity({});
    return world;
  }

  async setCommunity(fields: Partial<ConnectedCommunity>): Promise<void> {
    this.clock.advance(1);
    const updatedAt = new Date(this.clock.now()).toISOString();
    const community = someCommunity({ chatId: CHAT_ID, botIds: ['7'], removal: 'on', ...fields, updatedAt });
    await changeDocument(this.backend.store, communities, 'gold', () => community);
  }

  async put(membership: Membership): Promise<void> {
    await changeDocument(this.backend.store, memberships, membership.membershipId, () => membership);
  }

  /** Executes a task, and returns the one that follows. */
  async run({ payload, name }: OutgoingTask): Promise<OutgoingTask | undefined> {
    const content: unknown = JSON.parse(payload);
    const type = (content as { readonly type: string }).type;
    const [approvals, removals] = this.#handlers;
    await (type === 'remove-member' ? removals : approvals)?.(content, { name, payload } as never);
    return this.taskQueue.tasks.splice(0).at(-1);
  }

  /** As "type reason account", each with its id. */
  get told(): readonly (readonly [id: string, what: string])[] {
    return this.eventBus.eventsOn(membershipEvents).map(({ id, type, data }) => {
      const { reason = '-', telegramUserId } = data as Record<string, string>;
      return [String(id), `${String(type)} ${reason} ${telegramUserId ?? ''}`];
    });
  }

  #api(): BotApi {
    return {
      call: async (method, parameters = {}, { onServerTime } = {}) => {
        onServerTime?.(this.clock.now() + this.aheadMs);
        if (method === 'getMe') {
          this.timesAsked += 1;
          return { id: 7 };
        }
        const { user_id: user } = parameters as { readonly user_id: number };
        this.calls.push(method);
        await this.before(method);
        const failure = this.scripted[method]?.shift();
        if (failure !== undefined) throw failure;
        return this.#answer(method, user);
      },
      close: () => undefined,
    };
  }

  #answer(method: string, user: number): unknown {
    switch (method) {
      case 'getChatMember':
        if (this.banned.has(user)) return { status: 'kicked' };
        return { status: this.inside.has(user) ? 'member' : 'left' };
      case 'unbanChatMember':
        this.inside.delete(user);
        this.banned.delete(user);
        return true;
      case 'approveChatJoinRequest':
      case 'declineChatJoinRequest':
        if (!this.asking.delete(user)) throw refusal('HIDE_REQUESTER_MISSING');
        if (method === 'approveChatJoinRequest') this.inside.add(user);
        return true;
      default:
        throw refusal(`${method} is not imitated`);
    }
  }
}

export function refusal(description: string, errorCode = 400): TelegramApiError {
  return new TelegramApiError({ errorCode, description: `Bad Request: ${description}` });
}
