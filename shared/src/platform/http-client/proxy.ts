import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../config/hosts.ts';
import { ConfigError, type Environment } from '../config/settings.ts';

export interface OutboundProxy {
  /** The variable that names it. */
  readonly variable: string;
  /** With its user and password, where it has them. */
  readonly url: string;
  /** Without them: may be shown. */
  readonly origin: string;
}

/**
 * The proxy for calls to `root`, as the environment says it: HTTPS_PROXY or HTTP_PROXY by the scheme of `root`, else
 * ALL_PROXY, each also in small letters. Undefined for loopback, for what NO_PROXY names (hosts with their subdomains,
 * host:port, address ranges, *), and when there is none.
 * @throws ConfigError when it is no http:// or https:// URL.
 */
export function proxyFor(root: string, environment: Environment): OutboundProxy | undefined {
  const target = new URL(root);
  const host = target.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (staysHere(host)) return undefined;
  const variable = [`${target.protocol.slice(0, -1)}_proxy`, 'all_proxy']
    .flatMap((name) => [name, name.toUpperCase()])
    .find((name) => valueOf(environment, name) !== '');
  if (variable === undefined || isExcepted(target, host, environment)) return undefined;
  const value = valueOf(environment, variable);
  const url = value.includes('://') ? value : `http://${value}`;
  if (!URL.canParse(url) || !/^https?:\/\//i.test(url))
    throw new ConfigError([
      `${variable} must be the URL of a proxy: http://host:port or https://host:port, with user:password@ where it asks for them`,
    ]);
  return { variable, url, origin: new URL(url).origin };
}

function valueOf(environment: Environment, name: string): string {
  return (environment[name] ?? '').trim();
}

/** A call to the address of all interfaces stays on this machine, too. */
function staysHere(host: string): boolean {
  return isLoopback(host) || host === '0.0.0.0' || host === '::';
}

/** An IPv4 address within an IPv6 one counts as the former. */
function contains(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

function isExcepted(target: URL, host: string, environment: Environment): boolean {
  const usualPort = target.protocol === 'https:' ? '443' : '80';
  const port = target.port === '' ? usualPort : target.port;
  const entries = (valueOf(environment, 'no_proxy') || valueOf(environment, 'NO_PROXY')).toLowerCase().split(/[\s,]+/);
  return entries.some((entry) => {
    if (entry === '*') return true;
    const range = /^\[?([0-9a-f.:]+)\]?\/(\d{1,3})$/.exec(entry);
    if (range !== null) return isInRange(host, range[1] ?? '', Number(range[2]));
    const [, bracketed, name = bracketed ?? '', onlyPort] =
      /^(?:\[([^\]]+)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(entry) ?? [];
    if (onlyPort !== undefined && onlyPort !== port) return false;
    const suffix = name.replace(/^\*?\./, '').replace(/\.$/, '');
    return suffix !== '' && (host === suffix || (isIP(host) === 0 && host.endsWith(`.${suffix}`)));
  });
}

function isInRange(host: string, network: string, prefix: number): boolean {
  const family = isIP(network);
  if (family === 0 || prefix > (family === 4 ? 32 : 128)) return false;
  const range = new BlockList();
  range.addSubnet(network, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return contains(range, host);
}
