import { createBotApi } from '@paid-community/shared/telegram/bot-api.ts';
import type { Purchase, SideEvents, SideSettings } from './job-side.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';

/** Where a peer records its links, durably; one for each request. */
export interface LinkRecords {
  has(requestId: string): Promise<boolean>;
  record(purchase: Purchase, inviteLink: string): Promise<void>;
}

/**
 * The handler of every peer: what the system itself does for a purchase, with the same HTTP client. A job that comes
 * again finds the link of the first time and makes no call.
 */
export function makeLink(
  settings: Pick<SideSettings, 'telegramRoot' | 'handler'>,
  records: LinkRecords,
  events: SideEvents,
): (purchase: Purchase) => Promise<void> {
  if (settings.handler === 'nothing') {
    return () => {
      events.handled();
      return Promise.resolve();
    };
  }
  const telegram = createBotApi({ apiRoot: settings.telegramRoot, token: '1000000001:BENCH' }, noTelemetry);
  return async (purchase) => {
    if (!(await records.has(purchase.requestId))) {
      const name = purchase.requestId.replaceAll('-', '');
      const link = await telegram.call('createChatInviteLink', { chat_id: '-1001000000001', name, member_limit: 1 });
      await records.record(purchase, (link as { readonly invite_link: string }).invite_link);
      events.recorded(purchase.requestId);
    }
    events.handled();
  };
}
