import { allRouted } from '../../../canary/notes.ts';
import { answers, checks, hooks, preRollout, repairs, spent } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase, whyWaiting } from '../situations.ts';

const { fails, refuses } = answers;

const blueGreen = { stepWeight: undefined, maxWeight: undefined, iterations: 2 } as const;
const gated = { ...blueGreen, ...hooks(['confirm-promotion', 'gate']) } as const;
const mirroring = { analysis: { ...blueGreen, mirror: true }, spec: { provider: 'istio' } } as const;
const kubernetes = { analysis: blueGreen, spec: { provider: 'kubernetes' } } as const;
const said = [allRouted] as const;
const starting = ['Starting canary analysis for podinfo.test', 'Pre-rollout check acceptance-test passed'];
const gate = 'callHook confirm-promotion gate';
const mirror = 'ensureRoutes 100/0 mirrored';
const copies = ['record Progressing promote', 'promote'];
const shut = {
  outcome: 'waiting',
  becomes: { phase: 'WaitingPromotion', ...spent },
  says: ['Halt podinfo.test advancement waiting for promotion approval gate'],
  tells: ['Canary promotion is waiting for approval.'],
} as const;
const copying = 'Copying podinfo.test template spec to podinfo-primary.test';

const rows: readonly Row[] = [
  {
    title: 'the first iteration is checked by the pre-rollout hooks, and no traffic moves',
    canary: inPhase('Progressing', { analysis: blueGreen }),
    asks: [...repairs('100/0'), preRollout],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 1, ...spent },
      says: [...starting, 'Advance podinfo.test canary iteration 1/2'],
    },
  },
  {
    title: 'each further iteration is checked beside the live traffic',
    canary: inPhase('Progressing', { analysis: blueGreen, iterations: 1 }),
    asks: [...repairs('100/0'), ...checks],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 2, ...spent },
      says: ['Advance podinfo.test canary iteration 2/2'],
    },
  },
  {
    title: 'after the last iteration all traffic goes to the canary, in a step of its own',
    canary: inPhase('Progressing', { analysis: blueGreen, iterations: 2 }),
    asks: [...repairs('100/0'), ...checks, 'ensureRoutes 0/100'],
    ends: { outcome: 'advanced', becomes: { iterations: 3, ...spent }, says: ['Routing all traffic to canary'] },
  },
  {
    title: 'then the revision is promoted, with all traffic on the canary',
    canary: inPhase('Progressing', { analysis: blueGreen, iterations: 3, said }),
    asks: [...repairs('0/100'), ...checks, ...copies],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', weight: 100, ...spent }, says: [copying] },
  },
  {
    title: 'the gate is asked before the traffic moves',
    canary: inPhase('Progressing', { analysis: gated, iterations: 2 }),
    asks: [...repairs('100/0'), ...checks, gate, 'ensureRoutes 0/100'],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 3, ...spent },
      says: ['Confirm-promotion check gate passed', 'Routing all traffic to canary'],
    },
  },
  {
    title: 'a gate that has been passed is not asked again',
    canary: inPhase('Progressing', { analysis: gated, iterations: 2 }),
    nth: 2,
    asks: [...repairs('0/100'), ...checks, ...copies],
    ends: {
      outcome: 'promoting',
      becomes: { phase: 'Promoting', weight: 100, lastSlot: 101, lastStep: 0 },
      says: [copying],
    },
  },
  {
    title: 'a shut gate keeps the iterations',
    canary: inPhase('Progressing', { analysis: gated, iterations: 2 }),
    facts: { [gate]: refuses() },
    asks: [...repairs('100/0'), ...checks, gate],
    ends: shut,
  },
  {
    title: 'in WaitingPromotion the gate is polled at every step, without an iteration in between',
    canary: inPhase('WaitingPromotion', { analysis: gated, iterations: 2 }),
    facts: { [gate]: refuses() },
    nth: 2,
    asks: [...repairs('100/0'), ...checks, gate],
    ends: { outcome: 'waiting', becomes: { lastSlot: 101, lastStep: 0 } },
  },
  {
    title: 'a gate that opens in WaitingPromotion moves the traffic',
    canary: inPhase('WaitingPromotion', { analysis: gated, iterations: 2 }),
    asks: [...repairs('100/0'), ...checks, gate, 'ensureRoutes 0/100'],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 3, ...spent },
      says: ['Confirm-promotion check gate passed', 'Routing all traffic to canary'],
    },
  },
  {
    title:
      'with more iterations than are asked for, after the number was lowered, all traffic goes to the canary first',
    canary: inPhase('Progressing', { analysis: blueGreen, iterations: 7 }),
    asks: [...repairs('100/0'), ...checks, 'ensureRoutes 0/100'],
    ends: { outcome: 'advanced', becomes: { iterations: 3, ...spent }, says: ['Routing all traffic to canary'] },
  },
  {
    title: 'a number that is lowered does not open the gate',
    canary: inPhase('Progressing', { analysis: gated, iterations: 7 }),
    facts: { [gate]: refuses() },
    asks: [...repairs('100/0'), ...checks, gate],
    ends: shut,
  },
  {
    title: 'not even while it is waited for',
    canary: inPhase('WaitingPromotion', { analysis: gated, iterations: 3 }),
    facts: { [gate]: refuses() },
    asks: [...repairs('100/0'), ...checks, gate],
    ends: { outcome: 'waiting', becomes: spent },
  },
  {
    title: 'a number that is raised after all traffic went to the canary takes it back and asks the gate again',
    canary: inPhase('Progressing', { analysis: { ...gated, iterations: 4 }, iterations: 3, said }),
    nth: 2,
    asks: [...repairs('100/0'), ...checks, gate, 'ensureRoutes 0/100'],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 5, lastSlot: 101, lastStep: 0 },
      says: ['Confirm-promotion check gate passed', 'Routing all traffic to canary'],
    },
  },
  {
    title: 'with a mirror the first iteration copies requests to the canary',
    canary: inPhase('Progressing', mirroring),
    asks: [...repairs('100/0'), preRollout, mirror],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 1, mirrored: true, ...spent },
      says: [...starting, 'Advance podinfo.test canary iteration 1/2'],
    },
  },
  {
    title: 'a mirror that cannot be written is said, and the iteration counts without it',
    canary: inPhase('Progressing', { ...mirroring, iterations: 1 }),
    facts: { [mirror]: fails('invalid', 'patch httproutes: denied by a webhook') },
    asks: [...repairs('100/0'), ...checks, mirror],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 2, ...spent },
      says: ['patch httproutes: denied by a webhook', 'Advance podinfo.test canary iteration 2/2'],
    },
  },
  {
    title: 'a lost race over the mirror ends the step: the next one sees what the route has become',
    canary: inPhase('Progressing', { ...mirroring, iterations: 1 }),
    facts: { [mirror]: fails('conflict', 'the object has been modified') },
    asks: [...repairs('100/0'), ...checks, mirror],
    ends: { outcome: 'stopped' },
  },
  {
    title: 'the mirror stays on during the iterations',
    canary: inPhase('Progressing', { ...mirroring, iterations: 1, mirrored: true }),
    asks: [...repairs('100/0 mirrored'), ...checks],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 2, ...spent },
      says: ['Advance podinfo.test canary iteration 2/2'],
    },
  },
  {
    title: 'nothing is copied to a canary that is not ready',
    canary: inPhase('Progressing', { ...mirroring, iterations: 1, mirrored: true }),
    seen: { target: 'waiting' },
    asks: repairs('100/0'),
    ends: {
      outcome: 'stopped',
      becomes: { waited: 0 },
      says: [`canary deployment podinfo.test not ready: ${whyWaiting}`],
    },
  },
  {
    title: 'the mirror ends when all traffic goes to the canary',
    canary: inPhase('Progressing', { ...mirroring, iterations: 2, mirrored: true }),
    asks: [...repairs('100/0 mirrored'), ...checks, 'ensureRoutes 0/100'],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 3, mirrored: false, ...spent },
      says: ['Stop traffic mirroring and route all traffic to canary'],
    },
  },
  {
    title: 'on the kubernetes provider the step that routes all traffic says nothing',
    canary: inPhase('Progressing', { ...kubernetes, iterations: 2 }),
    asks: [...repairs('100/0'), ...checks],
    ends: { outcome: 'advanced', becomes: { iterations: 3, ...spent } },
  },
  {
    title: 'and the traffic stays with the primary',
    canary: inPhase('Progressing', { ...kubernetes, iterations: 3, said }),
    asks: [...repairs('100/0'), ...checks, ...copies],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', ...spent }, says: [copying] },
  },
  {
    title:
      'a canary that has all traffic from a promotion that failed keeps it through the iterations, without a mirror',
    canary: inPhase('Progressing', { ...mirroring, weight: 100, iterations: 1 }),
    asks: [...repairs('0/100'), ...checks],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 2, ...spent },
      says: ['Advance podinfo.test canary iteration 2/2'],
    },
  },
];

export const blueGreenStrategy: Table = { about: 'Blue/Green', rows };
