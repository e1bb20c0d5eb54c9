import type { Clock } from '@paid-community/shared/ports/clock.ts';
import type { TelegramOptions, TelegramSimulator } from './telegram/telegram-simulator.ts';
import type { WebEngageOptions, WebEngageSimulator } from './webengage/webengage-simulator.ts';

/** Options of `startSimulators`. */
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
