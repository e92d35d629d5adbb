/** Builds Canaries for tests: written as users write them, and parsed as the product parses them. */
import type { Canary, CanaryStatus } from '../../canary/canary.ts';
import type { Provider } from '../../canary/spec.ts';
import { parseCanary } from '../../canary/parse.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';

export interface CanaryOptions {
  readonly name?: string;
  readonly namespace?: string;
  readonly metadata?: Record<string, unknown>;
  /** Laid over the default spec, field by field of the top level. */
  readonly spec?: Record<string, unknown>;
  /** Laid over `spec.service`. */
  readonly service?: Record<string, unknown>;
  /** Laid over `spec.analysis`; `stepWeight` and the other two ways to progress exclude each other. */
  readonly analysis?: Record<string, unknown>;
  readonly status?: Partial<CanaryStatus>;
  readonly defaultProvider?: Provider;
}

const waysToProgress = ['iterations', 'stepWeight', 'stepWeights'];

/** The object of podinfo in namespace `test` with the wanted changes; `kuma`, weights 5, 10, … 50. */
export function aCanaryObject(options: CanaryOptions = {}): KubernetesObject {
  const { name = 'podinfo', namespace = 'test' } = options;
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: {
      name,
      namespace,
      uid: '0c2f4a3e-7b1d-4e5f-8a6b-9c0d1e2f3a4b',
      generation: 1,
      resourceVersion: '100',
      creationTimestamp: '2026-01-02T03:04:05Z',
      ...options.metadata,
    },
    spec: {
      provider: 'kuma',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      progressDeadlineSeconds: 60,
      service: { port: 9898, targetPort: 9898, ...options.service },
      analysis: analysisOf(options.analysis ?? {}),
      ...options.spec,
    },
    ...(options.status === undefined ? {} : { status: options.status }),
  };
}

/** The same, parsed. */
export function aCanary(options: CanaryOptions = {}): Canary {
  const parsed = parseCanary(aCanaryObject(options), { defaultProvider: options.defaultProvider ?? 'kuma' });
  if (parsed.ok) return parsed.canary;
  throw new Error(parsed.problems.map((problem) => problem.message).join('\n'));
}

function analysisOf(changes: Record<string, unknown>): Record<string, unknown> {
  const progress = waysToProgress.some((key) => key in changes) ? {} : { stepWeight: 5 };
  return { interval: '30s', threshold: 5, maxWeight: 50, ...progress, ...changes };
}
