/** Which built-in queries watch a canary's traffic. Rule: specification of metrics, section 1. */
import type { Canary } from '../../../canary/canary.ts';
import type { Provider } from '../../../canary/spec.ts';
import { http, httpOfDaemonSet } from './http.ts';
import { knative } from './knative.ts';
import { kuma } from './kuma.ts';
import type { QuerySet } from './query-set.ts';

const sets: Readonly<Partial<Record<Provider, QuerySet>>> = {
  'gatewayapi:v1': http,
  'gatewayapi:v1beta1': http,
  knative,
  kubernetes: http,
  kuma,
  'kuma:v2': kuma,
  'kuma:v3': kuma,
};

/**
 * @param throughKuma whether Kuma carries out the route of a Gateway API provider
 * @returns undefined for a provider that has no queries of its own
 */
export function querySetOf({ spec }: Canary, throughKuma: boolean): QuerySet | undefined {
  const set = throughKuma ? kuma : sets[spec.provider];
  return set === http && spec.target.kind === 'DaemonSet' ? httpOfDaemonSet : set;
}
