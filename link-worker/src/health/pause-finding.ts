import type { BotRate } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import { isCrediblePause } from '@paid-community/shared/telegram/pause.ts';

/** A pause of seconds is part of finding the pace; one of an hour keeps buyers waiting. */
const LONG_MS = 3_600_000;

/**
 * Since when and until when Telegram wants no link calls, as it is stored for all instances. `rate` undefined: no pause
 * was ever ordered.
 */
export function pauseFinding(rate: BotRate | undefined, now: number): Finding {
  const check = 'telegram_pause';
  const until = rate === undefined ? 0 : Date.parse(rate.pausedUntil);
  const leftMs = until - now;
  if (!(leftMs > 0)) return { check, state: 'ok', meaning: 'Telegram orders no pause' };
  if (!isCrediblePause(until, now)) {
    return {
      check,
      state: 'warning',
      meaning: `A pause until ${isoTime(until)} is stored, which is longer than any that Telegram orders: a clock was wrong when it was written. It is not kept`,
      advice: 'Set the clock of the machine by a time server (NTP)',
    };
  }
  const toldAt = rate?.learned?.['lastRefusalAt'];
  const since = toldAt === undefined || !(toldAt > 0 && toldAt <= now) ? '' : ` since ${isoTime(toldAt)},`;
  return {
    check,
    state: leftMs < LONG_MS ? 'warning' : 'failing',
    meaning: `Telegram wants no link calls of the bot${since} until ${isoTime(until)} (retry_after). No links are made meanwhile`,
    advice:
      'Nothing: purchases are kept, and get their links when the time is over. Does another program make links with this bot? Give it a bot of its own',
  };
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
