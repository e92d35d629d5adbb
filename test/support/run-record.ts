/** How many runs went on at the same time and who waited for a place, from every status that was saved, in its order. */
import { isRunPhase } from '../../canary/canary.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { arrayAt, stringAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { nameOf } from '../../platform/kubernetes/object.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { createListWatch } from '../../platform/kubernetes/watch.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';

export interface Wait {
  readonly canary: string;
  readonly reason: string;
  readonly message: string;
}

export interface RunRecord {
  /** The most runs that went on at any moment, in the cluster or in one namespace. */
  most(namespace?: string): number;
  /** Canaries in the order in which their runs began, as `namespace/name`. */
  began(): readonly string[];
  /** What `Queued` said, each time that a status was saved with it. */
  waits(): readonly Wait[];
  stop(): Promise<void>;
}

/** One watch of all Canaries: the API server tells of their changes in the order in which they were saved. */
export async function recordRuns(client: KubernetesClient): Promise<RunRecord> {
  const running = new Map<string, string>();
  const most = new Map<string | undefined, number>();
  const began: string[] = [];
  const waits: Wait[] = [];
  const see = ({ value }: { readonly value: KubernetesObject }): void => {
    const { namespace = '' } = value.metadata;
    const canary = nameOf(value.metadata);
    waits.push(...waitsOf(value));
    if (!isRunPhase(stringAt(value, 'status', 'phase'))) return void running.delete(canary);
    if (!running.has(canary)) began.push(canary);
    running.set(canary, namespace);
    const ofHome = [...running.values()].filter((home) => home === namespace).length;
    most.set(undefined, Math.max(most.get(undefined) ?? 0, running.size));
    most.set(namespace, Math.max(most.get(namespace) ?? 0, ofHome));
  };
  const watch = createListWatch<KubernetesObject>({
    client,
    resource: canaries,
    clock,
    random: Math.random,
    log,
    project: (object) => object,
    onAdd: see,
    onUpdate: see,
  });
  watch.start();
  await watch.whenSynced();
  return {
    most: (namespace) => most.get(namespace) ?? 0,
    began: () => began,
    waits: () => waits,
    stop: () => watch.stop(),
  };
}

const waitsOf = (object: KubernetesObject): readonly Wait[] =>
  arrayAt(object, 'status', 'conditions')
    .filter((condition) => stringAt(condition, 'type') === 'Queued' && stringAt(condition, 'status') === 'True')
    .map((condition) => ({
      canary: nameOf(object.metadata),
      reason: stringAt(condition, 'reason') ?? '',
      message: stringAt(condition, 'message') ?? '',
    }));
