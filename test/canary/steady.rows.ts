import { autoscaled, held, repairs } from './autoscaled.ts';
import { checks, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase, whyStuck, whyWaiting } from './situations.ts';

const scaledDown = 'Canary failed! Scaling down podinfo.test';
const failed = { phase: 'Failed', weight: 0, failedChecks: 0, decision: undefined } as const;

const canaryWaits = (why: string): string => `canary deployment podinfo.test not ready: ${why}`;

const steadyRows: readonly Row[] = [
  {
    title: 'more canary pods than were ready once, asked for by an autoscaler, are not waited for',
    canary: inPhase('Progressing', { ...autoscaled, weight: 20, steady: { canary: 2, primary: 2 }, waited: 60_000 }),
    seen: { target: 'stuck', pods: { target: 4, primary: 2 }, available: { target: 2 } },
    asks: [...repairs('80/20'), ...checks, 'ensureRoutes 70/30'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 30, waited: undefined, ...spent },
      says: ['Advance podinfo.test canary weight 30'],
    },
  },
  {
    title: 'nor are more pods of the primary',
    canary: inPhase('Progressing', { ...autoscaled, weight: 20, steady: { canary: 2, primary: 2 } }),
    seen: { primary: 'waiting', pods: { target: 2, primary: 4 }, available: { primary: 3 } },
    asks: [...repairs('80/20'), ...checks, 'ensureRoutes 70/30'],
    ends: { outcome: 'advanced', becomes: { weight: 30, ...spent }, says: ['Advance podinfo.test canary weight 30'] },
  },
  {
    title: 'fewer ready pods than once were is another thing',
    canary: inPhase('Progressing', { ...autoscaled, weight: 20, steady: { canary: 2, primary: 2 } }),
    seen: { target: 'waiting', pods: { target: 4, primary: 2 }, available: { target: 1 } },
    asks: repairs('80/20'),
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [canaryWaits(whyWaiting)] },
  },
  {
    title: 'pods that were never ready at the wanted count are waited for until the deadline',
    canary: inPhase('Progressing', { ...autoscaled, weight: 20 }),
    seen: { target: 'stuck', pods: { target: 4, primary: 2 }, available: { target: 2 } },
    asks: [
      ...repairs('80/20'),
      'record Progressing rollback',
      'record Progressing rollback sized',
      'sizePrimary 6',
      'ensureRoutes 100/0',
      'scaleTarget zero',
    ],
    ends: {
      outcome: 'rolledBack',
      becomes: { ...failed, ...held(6) },
      says: [
        canaryWaits(whyStuck),
        `Rolling back podinfo.test progress deadline exceeded ${canaryWaits(whyStuck)}`,
        scaledDown,
      ],
      tells: [`Progress deadline exceeded ${canaryWaits(whyStuck)}`],
      counts: ['failure completed'],
    },
  },
];

export const steadyPods: Table = { about: 'Pods that were ready once', rows: steadyRows };
