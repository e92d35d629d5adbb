/** DaemonSets. Rules: spec of targets, sections 3 and 6. */
import type { Readiness } from '../../canary/action.ts';
import { numberAt, recordAt, stringAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { daemonSets } from '../../platform/kubernetes/resources.ts';
import { AdapterError } from '../context.ts';
import type { ReadinessBounds, WorkloadKind } from './workload-kind.ts';

/** A node selector that no node fits: a DaemonSet has no replicas that could be taken away. */
const parked = { key: 'flagger.app/scale-to-zero', value: 'true' } as const;

const templateOf = (workload: KubernetesObject): JsonRecord => recordAt(workload, 'spec', 'template') ?? {};

const isParked = (workload: KubernetesObject): boolean =>
  recordAt(workload, 'spec', 'template', 'spec', 'nodeSelector')?.[parked.key] !== undefined;

function withoutParking(template: JsonRecord): JsonRecord {
  const podSpec = recordAt(template, 'spec') ?? {};
  const selector = recordAt(podSpec, 'nodeSelector');
  if (selector?.[parked.key] === undefined) return template;
  const { nodeSelector: _parked, ...rest } = podSpec;
  const others = Object.fromEntries(Object.entries(selector).filter(([key]) => key !== parked.key));
  return { ...template, spec: Object.keys(others).length === 0 ? rest : { ...rest, nodeSelector: others } };
}

/** An absent selector counts as an empty one, so that parking and waking make no revision. */
function hashedTemplate(template: JsonRecord): JsonRecord {
  const podSpec = recordAt(template, 'spec') ?? {};
  return { ...template, spec: { ...podSpec, nodeSelector: recordAt(podSpec, 'nodeSelector') ?? {} } };
}

/** Pods on as many nodes as fit; before the controller has looked at it, at least one is expected. */
function wanted(workload: KubernetesObject): number {
  if (isParked(workload)) return 0;
  const isObserved = (numberAt(workload, 'status', 'observedGeneration') ?? 0) >= (workload.metadata.generation ?? 0);
  const desired = numberAt(workload, 'status', 'desiredNumberScheduled') ?? 0;
  return isObserved ? Math.max(1, desired) : 1;
}

/** That it is stuck is the clock of the run's business: a DaemonSet tells no times. */
function readiness(workload: KubernetesObject, { readyThreshold }: ReadinessBounds): Readiness {
  const observed = numberAt(workload, 'status', 'observedGeneration') ?? 0;
  if ((workload.metadata.generation ?? 0) > observed) {
    return waiting('observed daemonset generation less than desired generation');
  }
  const count = (field: string): number => numberAt(workload, 'status', field) ?? 0;
  const desired = count('desiredNumberScheduled');
  // Where it fits no node there is nobody to send traffic to.
  if (desired === 0) return waiting('0 out of 1 new pods have been updated');
  const updated = count('updatedNumberScheduled');
  if (updated < desired) return waiting(`${updated} out of ${desired} new pods have been updated`);
  const needed = Math.floor((desired * readyThreshold) / 100);
  const available = count('numberAvailable');
  if (available >= needed) return { kind: 'ready' };
  return waiting(`${available} of ${needed} (readyThreshold ${readyThreshold}%) updated pods are available`);
}

const waiting = (what: string): Readiness => ({ kind: 'waiting', why: `waiting for rollout to finish: ${what}` });

function assertRollingUpdate(target: KubernetesObject): void {
  const type = stringAt(target, 'spec', 'updateStrategy', 'type') ?? '';
  if (type === '' || type === 'RollingUpdate') return;
  const { name, namespace } = target.metadata;
  throw new AdapterError(
    'invalid',
    `createPrimaryDaemonSet failed: daemonset ${name}.${namespace} must have RollingUpdate strategy but have ${type}`,
  );
}

export const daemonSetKind: WorkloadKind = {
  resource: daemonSets,
  noun: 'daemonset',
  copiedFields: ['minReadySeconds', 'revisionHistoryLimit', 'updateStrategy'],
  claims: [['f:spec', 'f:updateStrategy']],
  isReplicated: false,
  templateOf: (workload) => withoutParking(templateOf(workload)),
  hashedTemplate,
  forPrimary: (podSpec) => podSpec,
  wanted,
  available: (workload) => numberAt(workload, 'status', 'numberAvailable') ?? 0,
  readiness,
  // A null takes the one key away and leaves the others.
  scalePatch: (replicas) => ({
    spec: { template: { spec: { nodeSelector: { [parked.key]: replicas === 0 ? parked.value : null } } } },
  }),
  assertUsable: assertRollingUpdate,
};
