import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { BlockList, type LookupFunction, isIP } from 'node:net';
import { buildConnector } from 'undici';
import { HttpError } from './error.ts';
import { noteLoss } from './lost.ts';

/** Which addresses a request may reach. Both default to false. */
export interface AddressPolicy {
  allowLoopback?: boolean | undefined;
  /** And the other addresses where clouds serve metadata. */
  allowLinkLocal?: boolean | undefined;
}

/** As `dns.lookup` with `all`; a door for tests. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export const systemResolve: Resolve = (hostname, options, callback) => lookup(hostname, options, callback);

type Resolved = Parameters<Resolve>[2];

/**
 * One lookup of a name for all that wait for it. A lookup holds one of few threads until it ends: a name whose servers are
 * silent would take them all, and nobody else's names were looked up.
 */
export function sharedResolve(resolve: Resolve): Resolve {
  const waiting = new Map<string, Resolved[]>();
  return (hostname, options, callback) => {
    const key = JSON.stringify([hostname, options.family, options.hints]);
    const others = waiting.get(key);
    if (others !== undefined) {
      others.push(callback);
      return;
    }
    const all = [callback];
    waiting.set(key, all);
    resolve(hostname, options, (error, addresses) => {
      waiting.delete(key);
      for (const answer of all) answer(error, addresses);
    });
  };
}

type AddressClass = 'loopback' | 'link-local' | 'metadata';
type Subnet = readonly [network: string, prefix: number];

/** The unspecified addresses reach the own host. */
const loopback = blockListOf([
  ['127.0.0.0', 8],
  ['0.0.0.0', 8],
  ['::1', 128],
  ['::', 128],
]);

const linkLocal = blockListOf([
  ['169.254.0.0', 16],
  ['fe80::', 10],
]);

/** Where clouds serve credentials and user data beside 169.254.0.0/16: single addresses in ranges that clusters use. */
const metadata = blockListOf([
  // AWS: instance metadata, and the agent of EKS Pod Identity.
  ['fd00:ec2::254', 128],
  ['fd00:ec2::23', 128],
  // Google Cloud.
  ['fd20:ce::254', 128],
  // Azure's WireServer, which hands the settings of virtual machine extensions out.
  ['168.63.129.16', 32],
  // Oracle Cloud.
  ['fd00:c1::a9fe:a9fe', 128],
  ['192.0.0.192', 32],
  // Alibaba Cloud.
  ['100.100.100.200', 32],
  ['fd00:100::100:200', 128],
  // Akamai (Linode).
  ['fd00:a9fe:a9fe::1', 128],
  // Scaleway.
  ['fd00:42::42', 128],
]);

/** Of an IPv4 subnet also the forms that carry it inside: NAT64 and IPv4-compatible; the list knows IPv4-mapped itself. */
function blockListOf(subnets: readonly Subnet[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) {
    list.addSubnet(network, prefix, familyOf(network));
    if (familyOf(network) === 'ipv6') continue;
    for (const outer of ['64:ff9b::', '::']) list.addSubnet(`${outer}${network}`, 96 + prefix, 'ipv6');
  }
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** The class of an address text (with or without brackets) that the policy forbids; undefined when it may be reached or is a name. */
export function forbiddenClass(host: string, policy: AddressPolicy): AddressClass | undefined {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) === 0) return undefined;
  const family = familyOf(address);
  if (policy.allowLoopback !== true && loopback.check(address, family)) return 'loopback';
  if (policy.allowLinkLocal === true) return undefined;
  if (linkLocal.check(address, family)) return 'link-local';
  return metadata.check(address, family) ? 'metadata' : undefined;
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
    if (found !== undefined) {
      callback(refusal(options.hostname, options.hostname, found), null);
      return;
    }
    connect(options, (...connected) => {
      if (connected[0] === null) noteLoss(connected[1]);
      callback(...connected);
    });
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
  const allowed =
    found === 'loopback' ? 'loopback addresses (ALLOW_LOOPBACK)' : 'link-local addresses (ALLOW_LINK_LOCAL)';
  return new HttpError(
    'refusedAddress',
    `${subject} is a ${found} address; use another one, or have the operator allow ${allowed}`,
  );
}
