import { answers, hooks, preRollout, repairs, repairsNothingLive, spent } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase, whyStuck } from '../situations.ts';

const { fails } = answers;

const primary = (why: string): string => `podinfo-primary.test not ready: ${why}`;
const restarted = {
  outcome: 'restarted',
  says: ['New revision detected! Restarting analysis for podinfo.test'],
} as const;

const revisionRows: readonly Row[] = [
  ...(['Progressing', 'WaitingPromotion'] as const).map(
    (phase): Row => ({
      title: `a new revision in ${phase} starts the analysis over, and no gate is asked again`,
      canary: inPhase(phase, { weight: 30, failedChecks: 2, analysis: hooks(['confirm-rollout', 'gate']) }),
      seen: { revision: 'v1-three', target: 'stuck' },
      // A restart that was interrupted may have taken the share away already: it is not given to pods that are not ready.
      asks: [...repairs('70/30').filter((ask) => ask !== 'ensureRoutes 70/30'), 'ensureRoutes 100/0'],
      ends: {
        ...restarted,
        becomes: {
          phase: 'Progressing',
          weight: 0,
          failedChecks: 0,
          applied: 'v1-three',
          run: 'new',
          ...spent,
        },
      },
    }),
  ),
  {
    title: 'a new revision without pods is given no share back',
    canary: inPhase('Progressing', { weight: 30 }),
    seen: { revision: 'v1-three', target: 'none' },
    asks: ['observeTarget', 'ensureServices', 'ensureApex', 'ensureRoutes 100/0'],
    ends: { ...restarted, becomes: { weight: 0, applied: 'v1-three', run: 'new', ...spent } },
  },
  {
    title: 'a target that was taken back to the promoted template in mid-run is analysed from the beginning',
    canary: inPhase('Progressing', { weight: 30 }),
    seen: { revision: 'v1-one' },
    asks: [...repairs('70/30'), 'ensureRoutes 100/0'],
    ends: { ...restarted, becomes: { weight: 0, applied: 'v1-one', run: 'new', ...spent } },
  },
  {
    title: 'changed configs start the analysis over',
    canary: inPhase('Progressing', { weight: 30, configs: { 'secret/podinfo': '9fc3a7c76acaa7c6' } }),
    seen: { configs: {} },
    asks: [...repairs('70/30'), 'ensureRoutes 100/0'],
    ends: { ...restarted, becomes: { weight: 0, configs: {}, run: 'new', ...spent } },
  },
  {
    title: 'configs that are tracked no more do not start it over',
    canary: inPhase('Progressing', { configs: { 'secret/podinfo': '9fc3a7c76acaa7c6' } }),
    seen: { configs: undefined },
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
    title: 'a new revision of a run that has no ready primary keeps the traffic that it has',
    canary: inPhase('Progressing', { weight: 100, said: ['began without a ready primary'] }),
    seen: { revision: 'v1-three', primary: 'stuck' },
    asks: repairsNothingLive,
    ends: {
      ...restarted,
      becomes: { applied: 'v1-three', run: 'new', ...spent },
      says: [primary(whyStuck), ...restarted.says],
    },
  },
  {
    title: 'routes that cannot be taken back leave the restart for the next step',
    canary: inPhase('Progressing', { weight: 30 }),
    seen: { revision: 'v1-three' },
    facts: { 'ensureRoutes 100/0': fails('unavailable', 'routes: no answer') },
    asks: [...repairs('70/30'), 'ensureRoutes 100/0'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: ['routes: no answer'] },
  },
  {
    title: 'a target that cannot be read stops the step: it is not known whether it changed',
    canary: inPhase('Progressing', { weight: 50 }),
    facts: { observeTarget: fails('unavailable', 'get deployments: no answer') },
    asks: ['observeTarget'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: ['get deployments: no answer'] },
  },
];

export const revisions: Table = {
  about: 'Progressing and WaitingPromotion: new revisions',
  rows: revisionRows,
};
