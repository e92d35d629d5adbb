import { networkInterfaces } from 'node:os';
import type { NetworkInterfaceInfo } from 'node:os';

type Interfaces = Readonly<Record<string, readonly Pick<NetworkInterfaceInfo, 'family'>[] | undefined>>;

/**
 * What a server binds to that everybody may reach: `::` takes IPv4 as well. On a node without IPv6 (`ipv6.disable=1`) there
 * are no such sockets at all, and no interface has an address of that family.
 */
export function allAddresses(interfaces: Interfaces = networkInterfaces()): '::' | '0.0.0.0' {
  const isIPv6 = Object.values(interfaces).some((addresses) => addresses?.some(({ family }) => family === 'IPv6'));
  return isIPv6 ? '::' : '0.0.0.0';
}
