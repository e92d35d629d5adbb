/** Canaries with an autoscaler, for the tables about numbers of pods. */
const scaler = { autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' } };

export const autoscaled = { spec: scaler } as const;

/** What serves in most rows. */
export const pods = { target: 3, primary: 2 } as const;

/** A size of so many pods that was asked for in this step, or is held from it on. */
export const held = (replicas: number) => ({ size: replicas, sized: 0 }) as const;

/** What every step of such a canary looks at and repairs first. */
export const repairs = (weights: string, scales = 'ensureScaler'): readonly string[] => [
  'observeTarget',
  'ensureServices',
  scales,
  'ensureApex',
  `ensureRoutes ${weights}`,
];

export const inProgress = 'A rollout is in progress.';
