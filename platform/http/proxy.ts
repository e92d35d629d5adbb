import { BlockList, isIP } from 'node:net';

/** HTTP_PROXY, HTTPS_PROXY and NO_PROXY as the environment has them. */
export interface ProxyEnvironment {
  httpProxy?: string | undefined;
  httpsProxy?: string | undefined;
  /**
   * Between commas: `*`, a domain (its subdomains too), `.domain` or `*.domain` (its subdomains only), an address, a CIDR;
   * each but `*` and CIDR may end in `:port`. Whatever is none of them exempts nothing.
   */
  noProxy?: string | undefined;
}

/** The proxy for a target, or undefined for a direct connection. The own host is never reached through a proxy. */
export function proxyFor(target: URL, { httpProxy, httpsProxy, noProxy }: ProxyEnvironment): string | undefined {
  const proxy = target.protocol === 'https:' ? httpsProxy : httpProxy;
  if (!proxy || isOwnHost(hostOf(target)) || isExempt(target, noProxy ?? '')) return undefined;
  return withScheme(proxy);
}

const withScheme = (proxy: string): string => (proxy.includes('://') ? proxy : `http://${proxy}`);

/** Whether {@link proxyFor} makes a proxy's URL of it. What lacks a scheme has no path either: `http//proxy` is a slip. */
export function isProxyAddress(text: string): boolean {
  const whole = withScheme(text);
  if (!URL.canParse(whole)) return false;
  const { protocol, pathname } = new URL(whole);
  return ['http:', 'https:'].includes(protocol) && (whole === text || pathname === '/');
}

const hostOf = ({ hostname }: URL): string => withoutBrackets(hostname).toLowerCase();

const withoutBrackets = (text: string): string => text.replace(/^\[(.*)\]$/, '$1');

const isOwnHost = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\.[\d.]+$/.test(host);

function isExempt(target: URL, noProxy: string): boolean {
  const host = hostOf(target);
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  return noProxy
    .split(',')
    .map((rule) => rule.trim().toLowerCase())
    .some((rule) => rule !== '' && matches(rule, host, port));
}

function matches(rule: string, host: string, port: string): boolean {
  if (rule === '*') return true;
  if (rule.includes('/')) return isInSubnet(host, rule);
  const bare = withoutBrackets(rule);
  const [, name = rule, rulePort = port] =
    /^\[?(.+?)\]?:(\d+)$/.exec(isIP(bare) === 6 ? `[${bare}]:${port}` : rule) ?? [];
  if (rulePort !== port) return false;
  const domain = name.replace(/^\*(?=\.)/, '');
  if (domain.startsWith('.')) return host.endsWith(domain);
  return host === domain || host.endsWith(`.${domain}`);
}

function isInSubnet(host: string, cidr: string): boolean {
  const [network = '', prefix = ''] = cidr.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  const longest = family === 'ipv6' ? 128 : 32;
  const isSubnet = isIP(network) !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= longest;
  if (!isSubnet || isIP(host) === 0) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}
