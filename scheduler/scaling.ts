/**
 * Who has written a workload since it was last seen. The API server counts `generation` up for a new template and for another
 * number of pods alike; what is scaled, by us, by an autoscaler or by hand, is no revision and wakes nobody.
 */
import { fieldManager } from '../platform/kubernetes/client.ts';
import type { KubernetesObject, ManagedFields } from '../platform/kubernetes/object.ts';

/** Writes of a workload, as its `managedFields` tell of them: they stay the same until the next write. */
export interface Writes {
  /** Of those who may change more than the number of pods. */
  readonly revising: string;
  /** Of those who change nothing else: Aviary on its targets, and whoever writes the scale subresource. */
  readonly scaling: string;
}

/** What was written into the status is of neither sort. */
export function writesOf({ metadata: { managedFields = [] } }: KubernetesObject): Writes {
  const ofSort = (isOne: (entry: ManagedFields) => boolean): string => managedFields.filter(isOne).map(mark).join();
  return {
    revising: ofSort((entry) => entry.subresource === undefined && entry.manager !== fieldManager),
    scaling: ofSort(isScaling),
  };
}

const isScaling = ({ subresource, manager }: ManagedFields): boolean =>
  subresource === 'scale' || (subresource === undefined && manager === fieldManager);

/** The time is of the last write that changed something, in whole seconds. */
const mark = ({ manager, operation, time }: ManagedFields): string => `${manager} ${operation} ${String(time)}`;

/**
 * Whether a workload whose generation has moved was scaled and nothing else. A template that its last writer changes twice
 * within one second, with a scaling in between, looks like that too: then the canary's next slot finds the second revision.
 */
export const isOnlyScaled = (before: Writes, now: Writes): boolean =>
  before.revising === now.revising && before.scaling !== now.scaling;
