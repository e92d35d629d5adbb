import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { BlockList, type LookupFunction, isIP } from 'node:net';
import { buildConnector } from 'undici';
import { HttpError } from './http-error.ts';

/** Which addresses a request may reach. Both default to false. */
export interface AddressPolicy {
  allowLoopback?: boolean | undefined;
  allowLinkLocal?: boolean | undefined;
}

/** As `dns.lookup` with `all`; a door for tests. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export const systemResolve: Resolve = (hostname, options, callback) => lookup(hostname, options, callback);

type AddressClass = 'loopback' | 'link-local';
type Subnet = readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'];

/** The unspecified addresses reach the own host; 64:ff9b::/96 is NAT64, the last two forms carry an IPv4 address inside. */
const loopbackSubnets: readonly Subnet[] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['0.0.0.0', 8, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['::', 128, 'ipv6'],
  ['64:ff9b::7f00:0', 104, 'ipv6'],
  ['::7f00:0', 104, 'ipv6'],
];

/** fd00:ec2::254 is where AWS serves instance credentials over IPv6, as 169.254.169.254 is over IPv4. */
const linkLocalSubnets: readonly Subnet[] = [
  ['169.254.0.0', 16, 'ipv4'],
  ['fe80::', 10, 'ipv6'],
  ['fd00:ec2::254', 128, 'ipv6'],
  ['64:ff9b::a9fe:0', 112, 'ipv6'],
  ['::a9fe:0', 112, 'ipv6'],
];

const loopback = blockListOf(loopbackSubnets);
const linkLocal = blockListOf(linkLocalSubnets);

function blockListOf(subnets: readonly Subnet[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix, family] of subnets) list.addSubnet(network, prefix, family);
  return list;
}

/** The class of an address text (with or without brackets) that the policy forbids; undefined when it may be reached or is a name. */
export function forbiddenClass(host: string, policy: AddressPolicy): AddressClass | undefined {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  const version = isIP(address);
  if (version === 0) return undefined;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (policy.allowLoopback !== true && loopback.check(address, family)) return 'loopback';
  if (policy.allowLinkLocal !== true && linkLocal.check(address, family)) return 'link-local';
  return undefined;
}

/** Throws HttpError `refusedAddress` when the host itself, without asking DNS, is known to be forbidden. */
export function refuseForbiddenHost(host: string, policy: AddressPolicy): void {
  const isLocalName = /(^|\.)localhost\.?$/i.test(host) && policy.allowLoopback !== true;
  const found = isLocalName ? 'loopback' : forbiddenClass(host, policy);
  if (found !== undefined) throw refusal(host, host, found);
}

/** A lookup that fails when any of the addresses is forbidden: what is connected to is what was checked. */
export const guardedLookup =
  (policy: AddressPolicy, resolve: Resolve): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const failure = error ?? refusalOf(hostname, addresses, policy);
      const [first] = addresses ?? [];
      if (failure !== undefined || first === undefined) {
        callback(failure ?? new Error(`${hostname} has no address`), '');
      } else if (options.all === true) {
        callback(null, addresses);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };

export interface ConnectorOptions {
  policy: AddressPolicy;
  resolve: Resolve;
  insecureSkipVerify: boolean;
}

const connectTimeoutMs = 10_000;

/** Connects only where the policy allows, whether the host is an address (which is never looked up) or a name. */
export function createGuardedConnector({
  policy,
  resolve,
  insecureSkipVerify,
}: ConnectorOptions): buildConnector.connector {
  const connect = buildConnector({
    rejectUnauthorized: !insecureSkipVerify,
    lookup: guardedLookup(policy, resolve),
    timeout: connectTimeoutMs,
  });
  return (options, callback) => {
    const found = forbiddenClass(options.hostname, policy);
    if (found === undefined) connect(options, callback);
    else callback(refusal(options.hostname, options.hostname, found), null);
  };
}

function refusalOf(hostname: string, addresses: LookupAddress[], policy: AddressPolicy): HttpError | undefined {
  for (const { address } of addresses) {
    const found = forbiddenClass(address, policy);
    if (found !== undefined) return refusal(hostname, address, found);
  }
  return undefined;
}

function refusal(host: string, address: string, found: AddressClass): HttpError {
  const subject = host === address ? host : `${host} resolves to ${address}, which`;
  return new HttpError(
    'refusedAddress',
    `${subject} is a ${found} address; use another one, or have the operator allow ${found} addresses`,
  );
}
