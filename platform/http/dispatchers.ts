import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import {
  type AddressPolicy,
  type Resolve,
  createGuardedConnector,
  guardedLookup,
  refuseForbiddenHost,
} from './address.ts';
import { HttpError } from './error.ts';
import { type ProxyEnvironment, proxyFor } from './proxy.ts';

/** How one target is reached. */
export interface Route {
  target: URL;
  insecureSkipVerify: boolean;
  /** Named by the request, so by a tenant: checked like a target. */
  proxy: string | undefined;
}

export interface DispatcherPool {
  /** Throws HttpError `badUrl` or `refusedAddress`. */
  for(route: Route): Dispatcher;
  close(): Promise<void>;
}

export interface DispatcherPoolOptions {
  policy: AddressPolicy;
  proxies: ProxyEnvironment;
  resolve: Resolve;
  connectionsPerOrigin: number;
}

/** Tenants choose proxies, so the number of agents must have a bound. */
const agentLimit = 32;
const idleConnectionMs = 20_000;

/** Agents with their connections, one for each way of connecting. */
export function createDispatcherPool(options: DispatcherPoolOptions): DispatcherPool {
  const agents = new Map<string, Dispatcher>();
  const shared = (key: string, create: () => Dispatcher): Dispatcher => {
    const agent = agents.get(key) ?? create();
    // Put last: the first is the one that was not used for longest.
    agents.delete(key);
    agents.set(key, agent);
    const [oldest] = agents;
    if (agents.size > agentLimit && oldest !== undefined) {
      agents.delete(oldest[0]);
      oldest[1].close().catch(() => undefined);
    }
    return agent;
  };
  return {
    for({ target, insecureSkipVerify, proxy }) {
      const environmentProxy = proxy === undefined ? proxyFor(target, options.proxies) : undefined;
      const proxyUrl = proxy ?? environmentProxy;
      if (proxyUrl === undefined) {
        return shared(`direct ${insecureSkipVerify}`, () => directAgent(options, insecureSkipVerify));
      }
      // The proxy resolves names, out of our reach; what can be seen in the URL is checked here.
      refuseForbiddenHost(target.hostname, options.policy);
      const route: ProxyRoute = { url: parseProxy(proxyUrl), insecureSkipVerify, isTrusted: proxy === undefined };
      return shared(`${route.isTrusted} ${insecureSkipVerify} ${proxyUrl}`, () => proxyAgent(options, route));
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.close()));
    },
  };
}

/** The sender bounds the whole exchange; undici's own limits are off. */
const agentOptions = ({ connectionsPerOrigin }: DispatcherPoolOptions) => ({
  connections: connectionsPerOrigin,
  keepAliveTimeout: idleConnectionMs,
  headersTimeout: 0,
  bodyTimeout: 0,
});

function directAgent(options: DispatcherPoolOptions, insecureSkipVerify: boolean): Dispatcher {
  const { policy, resolve } = options;
  return new Agent({
    ...agentOptions(options),
    connect: createGuardedConnector({ policy, resolve, insecureSkipVerify }),
  });
}

interface ProxyRoute {
  url: URL;
  insecureSkipVerify: boolean;
  /** From the environment of the process: the operator's, so its address is not checked. */
  isTrusted: boolean;
}

function proxyAgent(options: DispatcherPoolOptions, { url, insecureSkipVerify, isTrusted }: ProxyRoute): Dispatcher {
  const { policy, resolve } = options;
  if (!isTrusted) refuseForbiddenHost(url.hostname, policy);
  return new ProxyAgent({
    ...agentOptions(options),
    uri: url.href,
    // Plain http goes as a request for the whole URL: many proxies tunnel to port 443 only.
    proxyTunnel: false,
    requestTls: { rejectUnauthorized: !insecureSkipVerify },
    ...(isTrusted ? {} : { proxyTls: { lookup: guardedLookup(policy, resolve) } }),
  });
}

function parseProxy(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ['http:', 'https:'].includes(url.protocol) && url.hostname !== '') return url;
  throw new HttpError('badUrl', 'expected a proxy URL that begins with http:// or https://, got another text');
}
