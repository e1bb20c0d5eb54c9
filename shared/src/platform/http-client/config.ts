import type { Environment } from '../config/settings.ts';
import { proxyFor, type OutboundProxy } from './proxy.ts';

/** The proxy of this process for calls to `root`. @throws ConfigError as proxyFor */
export function configuredProxy(root: string, environment: Environment = process.env): OutboundProxy | undefined {
  return proxyFor(root, environment);
}
