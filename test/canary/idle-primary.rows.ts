import { preRollout, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase, whyWaiting } from './situations.ts';
import { started, starts } from './starting.ts';

const scaler = { autoscalerRef: { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'podinfo' } };
const keda = { spec: scaler } as const;
const looks = (least: string): readonly string[] => ['observeTarget', 'ensureServices', `ensureScaler${least}`];
const repairs = (weights: string, least = ' at least 1'): readonly string[] => [
  ...looks(least),
  'ensureApex',
  `ensureRoutes ${weights}`,
];
const whyEmpty = `podinfo-primary.test not ready: ${whyWaiting}`;

const rows: readonly Row[] = [
  {
    title: 'at rest it has as few pods as its user allows',
    canary: inPhase('Succeeded', keda),
    asks: repairs('100/0', ''),
    ends: { outcome: 'settled' },
  },
  {
    title: 'a new revision wakes it, and waits until it has a pod to be compared with',
    canary: inPhase('Succeeded', keda),
    seen: { revision: 'v1-three', primary: 'waiting', pods: { primary: 0 } },
    asks: looks(' at least 1'),
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [whyEmpty] },
  },
  {
    title: 'then it runs',
    canary: inPhase('Succeeded', keda),
    seen: { revision: 'v1-three' },
    asks: [...repairs('100/0'), ...starts],
    ends: { ...started, becomes: { phase: 'Progressing', applied: 'v1-three', run: 'new', lastSlot: 100 } },
  },
  {
    title: 'in a run it keeps one at least',
    canary: inPhase('Progressing', keda),
    asks: [...repairs('100/0'), preRollout, 'ensureRoutes 90/10'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 10, ...spent },
      says: [
        'Starting canary analysis for podinfo.test',
        'Pre-rollout check acceptance-test passed',
        'Advance podinfo.test canary weight 10',
      ],
    },
  },
  {
    title: 'a size that is decided on goes before it',
    canary: inPhase('Promoting', { ...keda, weight: 50, sizing: [4, 0] }),
    seen: { pods: { primary: 4 } },
    asks: [...repairs('50/50', ' at least 4'), 'ensureRoutes 100/0'],
    ends: {
      outcome: 'advanced',
      becomes: { phase: 'Finalising', weight: 0, ...spent },
      says: ['Routing all traffic to primary'],
    },
  },
];

export const idlePrimary: Table = {
  about: 'A primary that KEDA takes to zero',
  rows,
};
