import { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { Bots } from '../../bots/bots.ts';

/** The bot of the community gold, whose chat is -1001. */
export const BOT = '7';

/** A Telegram that answers as a test says, asked by the bot of the community gold. */
export class AskedTelegram {
  readonly clock = new ManualClock();
  readonly backend: Backend;
  readonly taskQueue = new RecordingTaskQueue();
  readonly bots: Bots;
  readonly calls: { readonly method: string; readonly parameters: object }[] = [];
  /** The next answers; an Error is thrown. */
  answers: unknown[] = [];
  readonly close: () => Promise<void>;

  private constructor() {
    const { backend, close } = openTemporaryBackend(this.clock);
    this.backend = backend;
    this.close = close;
    const { store, eventBus } = backend;
    const api: BotApi = {
      call: (method, parameters = {}) => {
        this.calls.push({ method, parameters });
        const answer = this.answers.shift();
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
      close: () => undefined,
    };
    const bounds = { adaptive: false, startPerSecond: Infinity, floorPerSecond: 0.02, ceilingPerSecond: 30 };
    this.bots = new Bots(
      { apis: new Map([[BOT, api]]), instanceId: 'i', bounds, atOnce: 1 },
      {
        communities: new KnownCommunities({ store, clock: this.clock }),
        store,
        eventBus,
        clock: this.clock,
        log: silentLog,
      },
    );
  }

  static async open(): Promise<AskedTelegram> {
    const telegram = new AskedTelegram();
    await telegram.backend.store.commit([
      createDocument(communities, 'gold', someCommunity({ communityId: 'gold', chatId: '-1001', botIds: [BOT] })),
    ]);
    return telegram;
  }
}
