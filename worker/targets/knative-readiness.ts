/** Whether a Revision of Knative can answer. Rules: spec of targets, sections 5 and 6. */
import type { Readiness } from '../../canary/action.ts';
import { parseInstant } from '../../platform/clock.ts';
import { arrayAt, stringAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import type { ReadinessBounds } from './workload-kind.ts';

/**
 * A Revision whose pods went idle stays ready: Knative starts them for the next request. One that has failed may
 * recover until the deadline has passed since then.
 *
 * @param revision undefined when it does not exist
 */
export function revisionReadiness(
  name: string,
  revision: KubernetesObject | undefined,
  { deadlineMs, now }: Pick<ReadinessBounds, 'deadlineMs' | 'now'>,
): Readiness {
  if (revision === undefined) return { kind: 'waiting', why: `revision ${name} does not exist yet` };
  const ready = arrayAt(revision, 'status', 'conditions').find((condition) => stringAt(condition, 'type') === 'Ready');
  const status = stringAt(ready, 'status');
  if (status === 'True') return { kind: 'ready' };
  const words = [stringAt(ready, 'reason'), stringAt(ready, 'message')].filter((word) => word !== undefined);
  const why = [`revision ${name} is not ready`, ...words].join(': ');
  const since = parseInstant(stringAt(ready, 'lastTransitionTime') ?? '');
  const isOverdue = status === 'False' && since !== undefined && since + deadlineMs < now;
  return { kind: isOverdue ? 'stuck' : 'waiting', why };
}
