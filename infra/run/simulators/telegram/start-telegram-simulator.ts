import { openServer } from '../http/serve.ts';
import { createTelegramSimulator } from './create-telegram-simulator.ts';
import type { TelegramOptions } from './telegram-options.ts';
import type { TelegramSimulator } from './telegram-simulator.ts';

/** Telegram's side alone, on a port of its own; 0 takes a free one. @throws when the port is taken. */
export async function startTelegramSimulator(
  options: TelegramOptions & { readonly port?: number; readonly host?: string },
): Promise<TelegramSimulator> {
  const server = await openServer(options.port, options.host);
  const { simulator, listener } = createTelegramSimulator(options, server);
  server.listen(listener);
  return simulator;
}
