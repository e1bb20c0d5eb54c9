import { readFileSync } from 'node:fs';

/** Memory of a process. 0 where there is no /proc: only Linux tells. */
export function residentMiB(pid: number): number {
  if (process.platform !== 'linux') return 0;
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) / 1_024;
}

/** TIME_WAIT and LISTEN: no connection (include/net/tcp_states.h). */
const NOT_CONNECTED = new Set(['06', '0A']);

/** Connections that the system keeps for a server on 127.0.0.1, also those that it alone still tries to end. */
export function connectionsOf(port: number): number {
  if (process.platform !== 'linux') return 0;
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address, , state = '']) => address === local && !NOT_CONNECTED.has(state)).length;
}
