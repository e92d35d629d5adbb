// Serves Envoy's resources over REST xDS and holds an answer back until it differs from what the asker has.
import { createHash } from 'node:crypto';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../../../platform/clock.ts';
import { longestHoldMillis, resourceKinds, typeUrls } from '../xds.ts';
import type { EnvoyResource, EnvoyResources, ResourceKind } from '../xds.ts';
import { createProxies } from './proxies.ts';

const discoveryRequestSchema = z.object({
  node: z.object({ id: z.string() }),
  version_info: z.string().default(''),
  resource_names: z.array(z.string()).default([]),
});

type DiscoveryRequest = z.infer<typeof discoveryRequestSchema>;

interface DiscoveryResponse {
  readonly version_info: string;
  readonly type_url: string;
  readonly resources: readonly EnvoyResource[];
}

export interface XdsServer {
  readonly http: FastifyInstance;
  /** Replaces the resources of all Envoys and answers whoever waits for a change. */
  publish(resources: EnvoyResources): void;
}

/**
 * `POST /v3/discovery:<kind>` answers at once when the asker's version is outdated, else when it becomes so, else 304
 * after the hold. Nobody is answered before the first `publish`. Routes and listeners wait until the same Envoy has
 * taken the current clusters: a route never names a cluster that its Envoy has not heard of.
 *
 * `GET /prometheus/targets` lists the Envoys for Prometheus' HTTP service discovery.
 */
export function createXdsServer(clock: Pick<Clock, 'now' | 'sleep'>): XdsServer {
  const http = Fastify({ forceCloseConnections: true });
  const proxies = createProxies(clock);
  let current: EnvoyResources | undefined;
  let changed = changeSignal();

  const notify = (): void => {
    const before = changed;
    changed = changeSignal();
    before.fire();
  };
  const answer = (kind: ResourceKind, { node, ...asked }: DiscoveryRequest): DiscoveryResponse | undefined => {
    if (current === undefined) return undefined;
    if (needsClusters(kind) && !proxies.hasClusters(node.id, versionOf(current.clusters))) return undefined;
    const response = discoveryResponse(kind, current[kind], asked.resource_names);
    return response.version_info === asked.version_info ? undefined : response;
  };

  for (const kind of resourceKinds) {
    http.post(`/v3/discovery::${kind}`, async (request, reply) => {
      const discovery = discoveryRequestSchema.parse(request.body);
      const { node, version_info: version } = discovery;
      proxies.seen(node.id);
      if (kind === 'clusters' && proxies.tookClusters(node.id, version)) notify();
      const response = await firstAnswer(() => answer(kind, discovery), { clock, changed: () => changed.promise });
      return response ?? reply.code(304).send();
    });
  }
  http.get('/ready', (_request, reply) => reply.code(current === undefined ? 503 : 200).send());
  http.get('/prometheus/targets', () => proxies.scrapeTargets());

  return {
    http,
    publish: (resources) => {
      current = resources;
      notify();
    },
  };
}

function needsClusters(kind: ResourceKind): boolean {
  return kind === 'routes' || kind === 'listeners';
}

function discoveryResponse(
  kind: ResourceKind,
  all: readonly EnvoyResource[],
  names: readonly string[],
): DiscoveryResponse {
  const resources = names.length === 0 ? all : all.filter((resource) => names.includes(nameOf(resource)));
  return { version_info: versionOf(resources), type_url: typeUrls[kind], resources };
}

function nameOf(resource: EnvoyResource): string {
  return String(resource['name'] ?? resource['cluster_name']);
}

function versionOf(resources: readonly EnvoyResource[]): string {
  return createHash('sha256').update(JSON.stringify(resources)).digest('hex').slice(0, 16);
}

interface Change {
  readonly promise: Promise<void>;
  readonly fire: () => void;
}

function changeSignal(): Change {
  let fire = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    fire = resolve;
  });
  return { promise, fire };
}

interface Waiting {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly changed: () => Promise<void>;
}

/** Asks again after every change until there is an answer or the hold is over. */
async function firstAnswer<T>(ask: () => T | undefined, { clock, changed }: Waiting): Promise<T | undefined> {
  const answered = new AbortController();
  let over = false;
  const hold = clock.sleep(longestHoldMillis, answered.signal).then(
    () => (over = true),
    () => undefined,
  );
  try {
    for (;;) {
      const nextChange = changed();
      const answer = ask();
      if (answer !== undefined || over) return answer;
      await Promise.race([nextChange, hold]);
    }
  } finally {
    answered.abort();
  }
}
