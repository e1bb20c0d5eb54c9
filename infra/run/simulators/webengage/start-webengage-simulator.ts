import { openServer } from '../http/serve.ts';
import { createWebEngageSimulator } from './create-webengage-simulator.ts';
import type { WebEngageOptions, WebEngageSimulator } from './webengage-simulator.ts';

/** WebEngage's side alone, on a port of its own; 0 takes a free one. @throws when the port is taken. */
export async function startWebEngageSimulator(
  options: WebEngageOptions & { readonly port?: number; readonly host?: string },
): Promise<WebEngageSimulator> {
  const server = await openServer(options.port, options.host);
  const { simulator, listener } = createWebEngageSimulator(options, server);
  server.listen(listener);
  return simulator;
}
