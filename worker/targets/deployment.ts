/** Deployments. Rules: spec of targets, sections 2 and 6. */
import { recordAt } from '../../platform/json.ts';
import { deployments } from '../../platform/kubernetes/resources.ts';
import { withPrimaryAffinity } from './affinity.ts';
import { availableOf, deploymentReadiness, replicasOf } from './deployment-readiness.ts';
import type { WorkloadKind } from './workload-kind.ts';

export const deploymentKind: WorkloadKind = {
  resource: deployments,
  noun: 'deployment',
  copiedFields: ['progressDeadlineSeconds', 'minReadySeconds', 'revisionHistoryLimit', 'strategy'],
  claims: [['f:spec', 'f:strategy']],
  isReplicated: true,
  templateOf: (workload) => recordAt(workload, 'spec', 'template') ?? {},
  hashedTemplate: (template) => template,
  forPrimary: withPrimaryAffinity,
  wanted: replicasOf,
  available: availableOf,
  readiness: deploymentReadiness,
  scalePatch: (replicas) => ({ spec: { replicas } }),
  assertUsable: () => undefined,
};
