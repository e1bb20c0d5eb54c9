import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The parts of a V8 CPU profile that are read here. */
interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame; readonly children?: readonly number[] }[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

interface Frame {
  readonly functionName: string;
  readonly url: string;
}

/** The first that fits; a native call (SQLite, sockets) counts for the JavaScript that made it. */
const groups: readonly (readonly [string, RegExp])[] = [
  ['SQLite: statements, commit, checkpoints', /\/backends\/embedded\//],
  [
    'HTTP client to Telegram (axios, node:http)',
    /\/node_modules\/(axios|p-retry|proxy-from-env|follow-redirects|form-data)\/|node:_http_(client|agent)/,
  ],
  ['OpenTelemetry', /\/node_modules\/@opentelemetry\//],
  ['HTTP server (Koa, node:http)', /\/node_modules\/|node:_http_|node:internal\/http/],
  ['Node itself: sockets, streams, timers', /^node:/],
  ['our own code', /^file:/],
];

/**
 * Shares of the time in which the process was not idle and not loading its program, over all profiles in the folder.
 */
export function profileShares(folder: string): Record<string, number> {
  const times = new Map<string, number>();
  let total = 0;
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'))) {
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile;
    const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
    const loading = loadingNodes(nodes);
    for (const [index, id] of samples.entries()) {
      const frame = frames.get(id);
      if (frame === undefined || frame.functionName === '(idle)' || loading.has(id)) continue;
      const time = timeDeltas[index] ?? 0;
      const group = groupOf(frame.functionName, frame.url);
      total += time;
      times.set(group, (times.get(group) ?? 0) + time);
    }
  }
  return Object.fromEntries([...times].map(([group, time]) => [group, time / total]));
}

/** Everything that was called by the module loader. A parent stands before its children. */
function loadingNodes(nodes: CpuProfile['nodes']): ReadonlySet<number> {
  const loading = new Set<number>();
  for (const { id, callFrame, children = [] } of nodes) {
    if (loading.has(id) || callFrame.url.startsWith('node:internal/modules/'))
      for (const each of [id, ...children]) loading.add(each);
  }
  return loading;
}

function groupOf(functionName: string, url: string): string {
  if (functionName === '(garbage collector)') return 'garbage collection';
  return groups.find(([, pattern]) => pattern.test(url))?.[0] ?? 'V8 and native code outside of these';
}
