import type { ExampleCall } from './example-call.ts';

/** How the system is. */
export const healthCalls: readonly ExampleCall[] = [
  { id: 'process.alive', name: 'alive', summary: 'It answers', status: 200 },
  { id: 'process.ready', name: 'ready', summary: 'It can store', status: 200 },
  { id: 'metrics.read', name: 'page', summary: 'A page', status: 200, varies: true },
  { id: 'health.show', name: 'asked', summary: 'All findings', status: 200, varies: true, waits: true },
  { id: 'health.fix', name: 'fixed', summary: 'What was mended', status: 200, varies: true, waits: true },
];
