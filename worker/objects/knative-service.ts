/** A Knative Service as target and route at once: which revision is new, which is primary, and who gets how much. */
import type { Weights } from '../../canary/canary.ts';
import { arrayAt, numberAt, stringAt, valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { knativeServices } from '../../platform/kubernetes/resources.ts';
import { AdapterError } from '../context.ts';
import type { StepContext } from '../context.ts';
import type { ObjectAt } from './step-reads.ts';

/** Names the revision that the primary's share goes to; the reference's. */
export const primaryRevisionAnnotation = 'flagger.app/primary-revision';

export const knativeServiceAt = ({ canary }: StepContext): ObjectAt => ({
  resource: knativeServices,
  name: { namespace: canary.namespace, name: canary.spec.target.name },
});

/** @throws AdapterError `notFound` for a Service that does not exist */
export function knownKnativeService({ canary }: StepContext, live: KubernetesObject | undefined): KubernetesObject {
  if (live !== undefined) return live;
  const id = `${canary.spec.target.name}.${canary.namespace}`;
  throw new AdapterError('notFound', `Knative Service ${id} get query error: there is no such object`);
}

export const primaryRevisionOf = (service: KubernetesObject): string | undefined =>
  service.metadata.annotations?.[primaryRevisionAnnotation];

/** The newest revision, ready or not; undefined until Knative has made the first. */
export const latestRevisionOf = (service: KubernetesObject): string | undefined =>
  stringAt(service, 'status', 'latestCreatedRevisionName');

export interface TrafficTarget {
  readonly latestRevision?: boolean;
  readonly revisionName?: string;
  /** 0 to 100. */
  readonly percent: number;
}

/** `spec.traffic` for these weights: the canary is whatever revision is the newest. Weight 0 is written, too. */
export const knativeTraffic = (primary: string, weights: Weights): readonly TrafficTarget[] => [
  { latestRevision: true, percent: weights.canary },
  { revisionName: primary, percent: weights.primary },
];

/** Whether `spec.traffic` is this list, but for what the API server or Knative filled in. */
export function hasTraffic(service: KubernetesObject, wanted: readonly TrafficTarget[]): boolean {
  const live = arrayAt(service, 'spec', 'traffic');
  return (
    live.length === wanted.length &&
    wanted.every((target, index) => {
      const entry = live[index];
      const isLatest = valueAt(entry, 'latestRevision') === true;
      return (
        isLatest === (target.latestRevision ?? false) &&
        stringAt(entry, 'revisionName') === target.revisionName &&
        stringAt(entry, 'tag') === undefined &&
        (numberAt(entry, 'percent') ?? 0) === target.percent
      );
    })
  );
}

/** Whether `spec.traffic` is a list that we, or the reference, wrote for this primary, whatever its weights. */
export function isSplitBetween(service: KubernetesObject, primary: string | undefined): boolean {
  const canary = numberAt(service, 'spec', 'traffic', 0, 'percent') ?? 0;
  const weights = { primary: 100 - canary, canary, mirrored: false };
  return primary !== undefined && hasTraffic(service, knativeTraffic(primary, weights));
}

/** Why `status.traffic` is not what `spec.traffic` wants; undefined when Knative has carried it out. */
export function whyBehind(service: KubernetesObject): string | undefined {
  const { generation = 0 } = service.metadata;
  const observed = numberAt(service, 'status', 'observedGeneration') ?? 0;
  if (observed < generation) return `it has not taken up version ${generation} of its spec yet, only ${observed}`;
  const wanted = sharesOf(arrayAt(service, 'spec', 'traffic'), latestRevisionOf(service));
  const actual = sharesOf(arrayAt(service, 'status', 'traffic'), undefined);
  return wanted === actual ? undefined : `expected status.traffic to send ${wanted}, got ${actual}`;
}

/** As `90% to podinfo-00001, 10% to podinfo-00002`: a revision that is named twice gets the sum. */
function sharesOf(traffic: readonly unknown[], latest: string | undefined): string {
  const shares = new Map<string, number>();
  for (const entry of traffic) {
    const revision = stringAt(entry, 'revisionName') ?? latest ?? 'no revision';
    shares.set(revision, (shares.get(revision) ?? 0) + (numberAt(entry, 'percent') ?? 0));
  }
  const named = [...shares].filter(([, percent]) => percent > 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return named.map(([revision, percent]) => `${percent}% to ${revision}`).join(', ') || 'nothing';
}
