import type { Canary } from '../../canary/canary.ts';
import { checks, repairs, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase, running } from './situations.ts';

const interval = 30_000;
const suspended = { spec: { suspend: true } } as const;
const advanced = {
  outcome: 'advanced',
  becomes: { weight: 30, ...spent },
  says: ['Advance podinfo.test canary weight 30'],
} as const;
const steps = [...repairs('80/20'), ...checks, 'ensureRoutes 70/30'];

function withCondition(canary: Canary): Canary {
  const at = '2026-03-01T11:00:00.000Z';
  const times = { lastUpdateTime: at, lastTransitionTime: at };
  const ready = { type: 'Ready', status: 'True', reason: 'Succeeded', message: 'before', ...times } as const;
  return { ...canary, status: { ...canary.status, conditions: [ready] } };
}

const suspensionRows: readonly Row[] = [
  {
    title: 'a suspended Canary does nothing and says so',
    canary: inPhase('Progressing', { ...suspended, weight: 20 }),
    asks: [],
    ends: { outcome: 'suspended', says: ['skipping canary run as object is suspended'] },
  },
  {
    title: 'the time of a suspension counts towards no deadline',
    canary: inPhase('Progressing', { ...suspended, weight: 20, waited: 59_000 }),
    asks: [],
    ends: {
      outcome: 'suspended',
      becomes: { waited: undefined },
      says: ['skipping canary run as object is suspended'],
    },
  },
  {
    title: 'while it stays suspended that is not said again',
    canary: inPhase('Progressing', { ...suspended, weight: 20 }),
    nth: 2,
    asks: [],
    ends: { outcome: 'suspended', becomes: {} },
  },
  {
    title: 'a condition of before the suspension does not say it',
    canary: withCondition(inPhase('Succeeded', suspended)),
    asks: [],
    ends: { outcome: 'suspended', says: ['skipping canary run as object is suspended'] },
  },
  {
    title: 'a new Canary may be suspended before its first step',
    canary: inPhase(undefined, suspended),
    asks: [],
    ends: { outcome: 'suspended', says: ['skipping canary run as object is suspended'] },
  },
];

const distanceRows: readonly Row[] = [
  ...running.map(
    (phase): Row => ({
      title: `a slot advances a run once: the second step of a slot in ${String(phase)} does nothing`,
      canary: inPhase(phase, { weight: 20, lastSlot: 100, lastStep: interval }),
      asks: [],
      ends: { outcome: 'tooEarly' },
    }),
  ),
  {
    title: 'a step closer than 0.9 interval to the last does nothing',
    canary: inPhase('Progressing', { weight: 20, lastStep: 0.9 * interval - 1 }),
    asks: [],
    ends: { outcome: 'tooEarly' },
  },
  {
    title: 'a step at 0.9 interval is taken',
    canary: inPhase('Progressing', { weight: 20, lastStep: 0.9 * interval }),
    asks: steps,
    ends: advanced,
  },
  {
    title: 'a step that is late is taken',
    canary: inPhase('Progressing', { weight: 20, lastStep: 10 * interval, lastSlot: 90 }),
    asks: steps,
    ends: advanced,
  },
  {
    title: 'a step less than 0.9 interval before the last, as clocks differ a little, does nothing',
    canary: inPhase('Progressing', { weight: 20, lastStep: 1 - 0.9 * interval }),
    asks: [],
    ends: { outcome: 'tooEarly' },
  },
  {
    title: 'a step whose last one lies in the future is taken: a clock was ahead and has been corrected',
    canary: inPhase('Progressing', { weight: 20, lastStep: -10 * interval, lastSlot: 110 }),
    asks: steps,
    ends: advanced,
  },
  {
    title: 'a canary that settled in this slot is looked at again: nothing is spent there',
    canary: inPhase('Succeeded', { lastSlot: 100 }),
    asks: repairs('100/0'),
    ends: { outcome: 'settled' },
  },
  {
    title: 'a running phase without bookkeeping, written by another controller, is not too early',
    canary: inPhase('Progressing', { isForeign: true, applied: '5f56684589' }),
    asks: repairs('100/0'),
    ends: {
      outcome: 'restarted',
      becomes: { applied: 'v1-two', run: 'new', ...spent },
      says: ['New revision detected! Restarting analysis for podinfo.test'],
    },
  },
];

export const occasions: Table = {
  about: 'Whether a step is taken',
  rows: [...suspensionRows, ...distanceRows],
};
