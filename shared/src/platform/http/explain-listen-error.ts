import { ConfigError } from '../config/settings.ts';
import { errorCode } from '../ports/errors.ts';

export interface Place {
  readonly port: number;
  readonly host: string;
  /** The setting that the port comes from, in words. */
  readonly portSetting?: string;
}

const NO_ADDRESS: readonly string[] = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EINVAL', 'EAFNOSUPPORT'];

/**
 * Why a server could not be opened there, by the setting to change: a ConfigError where it can never be, any other
 * error where it may be later.
 */
export function explainListenError(error: unknown, { port, host, portSetting = 'PORT' }: Place): Error {
  const code = errorCode(error);
  if (code === 'EADDRINUSE')
    return new Error(`${portSetting} ${port} is in use by another program on ${host}: stop that one, or set another`, {
      cause: error,
    });
  if (code === 'EACCES')
    return new ConfigError([
      `${portSetting} ${port} is not for this user (${code}): take one above 1023, or give the process the right to use it`,
    ]);
  if (!NO_ADDRESS.includes(code))
    return error instanceof Error ? error : new Error('The server could not be opened', { cause: error });
  return new ConfigError([
    `HOST ${host} is no address that this machine can listen on (${code}): set one that it has, such as 127.0.0.1, or 0.0.0.0 for all of them`,
  ]);
}
