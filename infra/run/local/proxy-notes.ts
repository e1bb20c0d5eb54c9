import type { Environment } from '@paid-community/shared/platform/config/settings.ts';
import { proxyFindings } from '@paid-community/shared/health/proxy-finding.ts';

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);

export interface CalledRoots {
  /** Of the sides that are real. */
  readonly real: readonly string[];
  /** Whether simulators on this machine are called as well. */
  readonly simulators: boolean;
}

/** Which proxy the calls to the outside take, and that calls to this machine take none; a sentence each. */
export function proxyNotes(
  { real, simulators }: CalledRoots,
  environment: Environment = process.env,
): readonly string[] {
  const notes = real
    .flatMap((root) => proxyFindings(root, environment))
    .map(({ meaning, advice }) => (advice === undefined ? meaning : `${meaning}. ${advice}`));
  const names = PROXIES.filter((name) => (environment[name] ?? '').trim() !== '').join(' and ');
  if (names === '') return notes;
  const ofFetch =
    environment['NODE_USE_ENV_PROXY'] === '1' &&
    !/(^|[\s,])(\*|127\.0\.0\.1)([\s,:]|$)/.test(environment['no_proxy'] ?? environment['NO_PROXY'] ?? '');
  return [
    ...notes,
    ...(simulators ? [`Calls to the simulators on this machine do not go through the proxy of ${names}`] : []),
    ...(ofFetch
      ? [
          `NODE_USE_ENV_PROXY sends npm run ops to the proxy of ${names} even when it calls this machine: put 127.0.0.1,localhost into NO_PROXY`,
        ]
      : []),
  ];
}
