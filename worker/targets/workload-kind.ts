import type { Readiness } from '../../canary/action.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import type { FieldPath } from '../objects/managed-fields.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import type { AffinityRewrite } from './affinity.ts';

export interface ReadinessBounds {
  /** Percent of the updated replicas that must be available, 0 to 100. */
  readonly readyThreshold: number;
  /** How long too few replicas may be available before waiting is in vain, in milliseconds. */
  readonly deadlineMs: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What tells one kind of workload with pods from another; everything else is the same for all: pod-workload.ts. */
export interface WorkloadKind {
  readonly resource: Resource;
  /** As events name it. */
  readonly noun: string;
  /** Fields of the target's spec that its primary takes over. */
  readonly copiedFields: readonly string[];
  /** Further fields of the spec that become the primary's alone with a copy. */
  readonly claims: readonly FieldPath[];
  /** Whether `spec.replicas` says how many pods there are. */
  readonly isReplicated: boolean;
  /** The pod template without what parks the target. */
  readonly templateOf: (workload: KubernetesObject) => JsonRecord;
  /** What a template's hash is taken over. */
  readonly hashedTemplate: (template: JsonRecord) => JsonRecord;
  /** The pod spec with the target's scheduling rules turned into the primary's. */
  readonly forPrimary: (podSpec: JsonRecord, rewrite: AffinityRewrite) => JsonRecord;
  /** Pods that are asked for; 0 for a target that has been parked. */
  readonly wanted: (workload: KubernetesObject) => number;
  /** Pods that are available, of the old template or the new one. */
  readonly available: (workload: KubernetesObject) => number;
  readonly readiness: (workload: KubernetesObject, bounds: ReadinessBounds) => Readiness;
  /** Merge patch that gives the target this many pods, 0 to park it. */
  readonly scalePatch: (replicas: number) => JsonRecord;
  /** @throws AdapterError `invalid` for a target that can't be rolled out */
  readonly assertUsable: (target: KubernetesObject) => void;
}
