import { autoscaled, held, inProgress, pods, repairs } from './autoscaled.ts';
import { answers, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase } from './situations.ts';

const { fails, is } = answers;

const raised = is({ raised: true });
const scaledDown = 'Canary failed! Scaling down podinfo.test';
const decision = { kind: 'rollback', cause: 'FailedChecks' } as const;
const failed = { phase: 'Failed', weight: 0, failedChecks: 0, decision: undefined } as const;
const forRollback = "The primary is given 5 pods before the canary's traffic comes back.";

const rollbackRows: readonly Row[] = [
  {
    title: 'a rollback gives the primary the pods first and holds a large share until they are there',
    canary: inPhase('Progressing', { ...autoscaled, weight: 50, failedChecks: 5, decision }),
    seen: { pods },
    facts: { 'sizePrimary 5': raised },
    asks: ['observeTarget', 'record Progressing rollback sized', 'sizePrimary 5'],
    ends: {
      outcome: 'stopped',
      becomes: { ...held(5), waited: 0 },
      readySays: `${inProgress} ${forRollback}`,
    },
  },
  {
    title: 'a smaller share goes back at once, while the pods start',
    canary: inPhase('Progressing', { ...autoscaled, weight: 40, failedChecks: 5, decision }),
    seen: { pods },
    facts: { 'sizePrimary 5': raised },
    asks: [
      'observeTarget',
      'record Progressing rollback sized',
      'sizePrimary 5',
      'ensureRoutes 100/0',
      'scaleTarget zero',
    ],
    ends: {
      outcome: 'rolledBack',
      becomes: { ...failed, ...held(5) },
      says: [scaledDown],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a canary whose pods do not answer loses its share at once',
    canary: inPhase('Progressing', { ...autoscaled, weight: 50, decision }),
    seen: { pods, target: 'stuck' },
    facts: { 'sizePrimary 5': raised },
    asks: [
      'observeTarget',
      'record Progressing rollback sized',
      'sizePrimary 5',
      'ensureRoutes 100/0',
      'scaleTarget zero',
    ],
    ends: {
      outcome: 'rolledBack',
      becomes: { ...failed, ...held(5) },
      says: [scaledDown],
      counts: ['failure completed'],
    },
  },
  {
    title: 'when the pods are there the share goes back, and the size is the one that was decided',
    canary: inPhase('Progressing', { ...autoscaled, weight: 50, decision, sizing: [5, 15_000], waited: 15_000 }),
    seen: { pods: { target: 3, primary: 5 } },
    asks: ['observeTarget', 'sizePrimary 5', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: { ...failed, ...held(5), waited: undefined },
      says: [scaledDown],
      counts: ['failure completed'],
    },
  },
  {
    title: 'pods that are still starting are waited for within one interval',
    canary: inPhase('Progressing', {
      ...autoscaled,
      weight: 50,
      decision,
      sizing: [5, 15_000],
      waited: 15_000,
      steady: { primary: 2 },
    }),
    seen: { pods: { target: 3, primary: 5 }, primary: 'waiting', available: { primary: 2 } },
    asks: ['observeTarget', 'sizePrimary 5'],
    ends: { outcome: 'stopped', readySays: `${inProgress} ${forRollback}` },
  },
  {
    title: 'and no longer: what is rolled back is bad, and the pods of before are ready',
    canary: inPhase('Progressing', {
      ...autoscaled,
      weight: 50,
      decision,
      sizing: [5, 27_000],
      waited: 27_000,
      steady: { primary: 2 },
    }),
    seen: { pods: { target: 3, primary: 5 }, primary: 'waiting', available: { primary: 2 } },
    asks: ['observeTarget', 'sizePrimary 5', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: { ...failed, ...held(5), waited: undefined },
      says: [scaledDown],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a size that cannot be had is said, and holds nothing up',
    canary: inPhase('Progressing', { ...autoscaled, weight: 50, decision }),
    seen: { pods },
    facts: { 'sizePrimary 5': fails('forbidden', 'patch deployments: forbidden') },
    asks: [
      'observeTarget',
      'record Progressing rollback sized',
      'sizePrimary 5',
      'ensureRoutes 100/0',
      'scaleTarget zero',
    ],
    ends: {
      outcome: 'rolledBack',
      becomes: { ...failed, ...held(5) },
      says: ['patch deployments: forbidden', scaledDown],
      counts: ['failure completed'],
    },
  },
  {
    title:
      'a run that starts over gives the primary its size, and does not wait: the canary\u2019s pods are being replaced',
    canary: inPhase('Progressing', { ...autoscaled, weight: 50 }),
    seen: { pods, revision: 'v1-three' },
    facts: { 'sizePrimary 5': raised },
    asks: [...repairs('50/50'), 'sizePrimary 5', 'ensureRoutes 100/0'],
    ends: {
      outcome: 'restarted',
      becomes: { weight: 0, applied: 'v1-three', run: 'new', ...held(5), ...spent },
      says: ['New revision detected! Restarting analysis for podinfo.test'],
    },
  },
];

export const rollbackSizing: Table = { about: 'The size of the primary: roll-back and restart', rows: rollbackRows };
