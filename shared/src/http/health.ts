import type { Backend } from '../backends/backend.ts';
import type { Route } from './route.ts';

/** `/healthz`: the process answers. `/readyz`: its backend takes durable writes, else 503. */
export function healthRoutes(backend: Pick<Backend, 'checkReady'>): readonly Route[] {
  return [
    { method: 'GET', path: '/healthz', traced: false, handle: () => Promise.resolve({ status: 200, body: { ok: true } }) },
    {
      method: 'GET',
      path: '/readyz',
      traced: false,
      handle: async () => {
        await backend.checkReady();
        return { status: 200, body: { ok: true } };
      },
    },
  ];
}
