import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '../backends/backend.ts';
import { platformSettings } from '../config/platform-settings.ts';
import { readSettings } from '../config/settings.ts';
import { systemClock } from '../lifecycle/system-clock.ts';
import { openTemporaryBackend, silentLog } from '../testing/temporary-backend.ts';
import type { Service } from './service.ts';
import { startProcess, type ProcessOptions } from './start-process.ts';

/** What happens, in its order. */
let events: string[];
let backend: Backend;
let removeBackend: () => Promise<void>;

beforeEach(() => {
  events = [];
  const opened = openTemporaryBackend(systemClock);
  removeBackend = opened.close;
  const close = (): Promise<void> => {
    events.push('backend closed');
    return opened.backend.close();
  };
  const { eventBus, taskQueue, store, administration } = opened.backend;
  backend = {
    eventBus,
    taskQueue,
    store,
    administration,
    close,
    deliverTo: (consumers, isBusy) => opened.backend.deliverTo(consumers, isBusy),
    checkReady: () => opened.backend.checkReady(),
  };
});

afterEach(() => removeBackend());

function service(name: Service['name']): Service {
  return {
    name,
    routes: [],
    subscriptions: [],
    tasks: [],
    background: async (signal) => {
      events.push(`${name} begins`);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      events.push(`${name} ends`);
    },
    close: () => void events.push(`${name} closed`),
  };
}

function start(services: ProcessOptions['services'], port = 0): ReturnType<typeof startProcess> {
  const config = readSettings({ PORT: String(port), OTEL_SDK_DISABLED: 'true' }, platformSettings);
  const onListening = (): void => void events.push('listening');
  return startProcess({
    name: 'test',
    config,
    backend,
    services,
    onListening,
    clock: systemClock,
    log: silentLog,
  });
}

describe('a process', () => {
  test('begins background work once the port is open, and ends it before what it uses is closed', async () => {
    const running = await start([() => service('link-worker')]);
    await running.stop();
    expect(events).toEqual([
      'listening',
      'link-worker begins',
      'link-worker ends',
      'backend closed',
      'link-worker closed',
    ]);
  });
});

describe('a start that fails closes all that was opened', () => {
  test('because the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const starting = start([() => service('link-worker'), () => service('event-emitter')], port);
    await expect(starting).rejects.toThrow();
    expect(events).toEqual(['backend closed', 'event-emitter closed', 'link-worker closed']);
    other.close();
  });

  test('because one of the services cannot be made', async () => {
    const starting = start([
      () => service('link-worker'),
      () => {
        throw new Error('the proxy of the environment is no URL');
      },
    ]);
    await expect(starting).rejects.toThrow('the proxy of the environment is no URL');
    expect(events).toEqual(['backend closed', 'link-worker closed']);
  });
});
