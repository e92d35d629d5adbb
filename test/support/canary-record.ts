/** Everything that becomes of the Canaries of a namespace and of their routes, in the order in which it was saved. */
import { systemClock as clock } from '../../platform/clock.ts';
import { arrayAt, numberAt, stringAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { createListWatch } from '../../platform/kubernetes/watch.ts';
import type { ListWatch } from '../../platform/kubernetes/watch.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { canaries, meshHttpRoutes } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';

export interface SeenStatus {
  readonly phase: string;
  readonly weight: number;
  readonly failedChecks: number;
  readonly checkErrors: number;
}

export interface CanaryRecord {
  statuses(name: string): readonly SeenStatus[];
  /** `status.canaryWeight` each time it changed; begins with 0. */
  weights(name: string): readonly number[];
  /** The canary's share in the route each time it changed; begins with 0. */
  shares(name: string): readonly number[];
  stop(): Promise<void>;
}

export async function recordCanaries(client: KubernetesClient, namespace: string): Promise<CanaryRecord> {
  const statuses = new Map<string, SeenStatus[]>();
  const shares = new Map<string, number[]>();
  const scope = { client, namespace };
  const watches = [
    follow(scope, canaries, (object) => keep(statuses, object, statusOf(object))),
    follow(scope, meshHttpRoutes, (object) => keep(shares, object, canaryShare(object))),
  ];
  watches.forEach((watch) => watch.start());
  await Promise.all(watches.map((watch) => watch.whenSynced()));
  return {
    statuses: (name) => statuses.get(name) ?? [],
    weights: (name) => changes((statuses.get(name) ?? []).map(({ weight }) => weight)),
    shares: (name) => changes(shares.get(name) ?? []),
    stop: async () => {
      await Promise.all(watches.map((watch) => watch.stop()));
    },
  };
}

interface Scope {
  readonly client: KubernetesClient;
  readonly namespace: string;
}

/** Comes back at once after an interruption: weights change once a second, and none must be missed. */
const follow = (
  scope: Scope,
  resource: Resource,
  see: (object: KubernetesObject) => void,
): ListWatch<KubernetesObject> =>
  createListWatch<KubernetesObject>({
    ...scope,
    resource,
    clock,
    random: Math.random,
    log,
    backoff: { firstMs: 20, maxMs: 50 },
    project: (object) => object,
    onAdd: ({ value }) => see(value),
    onUpdate: ({ value }) => see(value),
  });

function keep<T>(all: Map<string, T[]>, { metadata }: KubernetesObject, value: T): void {
  all.set(metadata.name, [...(all.get(metadata.name) ?? []), value]);
}

const statusOf = (object: KubernetesObject): SeenStatus => ({
  phase: stringAt(object, 'status', 'phase') ?? '',
  weight: numberAt(object, 'status', 'canaryWeight') ?? 0,
  failedChecks: numberAt(object, 'status', 'failedChecks') ?? 0,
  checkErrors: numberAt(object, 'status', 'run', 'checkErrors') ?? 0,
});

/** What the first rule of a MeshHTTPRoute gives the canary, in percent. */
export const canaryShare = (route: unknown): number =>
  numberAt(arrayAt(route, 'spec', 'to', 0, 'rules', 0, 'default', 'backendRefs'), 1, 'weight') ?? 0;

const changes = (values: readonly number[]): readonly number[] =>
  values.filter((value, index) => value !== values[index - 1]);
