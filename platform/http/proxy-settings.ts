/** The proxies of a process, from the variables that other programs read, too: upper case first, as in Go. */
import type { Environment } from '../config.ts';
import { text } from '../config-values.ts';
import { type ProxyEnvironment, isProxyAddress } from './proxy.ts';

const expected = 'a proxy such as http://proxy:3128 or proxy:3128';
const proxy = () => text(expected).refine(isProxyAddress, { error: expected }).optional();

export const proxyFields = {
  HTTP_PROXY: proxy().describe('or http_proxy: proxy on the way to http addresses'),
  HTTPS_PROXY: proxy().describe('or https_proxy: proxy on the way to https addresses'),
  NO_PROXY: text('hosts between commas').optional().describe('or no_proxy: what is reached without a proxy'),
};

/** Proxies may have a password in their URL. */
export const proxySecrets = ['HTTP_PROXY', 'HTTPS_PROXY'] as const;

export interface ProxyValues {
  readonly HTTP_PROXY?: string | undefined;
  readonly HTTPS_PROXY?: string | undefined;
  readonly NO_PROXY?: string | undefined;
}

export const proxiesOf = (values: ProxyValues): ProxyEnvironment => ({
  httpProxy: values.HTTP_PROXY,
  httpsProxy: values.HTTPS_PROXY,
  noProxy: values.NO_PROXY,
});

/** The environment with the lower-case variables where the upper-case ones say nothing. */
export function withLowerCaseProxies(env: Environment): Environment {
  const names = Object.keys(proxyFields);
  const isSilent = (name: string): boolean => (env[name] ?? '').trim() === '';
  return { ...env, ...Object.fromEntries(names.filter(isSilent).map((name) => [name, env[name.toLowerCase()]])) };
}
