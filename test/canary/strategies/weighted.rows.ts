import { checks, hooks, preRollout, repairs, spent } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase } from '../situations.ts';
import type { Situation } from '../situations.ts';

const starting = ['Starting canary analysis for podinfo.test', 'Pre-rollout check acceptance-test passed'];
const steps = (...stepWeights: readonly number[]): object => ({ stepWeight: undefined, stepWeights });
const copies = ['record Progressing promote', 'promote'];
const copying = 'Copying podinfo.test template spec to podinfo-primary.test';

/** A step that passes its checks and moves the weight. */
function moves(title: string, situation: Situation & { readonly weight: number }, to: number): Row {
  const { weight } = situation;
  const isFirst = weight === 0;
  return {
    title,
    canary: inPhase('Progressing', situation),
    asks: [
      ...repairs(`${100 - weight}/${weight}`),
      ...(isFirst ? [preRollout] : checks),
      `ensureRoutes ${100 - to}/${to}`,
    ],
    ends: {
      outcome: 'advanced',
      becomes: { weight: to, ...spent },
      says: [...(isFirst ? starting : []), `Advance podinfo.test canary weight ${to}`],
    },
  };
}

/** A step that passes its checks at the maximum. */
const promotes = (title: string, situation: Situation & { readonly weight: number }): Row => ({
  title,
  canary: inPhase('Progressing', situation),
  asks: [...repairs(`${100 - situation.weight}/${situation.weight}`), ...checks, ...copies],
  ends: { outcome: 'promoting', becomes: { phase: 'Promoting', ...spent }, says: [copying] },
});

const stepRows: readonly Row[] = [
  moves('the first step gives the canary its first share', { weight: 0 }, 10),
  moves('each step adds stepWeight', { weight: 40 }, 50),
  moves('the last step may pass maxWeight', { weight: 40, analysis: { stepWeight: 20 } }, 60),
  moves('no step passes 100', { weight: 80, analysis: { stepWeight: 150, maxWeight: 100 } }, 100),
  promotes('at maxWeight the revision is promoted', { weight: 50 }),
  promotes('a weight beyond maxWeight, which was lowered in mid-run, is at the maximum', { weight: 60 }),
  moves('stepWeights are taken in their order', { weight: 0, analysis: steps(1, 10, 60) }, 1),
  moves('from one entry to the next', { weight: 10, analysis: steps(1, 10, 60) }, 60),
  moves(
    'a weight that is not in the list moves to the next larger entry',
    { weight: 5, analysis: steps(1, 10, 60) },
    10,
  ),
  promotes('the last entry is the maximum', { weight: 60, analysis: steps(1, 10, 60) }),
  promotes('a weight beyond the list is at the maximum and never jumps to 100', {
    weight: 70,
    analysis: steps(1, 10, 60),
  }),
  moves(
    'maxWeight does not count beside stepWeights',
    { weight: 10, analysis: { ...steps(1, 10, 60), maxWeight: 5 } },
    60,
  ),
];

const mirrored = { analysis: { mirror: true }, spec: { provider: 'istio' } } as const;

const mirrorRows: readonly Row[] = [
  {
    title: 'with a mirror the first step copies requests and moves no traffic',
    canary: inPhase('Progressing', mirrored),
    asks: [...repairs('100/0'), preRollout, 'ensureRoutes 100/0 mirrored'],
    ends: {
      outcome: 'advanced',
      becomes: { mirrored: true, ...spent },
      says: [...starting, 'Advance podinfo.test canary weight 0'],
    },
  },
  {
    title: 'the second step checks what the mirror brought, ends it and moves the first share',
    canary: inPhase('Progressing', { ...mirrored, mirrored: true }),
    asks: [...repairs('100/0 mirrored'), ...checks, 'ensureRoutes 90/10'],
    ends: {
      outcome: 'advanced',
      becomes: { mirrored: false, weight: 10, ...spent },
      says: ['Advance podinfo.test canary weight 10'],
    },
  },
  {
    title: 'the traffic gate is not asked to end the mirror',
    canary: inPhase('Progressing', {
      ...mirrored,
      analysis: { mirror: true, ...hooks(['confirm-traffic-increase', 'gate']) },
      mirrored: true,
    }),
    asks: [...repairs('100/0 mirrored'), ...checks, 'ensureRoutes 90/10'],
    ends: {
      outcome: 'advanced',
      becomes: { mirrored: false, weight: 10, ...spent },
      says: ['Advance podinfo.test canary weight 10'],
    },
  },
  moves('from then on there is no mirror', { ...mirrored, weight: 10 }, 20),
];

export const weighted: Table = { about: 'Weighted', rows: [...stepRows, ...mirrorRows] };
