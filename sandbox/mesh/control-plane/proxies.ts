// The Envoys that ask for configuration: what each has taken, and where Prometheus finds its statistics.
import type { Clock } from '../../../platform/clock.ts';
import { metricsPort } from '../bootstrap.ts';
import { longestHoldMillis } from '../xds.ts';

/** Targets in the form of Prometheus' HTTP service discovery. */
export interface ScrapeTarget {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface Proxies {
  /** Notes that this Envoy has asked. Its id is `<pod address>~<pod>.<namespace>`. */
  seen(id: string): void;
  /** Notes the version of the clusters that it has; true when that is news. */
  tookClusters(id: string, version: string): boolean;
  hasClusters(id: string, version: string): boolean;
  /** Of the Envoys that have asked lately. */
  scrapeTargets(): ScrapeTarget[];
}

/** An Envoy asks again at least once per hold; one that missed three in a row is gone. */
const forgetAfterMillis = 3 * longestHoldMillis;

interface Proxy {
  readonly lastSeen: number;
  readonly clusters: string;
}

export function createProxies(clock: Pick<Clock, 'now'>): Proxies {
  const proxies = new Map<string, Proxy>();
  const note = (id: string, clusters: string): void => {
    proxies.set(id, { lastSeen: clock.now(), clusters });
  };
  const clustersOf = (id: string): string => proxies.get(id)?.clusters ?? '';
  const forget = (): void => {
    for (const [id, { lastSeen }] of proxies) {
      if (clock.now() - lastSeen > forgetAfterMillis) proxies.delete(id);
    }
  };
  return {
    seen: (id) => note(id, clustersOf(id)),
    tookClusters: (id, version) => {
      const isNews = clustersOf(id) !== version;
      note(id, version);
      return isNews;
    },
    hasClusters: (id, version) => clustersOf(id) === version,
    scrapeTargets: () => {
      forget();
      return [...proxies.keys()].sort().flatMap(scrapeTarget);
    },
  };
}

function scrapeTarget(id: string): ScrapeTarget[] {
  const parts = /^(?<address>[^~]+)~(?<pod>.+)\.(?<namespace>[^.]+)$/.exec(id)?.groups;
  if (parts === undefined) return [];
  const { address, pod = '', namespace = '' } = parts;
  return [{ targets: [`${address}:${metricsPort}`], labels: { namespace, pod } }];
}
