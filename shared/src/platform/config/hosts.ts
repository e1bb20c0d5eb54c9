import { BlockList, isIP } from 'node:net';

function listOf(...subnets: readonly (readonly [network: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, isIP(network) === 4 ? 'ipv4' : 'ipv6');
  return list;
}

const LOOPBACK = listOf(['127.0.0.0', 8], ['::1', 128]);

/** RFC 1918, 3927, 4193, 4291, and 6598, in which providers and overlay networks have their addresses. */
const PRIVATE = listOf(
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
  ['fc00::', 7],
  ['fe80::', 10],
);

/** RFC 6761, 6762, 8375; .internal is set aside by ICANN, .lan is what routers hand out. */
const PRIVATE_NAME = /\.(localhost|local|internal|lan|home\.arpa)$/;

/**
 * `host` as a setting or a URL has it: a name, an IPv4 address, or an IPv6 address with or without brackets. Nobody but
 * this machine gets there.
 */
export function isLoopback(host: string): boolean {
  const name = plain(host);
  return name === 'localhost' || name.endsWith('.localhost') || isIn(LOOPBACK, name);
}

/**
 * On this machine or on a private network: loopback, a private address, or a name that no public name server knows,
 * such as that of a container.
 */
export function isPrivate(host: string): boolean {
  const name = plain(host);
  return (
    isLoopback(name) || isIn(PRIVATE, name) || (isIP(name) === 0 && (!name.includes('.') || PRIVATE_NAME.test(name)))
  );
}

function plain(host: string): string {
  return host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

/** An IPv4 address within an IPv6 one counts as the former. */
function isIn(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
