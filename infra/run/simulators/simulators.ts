import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { controlListener } from './control.ts';
import { mount, openServer } from './http/serve.ts';
import { createTelegramSimulator } from './telegram/create-telegram-simulator.ts';
import type { TelegramOptions } from './telegram/telegram-options.ts';
import type { TelegramSimulator } from './telegram/telegram-simulator.ts';
import { createWebEngageSimulator } from './webengage/create-webengage-simulator.ts';
import type { WebEngageOptions, WebEngageSimulator } from './webengage/webengage-simulator.ts';

export interface SimulatorsOptions {
  /** 0 takes a free port; the default. */
  readonly port?: number;
  /** 127.0.0.1 by default: there is nothing here to protect the simulators from a network. */
  readonly host?: string;
  readonly telegram: TelegramOptions;
  readonly webengage: WebEngageOptions;
  /** For both sides, where they name none of their own. */
  readonly clock?: Clock;
}

/** Both sides on one port, with the control interface (control.ts) beside them. */
export interface Simulators {
  /** `http://127.0.0.1:PORT`; the control interface is at `${url}/control`. */
  readonly url: string;
  /** `telegram.url` is `${url}/telegram`: the TELEGRAM_API_ROOT. */
  readonly telegram: TelegramSimulator;
  /** `webengage.url` is `${url}/webengage`: the WEBENGAGE_API_ROOT. */
  readonly webengage: WebEngageSimulator;
  /** Closes everything, open connections too. */
  close(): Promise<void>;
}

/** @throws when the port is taken. */
export async function startSimulators(options: SimulatorsOptions): Promise<Simulators> {
  const server = await openServer(options.port, options.host);
  const clock = options.clock === undefined ? {} : { clock: options.clock };
  // One server under both: closing either side closes it, and closing it again does no harm.
  const close = (): Promise<void> => server.close();
  const telegram = createTelegramSimulator({ ...clock, ...options.telegram }, { url: `${server.url}/telegram`, close });
  const webengage = createWebEngageSimulator(
    { ...clock, ...options.webengage },
    { url: `${server.url}/webengage`, close },
  );
  const sides = { telegram: telegram.simulator, webengage: webengage.simulator };
  server.listen(
    mount({ '/telegram': telegram.listener, '/webengage': webengage.listener, '/control': controlListener(sides) }),
  );
  return { url: server.url, ...sides, close: () => telegram.simulator.close() };
}
