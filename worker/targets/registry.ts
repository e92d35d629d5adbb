/** Which adapter serves which kind of target. */
import type { Canary } from '../../canary/canary.ts';
import type { ObjectRef } from '../../canary/spec.ts';
import { AdapterError } from '../context.ts';
import type { StepContext } from '../context.ts';
import { createConfigTracker, withoutTracking } from './configs/tracker.ts';
import { daemonSetKind } from './daemon-set.ts';
import { deploymentKind } from './deployment.ts';
import { createKnativeTarget } from './knative.ts';
import { createPodTarget } from './pod-workload.ts';
import type { PodTargetOptions } from './pod-adapter.ts';
import { createServiceTarget } from './service.ts';
import { defaultSelectorLabels } from './selector-label.ts';
import type { Target } from './target.ts';

export interface TargetsOptions {
  readonly client: PodTargetOptions['client'];
  /** Least replicas that the Canary's autoscaler asks for. */
  readonly leastReplicas: (step: StepContext) => Promise<number>;
  /** Default `app`, `name`, `app.kubernetes.io/name`. */
  readonly selectorLabels?: readonly string[];
  /** Prefixes of labels that primaries take over from their targets, `*` for all. Default none. */
  readonly includeLabelPrefixes?: readonly string[];
  /** Whether a change of a ConfigMap or Secret that the target reads is a revision. Default true. */
  readonly trackConfigs?: boolean;
}

/** Every kind of target that the schema admits; Knative Services are told by their group. */
export type TargetKind = 'Deployment' | 'DaemonSet' | 'Service' | 'Knative';

type TargetFactory = (options: PodTargetOptions) => Target;

const factories: Record<TargetKind, TargetFactory> = {
  Deployment: (options) => createPodTarget(deploymentKind, options),
  DaemonSet: (options) => createPodTarget(daemonSetKind, options),
  Service: createServiceTarget,
  Knative: createKnativeTarget,
};

/** The target adapter of each Canary. One that cannot be served is answered with an adapter that refuses. */
export function createTargets(options: TargetsOptions): (canary: Canary) => Target {
  const { client, leastReplicas, selectorLabels = defaultSelectorLabels, includeLabelPrefixes = [] } = options;
  const rules = { selectorLabels, includeLabelPrefixes };
  const tracker = (options.trackConfigs ?? true) ? createConfigTracker(client) : withoutTracking;
  const made = new Map<TargetKind, Target>();
  return ({ spec }) => {
    const kind = targetKind(spec.target);
    if (kind === undefined) return refusing(spec.target.kind);
    const target = made.get(kind) ?? factories[kind]({ client, leastReplicas, rules, tracker });
    made.set(kind, target);
    return target;
  };
}

const knative = 'serving.knative.dev/v1';

/** Which row serves a reference; undefined for a kind that the schema does not admit. */
export function targetKind({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): TargetKind | undefined {
  switch (kind) {
    case 'Deployment':
    case 'DaemonSet':
      return kind;
    case 'Service':
      return apiVersion === knative ? 'Knative' : 'Service';
    default:
      return undefined;
  }
}

function refusing(kind: string): Target {
  const refuse = async ({ canary }: StepContext): Promise<never> => {
    throw new AdapterError(
      'unsupported',
      `spec.targetRef.kind of Canary ${canary.namespace}/${canary.name}: expected a kind that Aviary can roll out ` +
        `(Deployment, DaemonSet, Service, Knative Service), got ${kind}; point the Canary at one of them or leave it to a controller that knows the kind`,
    );
  };
  return { observe: refuse, ensurePrimary: refuse, scale: refuse, promote: refuse, restore: refuse, selector: refuse };
}
