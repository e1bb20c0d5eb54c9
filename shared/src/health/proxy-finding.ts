import { isPrivate } from '../platform/config/hosts.ts';
import type { Environment } from '../platform/config/settings.ts';
import type { Finding } from '../model/operations/health-report.ts';
import { configuredProxy } from '../platform/http-client/config.ts';

/**
 * Through which proxy the calls to `root` go; none where they go straight. Where the proxy is wanted, this says it
 * works as wanted.
 */
export function proxyFindings(root: string, environment?: Environment): readonly Finding[] {
  const proxy = configuredProxy(root, environment);
  if (proxy === undefined) return [];
  const { host, hostname } = new URL(root);
  const meaning = `Calls to ${host} go through the proxy ${proxy.origin} (${proxy.variable})`;
  if (!isPrivate(hostname)) return [{ check: 'proxy', state: 'ok', meaning }];
  return [
    {
      check: 'proxy',
      state: 'warning',
      meaning: `${meaning}, though the host is on a private network`,
      advice: `If the proxy does not lead there, put ${hostname} into NO_PROXY`,
    },
  ];
}
